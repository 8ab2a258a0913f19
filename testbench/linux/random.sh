#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# random.sh FIRST LAST [RECORDS]   Random traces (random.c; HUGE=1: random_huge.c; HUGE=64: the same of 64 KiB), a seed
# each, on this machine's kernel and on the kernel half, row by row. A trace that both refuse at some call counts up to
# there. A seed that differs leaves its trace in build/linux/random.SEED.trace.
set -eu
cd "$(dirname "$0")/../.."
OUT=build/linux
RECORDS=${3:-300}
code=0
mkdir -p $OUT/files
why=$($OUT/runner --usable || true)
[ -z "$why" ] || { echo "# no kernel to ask: $why" && exit 0; }

. testbench/linux/machine.sh
machine_take
knobs=$($OUT/runner --knobs)
rows=0
differs() { # the trace on both, row by row
    half=0 real=0
    # shellcheck disable=SC2086 # one word a knob
    $OUT/half "$1" $knobs >$OUT/random.half 2>$OUT/random.err || half=$?
    folios_take "$1"
    timeout 120 $OUT/runner "$1" $OUT/stub $OUT/files >$OUT/random.tab 2>>$OUT/random.err || real=$?
    $OUT/compare "$1" $OUT/random.tab $OUT/random.half /dev/null >$OUT/random.out || true
    count=$(tail -n 1 $OUT/random.out)
    [ $half = $real ] || return 0
    case $half,$count in
    0,*" different 0 missing 0 "* | 3,*" different 0 missing "*) return 1 ;;
    esac
}

for seed in $(seq "$1" "$2"); do
    trace=$OUT/random.$seed.trace
    case ${HUGE:-} in
    '') $OUT/random "$seed" "$RECORDS" ;;
    64) $OUT/random_huge "$seed" "$RECORDS" 64 ;;
    *) $OUT/random_huge "$seed" "$RECORDS" ;;
    esac >"$trace"
    # A page that the disk's own writeback holds locked at that moment is waited for, which counts as major, or passed
    # over by fault-around: what differs must differ again.
    if differs "$trace" && echo "# seed $seed differs; again" && differs "$trace"; then
        echo "not ok - seed $seed, $RECORDS records: $count ($trace)"
        head -n 3 $OUT/random.out $OUT/random.err
        code=1
    else
        rm "$trace"
        rows=$((rows + $(echo "$count" | awk '{ print $5 }')))
    fi
done
[ $code != 0 ] || echo "ok - seeds $1 to $2 of $RECORDS records: $rows rows equal"
exit $code
