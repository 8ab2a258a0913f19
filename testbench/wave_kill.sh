#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# wave_kill.sh COUNT SEED   Runs that are killed COUNT times while they write a waveform: by SIGINT, SIGTERM and SIGABRT
# in turns, on each engine, after a while that the seed chooses. Each file must open whole; fst2vcd reads it to its
# end, which is the cycle in which the run says that it was interrupted. (What an abort of the program's own leaves,
# to the cycle, is in testbench/test_windows.c.)
set -eu
cd "$(dirname "$0")/.."
COUNT=$1 SEED=$2
PAGEWALK=${PAGEWALK:-build/pagewalk}
OUT=build/wave-kill
rm -rf "$OUT"
mkdir -p "$OUT"
code=0

killed() { # N SIGNAL ENGINE MILLISECONDS: into N.fst, N.said; once it has begun to write
    # `&` in a script has SIGINT ignored, and what is ignored stays so
    env --default-signal=INT $PAGEWALK run --engine "$3" --wave "$OUT/$1.fst" traces/sqlite.pwt \
        >"$OUT/$1.out" 2>"$OUT/$1.said" &
    pid=$!
    while [ ! -s "$OUT/$1.fst" ] && kill -0 $pid 2>/dev/null; do sleep 0.01; done
    sleep "$(awk -v ms="$4" 'BEGIN { print ms / 1000 }')"
    kill -"$2" $pid
    wait $pid 2>/dev/null || true
}

whole() { # N SIGNAL
    if ! fst2vcd "$OUT/$1.fst" >"$OUT/vcd" 2>"$OUT/vcd.said"; then
        cat "$OUT/vcd.said"
        return 1
    fi
    last=$(grep '^#' "$OUT/vcd" | tail -n 1 | tr -d '#')
    cycle=$(sed -n 's/.*interrupted in cycle \([0-9]*\),.*/\1/p' "$OUT/$1.said")
    [ "$2" != ABRT ] || cycle=$((${last:-0} / 1000 + 1))
    echo "last time ${last:-none}, cycle ${cycle:-unknown}"
    [ -n "$cycle" ] && [ "$cycle" -gt 1 ] && [ "$last" = $(((cycle - 1) * 1000 + 500)) ]
}

plan=$(awk -v n="$COUNT" -v s="$SEED" 'BEGIN {
    srand(s); split("INT TERM ABRT", signal); split("rtl lockstep model", engine)
    for (i = 0; i < n; i++) print i, signal[i % 3 + 1], engine[int(i / 3) % 3 + 1], int(rand() * 1500) }')
while read -r n signal engine ms; do
    killed "$n" "$signal" "$engine" "$ms" 2>/dev/null
    if said=$(whole "$n" "$signal"); then
        echo "ok - SIG$signal after $ms ms on $engine: $said"
    else
        echo "not ok - SIG$signal after $ms ms on $engine: $said"
        code=1
    fi
    rm -f "$OUT/$n".* "$OUT/vcd"
done <<PLAN
$plan
PLAN
exit $code
