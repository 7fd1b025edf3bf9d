#!/usr/bin/env bash
# Finds LibTorch and the tools that compile native/, and installs what is missing where apt-get can.
#   native/setup.sh               make sure that native/ can be compiled
#   native/setup.sh --with-tests  also what the tests compare with (Debian's python3-torch)
#   native/setup.sh --print       print LibTorch's folder (a CMake prefix); installs nothing
# Looked for in this order: $LIBTORCH, a python3 that imports torch, the system's libtorch-dev.
# Idempotent. Exit codes: 0 ready, 64 usage or a LIBTORCH that is none, 70 missing and not installable.
set -euo pipefail

fail() { echo "error: $2" >&2; exit "$1"; }
note() { echo "setup: $*" >&2; }

with_tests=no
print=no
for argument in "$@"; do
  case $argument in
    --with-tests) with_tests=yes ;;
    --print) print=yes ;;
    -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) fail 64 "unknown option $argument; known are --with-tests, --print" ;;
  esac
done

# Debian's python3-torch holds no CMake files of its own: those are libtorch-dev's, under the
# multiarch folder, so such a Python counts as the system's LibTorch.
is_prefix() { [ -f "$1/share/cmake/Torch/TorchConfig.cmake" ]; }

system_libtorch() {
  local config
  for config in /usr/lib/*/cmake/Torch/TorchConfig.cmake /usr/lib/cmake/Torch/TorchConfig.cmake \
    /usr/share/cmake/Torch/TorchConfig.cmake; do
    if [ -f "$config" ]; then
      echo /usr
      return
    fi
  done
}

# Asks where torch lies without importing it, which would take seconds.
python_torch() {
  "$1" -c 'import importlib.util as u
s = u.find_spec("torch")
print(s.submodule_search_locations[0] if s and s.submodule_search_locations else "")' 2>/dev/null || true
}

find_libtorch() {
  local python folder
  if [ -n "${LIBTORCH:-}" ]; then
    is_prefix "$LIBTORCH" || fail 64 "LIBTORCH is $LIBTORCH, which has no share/cmake/Torch/TorchConfig.cmake; \
give the unpacked LibTorch or the torch folder of a Python environment, or unset LIBTORCH"
    (cd "$LIBTORCH" && pwd)
    return
  fi
  for python in python3 /usr/bin/python3; do
    if command -v "$python" >/dev/null 2>&1; then
      folder=$(python_torch "$python")
      if [ -n "$folder" ] && is_prefix "$folder"; then
        echo "$folder"
        return
      fi
    fi
  done
  system_libtorch
}

# Debian's reference BLAS, which libtorch1.13 pulls by itself, is about 30 times slower than OpenBLAS.
has_fast_blas() {
  local library
  for library in /usr/lib/*/openblas-*/libblas.so.3 /usr/lib/*/blis-*/libblas.so.3 /usr/lib/*/libmkl_rt.so*; do
    if [ -e "$library" ]; then return 0; fi
  done
  return 1
}

has_python_torch() {
  local python
  for python in python3 /usr/bin/python3; do
    if command -v "$python" >/dev/null 2>&1 && [ -n "$(python_torch "$python")" ]; then return 0; fi
  done
  return 1
}

libtorch=$(find_libtorch)

if [ "$print" = yes ]; then
  [ -n "$libtorch" ] || fail 70 "no LibTorch found (tried LIBTORCH, python3's torch, libtorch-dev); run native/setup.sh"
  echo "$libtorch"
  exit 0
fi

packages=()
if [ -z "$libtorch" ]; then packages+=(libtorch-dev); fi
if [ -z "$libtorch" ] || [ "$libtorch" = /usr ]; then
  # Debian's LibTorch wants the headers of Gloo, which are a package of their own.
  if [ ! -d /usr/include/gloo ]; then packages+=(libgloo-dev); fi
  if ! has_fast_blas; then packages+=(libopenblas0-pthread); fi
fi
if ! command -v cmake >/dev/null 2>&1; then packages+=(cmake); fi
if ! command -v g++ >/dev/null 2>&1 && ! command -v c++ >/dev/null 2>&1; then packages+=(g++); fi
if ! command -v make >/dev/null 2>&1 && ! command -v ninja >/dev/null 2>&1; then packages+=(make); fi
if [ "$with_tests" = yes ] && ! has_python_torch; then packages+=(python3-torch); fi

if [ ${#packages[@]} -gt 0 ]; then
  list="${packages[*]}"
  command -v apt-get >/dev/null 2>&1 || fail 70 "missing: $list (names of Debian packages), and there is no apt-get here. \
Install them in this system's way; for LibTorch, unpack one and set LIBTORCH to its folder, or install torch for python3"
  root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
      fail 70 "missing: $list; run as root: apt-get update && apt-get install --no-install-recommends $list"
    fi
    root=(sudo)
  fi
  note "installing $list (about 1 to 3 minutes)"
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  # A stale or unreachable package source need not be the one that matters: the install decides.
  "${root[@]}" apt-get -q update >"$log" 2>&1 || note "apt-get update reported: $(grep -m1 '^[EW]:' "$log" || echo failure)"
  if ! "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y --no-install-recommends install "${packages[@]}" >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    fail 70 "apt-get could not install $list; its last lines stand above"
  fi
  libtorch=$(find_libtorch)
  [ -n "$libtorch" ] || fail 70 "libtorch-dev is installed, but no Torch/TorchConfig.cmake lies under /usr/lib/*/cmake; \
unpack a LibTorch and set LIBTORCH to its folder"
  note "done; LibTorch at $libtorch"
fi
