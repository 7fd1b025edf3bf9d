#!/bin/sh
# Kills runs of every stage at random moments, 20 times each on one rank and on two, lets them go on, and
# compares losses and weights with those of a run that was not killed, bit for bit. Takes about an hour
# on two cores.
#   host/kill-resume.sh [STAGE...]         all stages without a name
#   ROUNDS=100 SEED=7 host/kill-resume.sh  more rounds; the moments of an earlier call, which prints its seed
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- pretrain sft lora dpo distill distill_reason grpo ppo spo
rounds=${ROUNDS:-20}
cases=
for stage in "$@"; do cases=$cases,$stage:1:$rounds,$stage:2:$rounds; done
seed=${SEED:-$(date +%s)}
echo "seed $seed"
exec mvn -B -q -ntp package -Dtest=KillTest -Dsurefire.failIfNoSpecifiedTests=false \
  -Dkill.cases="${cases#,}" -Dkill.seed="$seed"
