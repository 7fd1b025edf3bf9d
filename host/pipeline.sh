#!/bin/sh
# Runs the supervised pipeline on the sample data, presets only, and prints what each stage brought.
#   host/pipeline.sh [--seed N] [FOLDER]    FOLDER (default: a new one under /tmp) takes weights, logs and figures
# About 12 minutes on two cores. Exit codes: that of a command that failed; 1 where an effect is missing.
set -eu

host=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)/bin/host
seed=42
folder=
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) sed -n '2,4s/^# \{0,1\}//p' "$0"; exit 0 ;;
    --seed) seed=${2:?--seed wants a number}; shift ;;
    -*) echo "error: unknown option $1; known is --seed" >&2; exit 64 ;;
    *) folder=$1 ;;
  esac
  shift
done
if [ -z "$folder" ]; then folder=$(mktemp -d "${TMPDIR:-/tmp}/panamind.XXXXXX"); fi
mkdir -p "$folder/log"
cd "$folder"
echo "pipeline: seed $seed, in $PWD" >&2

# run NAME ARGUMENT...: host with these arguments, its output in log/NAME.
run() {
  name=$1
  shift
  echo "pipeline: $name" >&2
  "$host" "$@" >"log/$name" 2>&1 && return
  code=$?
  echo "pipeline: host $* ended with $code; the end of $PWD/log/$name:" >&2
  tail -n 5 "log/$name" >&2
  exit "$code"
}

# stage NAME [FLAG...]: a stage with its preset.
stage() {
  name=$1
  shift
  run "$name" --stage "$name" --seed "$seed" "$@"
}

# measure NAME SAMPLE [FLAG...]: host eval on what is held out of a sample.
measure() {
  name=$1
  sample=$2
  shift 2
  run "eval-$name" eval --data_path "out/sample/$sample-heldout.jsonl" --output "log/$name.json" "$@"
}

# percent NAME KEY: a figure of a measurement; of a task its exact match.
percent() {
  awk -v key="\"$2\" :" '
    done || !index($0, key) { next }
    /\{/ { key = "\"exact_match\" :"; next }
    { sub(/.*: */, ""); printf "%.1f", 100 * $0; done = 1 }' "log/$1.json"
}

rm -f log/table
missing=0
# effect NAME BEFORE AFTER WANTED: a row of the table. WANTED is said to the user and to awk alike.
effect() {
  seen=$(awk -v before="$2" -v after="$3" "BEGIN { print ($4) ? \"yes\" : \"no\" }")
  [ "$seen" = yes ] || missing=1
  printf '| %s | %s | %s | %s | %s |\n' "$1" "$2" "$3" "$4" "$seen" >>log/table
}

run tokenizer --stage tokenizer
stage pretrain

stage sft
measure pretrain sft --weight pretrain
measure sft sft --weight full_sft
effect 'sft: tasks answered exactly' "$(percent pretrain exact_match)" "$(percent sft exact_match)" \
  'before < 10 && after > 60'

stage lora
measure base-identity lora_identity --weight full_sft
measure lora-identity lora_identity --weight full_sft --lora_weight lora_identity
measure lora-tasks sft --weight full_sft --lora_weight lora_identity
effect 'lora: questions about itself' "$(percent base-identity identity)" "$(percent lora-identity identity)" \
  'after > 90'
effect 'lora: the tasks of sft' "$(percent sft exact_match)" "$(percent lora-tasks exact_match)" 'before - after < 10'

stage dpo
measure base-dpo dpo --weight full_sft
measure dpo dpo --weight dpo
effect 'dpo: the preferred answer is likelier' "$(percent base-dpo preference_accuracy)" \
  "$(percent dpo preference_accuracy)" 'before < 60 && after > 80'

stage distill
run alone --stage distill --seed "$seed" --alpha 1 --save_weight alone
measure alone sft --weight alone
measure distill sft --weight full_dist
effect 'distill: the student alone, with its teacher' "$(percent alone exact_match)" \
  "$(percent distill exact_match)" 'after > before'

stage distill_reason
measure base-reason distill_reason --weight dpo
measure reason distill_reason --weight reason
effect 'distill_reason: well-formed reasoning' "$(percent base-reason well_formed)" "$(percent reason well_formed)" \
  'after > 80'

echo 'What is 3 + 4?' | "$host" chat --weight full_sft --temperature 0 >log/chat 2>/dev/null

echo "| held-out, in percent, seed $seed | before | after | wanted | seen |"
echo '| --- | --- | --- | --- | --- |'
cat log/table
echo
echo "asked what 3 + 4 is, full_sft answers: $(cat log/chat)"
exit "$missing"
