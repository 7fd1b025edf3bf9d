#!/bin/sh
# Shows on the sample prompts that grpo, ppo and spo learn, three seeds each, in about 15 minutes on two cores:
# supervised training on answers of which four in nine are wordy ("I think it is 7.") leaves a decoder that
# answers now so, now so; the reward wants the answer alone. Prints how many held-out answers are right before
# and after and how far the policy has gone from where it began, and draws the curves.
#   host/learning.sh [FOLDER]          keeps everything in FOLDER; without one in a temporary folder
#   SEEDS="1 2 3 4 5" host/learning.sh other seeds
#   STAGES=grpo host/learning.sh       one algorithm
set -eu
host=$(cd "$(dirname "$0")" && pwd)/bin/host
folder=${1:-$(mktemp -d)}
seeds=${SEEDS:-1 2 3}
stages=${STAGES:-grpo ppo spo}
mkdir -p "$folder"
cd "$folder"
echo "in $folder"

right() { # WEIGHT: percent of held-out answers that are right
  "$host" eval --weight "$1" --data_path out/sample/rlaif-heldout.jsonl 2>/dev/null |
    awk '/exact match/ { print $3 }'
}
last() { # COLUMN RUN: mean of a column's last five rows
  sed -n "s/.*\"$1\":\([-0-9.E]*\).*/\1/p" "out/$2_128/metrics.jsonl" |
    awk '{ value[NR] = $1 } END { for (i = NR - 4; i <= NR; i++) sum += value[i]; printf "%.3f", sum / 5 }'
}

[ -e out/pretrain_128.safetensors ] || "$host" --stage pretrain > pretrain.log 2>&1
if [ ! -e out/wordy_128.safetensors ]; then
  "$host" --stage sft --max_steps 1 --save_weight first > sft.log 2>&1 # writes the sample conversations
  wordy='s/"role":"assistant","content":"\([^"]*\)"}\],"task"/"role":"assistant","content":"I think it is \1."}],"task"/'
  sed -e "1~9$wordy" -e "3~9$wordy" -e "5~9$wordy" -e "7~9$wordy" out/sample/sft.jsonl > wordy.jsonl
  "$host" --stage sft --data_path wordy.jsonl --val_path out/sample/sft-heldout.jsonl --max_seq_len 128 \
    --batch_size 32 --learning_rate 2e-3 --warmup_steps 20 --epochs 3 --save_weight wordy >> sft.log 2>&1
fi
for stage in $stages; do
  logs=
  for seed in $seeds; do
    run=${stage}_$seed
    begun=$(date +%s)
    "$host" --stage "$stage" --from_weight wordy --seed "$seed" --save_weight "$run" --log_interval 1 \
      --eval_interval 10 > "$run.log" 2>&1
    seconds=$(($(date +%s) - begun))
    # Each seed has prompts of its own.
    echo "$stage, seed $seed: $(right wordy) % right before, $(right "$run") % after," \
      "KL to the reference $(last kl "$run") nats a token, $seconds s"
    logs="$logs out/${run}_128"
  done
  # shellcheck disable=SC2086 # one word a log
  "$host" plot $logs --columns reward,eval_reward,kl --smooth 5 --out "$stage.svg"
done
