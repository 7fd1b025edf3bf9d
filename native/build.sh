#!/usr/bin/env bash
# Compiles the shim into the folder that the jar is made of: build.sh OUTPUT_FOLDER (Maven calls it).
# CMake decides what is out of date, so a second call takes a second.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
output=$1
build=$here/target/cmake
prefix=$("$here/setup.sh" --print)
log=$here/target/cmake.log
mkdir -p "$here/target" "$output"

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) platform=linux-x86_64 ;;
  Linux-aarch64) platform=linux-aarch64 ;;
  *) echo "error: native/build.sh knows Linux on x86_64 and aarch64, this is $(uname -s) on $(uname -m)" >&2; exit 70 ;;
esac

# A build folder made for another LibTorch or another checkout is of no use.
stamp=$here/target/cmake.prefix
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$prefix $here" ]; then
  rm -rf "$build"
  echo "$prefix $here" > "$stamp"
fi
if ! { cmake -S "$here" -B "$build" -DCMAKE_PREFIX_PATH="$prefix" && cmake --build "$build" -j "$(nproc)"; } > "$log" 2>&1; then
  grep -nE 'error|Error' "$log" | head -20 >&2 || true
  echo "error: the native library could not be built against $prefix; the whole output is in $log" >&2
  exit 70
fi
mkdir -p "$output/native/$platform"
# An unchanged file keeps its time, so that nothing after it is rebuilt.
cmp -s "$build/libpanamind.so" "$output/native/$platform/libpanamind.so" || cp "$build/libpanamind.so" "$output/native/$platform/"
