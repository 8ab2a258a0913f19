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
# What a waveform costs: all along, and in a window of 1,000 cycles; and what the copies cost that sleep for a failure
# (a run with --wave makes none).
ACCESSES=$((ACCESSES / 10))
for round in $(seq "$ROUNDS"); do
    measure none --engine lockstep --wave $WORK/w.fst --wave-from 999999999
    measure copies --engine lockstep
    measure window --engine lockstep --wave $WORK/w.fst --wave-from 10000 --wave-to 10999
    measure waves --engine lockstep --wave $WORK/w.fst
done
printf '\n%-34s %14s %10s\n' "waveforms, $ACCESSES accesses" 'cycles/s' 'of none'
base=$(awk '{ print $3 }' $WORK/none | median)
for name in none copies window waves; do
    case $name in
    none) words='no waves, no copies' ;;
    copies) words='copies for the case of a failure' ;;
    window) words='a window of 1,000 cycles' ;;
    waves) words='every cycle' ;;
    esac
    seconds=$(awk '{ print $3 }' $WORK/$name | median)
    head -n 1 $WORK/$name | awk -v s="$seconds" -v b="$base" -v w="$words" \
        '{ printf "%-34s %14.0f %10.3f\n", w, $2 / s, b / s }'
done
head -n 1 $WORK/waves | awk -v b="$(wc -c <$WORK/w.fst)" '{ printf "bytes a cycle of the waveform: %.0f\n", b / $2 }'

# Lines of `translate`, the text short: one load of a 4 KiB page each, three PTE reads.
awk 'BEGIN { for (n = 0; n < 400000; n++)
    printf "%x p=U satp=8000000000080000 mem=80000000:20000401,%s op=load sz=8 va=%x\n",
        n, "80001000:20000801,80002008:21000CDF", 4096 + n % 512 * 8 }' >$WORK/lines
printf '\n%-34s %14s\n' 'translate, engine' 'lines/s'
for engine in spec second model rtl; do
    [ $engine != rtl ] || head -n 20000 $WORK/lines >$WORK/lines.rtl
    file=$WORK/lines
    [ $engine != rtl ] || file=$WORK/lines.rtl
    build/pagewalk translate --engine $engine $file >/dev/null # what it needs is built and in memory
    for round in $(seq "$ROUNDS"); do
        bash -c "TIMEFORMAT=%U; time build/pagewalk translate --engine $engine $file >/dev/null" \
            2>>$WORK/translate.$engine
    done
    median <$WORK/translate.$engine | awk -v n="$(wc -l <$file)" -v e=$engine '{ printf "%-34s %14.0f\n", e, n / $1 }'
done
rtl=$(awk '{ print $3 }' $WORK/rtl | median)
lock=$(awk '{ print $3 }' $WORK/lockstep | median)
awk -v r="$rtl" -v l="$lock" 'BEGIN { printf "\nlock-step runs at %.2f of the RTL alone\n", r / l }'
