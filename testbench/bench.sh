#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# bench.sh   Rates of the engines on the same accesses of the same recording, measured in turns (A B C A B C ...),
# so that a machine whose speed drifts does so for all: medians, and ratios in one run. ROUNDS=3 ACCESSES=1000000.
# `seconds` is the CPU time of the replay, decoding and kernel half included, start-up not (docs/metrics.md).
set -eu
cd "$(dirname "$0")/.."
ROUNDS=${ROUNDS:-3}
ACCESSES=${ACCESSES:-1000000}
TRACE=${TRACE:-traces/sqlite.pwt}
WORK=build/bench
rm -rf $WORK
mkdir -p $WORK

measure() { # NAME OPTION...
    name=$1
    shift
    build/pagewalk run "$@" --max-accesses "$ACCESSES" --json "$TRACE" 2>$WORK/err |
        jq -r '[.accesses, .cycles, .seconds] | @tsv' >>$WORK/"$name"
}

for round in $(seq "$ROUNDS"); do
    echo "  round $round of $ROUNDS" >&2
    measure model --engine model --no-check
    measure model_checked --engine model --check
    measure rtl --engine rtl
    measure lockstep --engine lockstep
done

median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
printf '%s: %s accesses, %s rounds, medians (the other opinions run in rtl and lockstep too)\n\n' \
    "$TRACE" "$ACCESSES" "$ROUNDS"
printf '%-34s %14s %14s %10s\n' 'engine' 'accesses/s' 'cycles/s' 'of model'
base=$(awk '{ print $3 }' $WORK/model | median)
for name in model model_checked rtl lockstep; do
    seconds=$(awk '{ print $3 }' $WORK/$name | median)
    case $name in
    model) words='C model alone' ;;
    model_checked) words='C model, spec and data opinions' ;;
    rtl) words='RTL alone (Verilator)' ;;
    lockstep) words='lock-step, every pin every cycle' ;;
    esac
    head -n 1 $WORK/$name | awk -v s="$seconds" -v b="$base" -v w="$words" \
        '{ printf "%-34s %14.0f %14.0f %10.3f\n", w, $1 / s, $2 / s, b / s }'
done
rtl=$(awk '{ print $3 }' $WORK/rtl | median)
lock=$(awk '{ print $3 }' $WORK/lockstep | median)
awk -v r="$rtl" -v l="$lock" 'BEGIN { printf "\nlock-step runs at %.2f of the RTL alone\n", r / l }'
