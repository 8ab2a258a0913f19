#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# worlds.sh count | worlds.sh run WORLD SEED SEEDS RECORDS   Random traces (testbench/linux/random.c; where advice says
# where folios of 64 KiB are, random_huge.c of such folios), SEEDS of them from SEED on, each drawn RECORDS times, on
# the C model in one of the worlds below. All worlds check alike: every
# answer of the MMU (opinion 2); signals, loaded bytes, VMAs and disks (3, testbench/data.h); counts (4); which
# translations may still be held when a frame is freed (the kernel-side check); and at the end of each trace every
# frame, reference, lock, swap slot and PTE (os_check). Speaks TAP: one line; a seed that differs leaves its trace in
# OUT (build/worlds).
set -eu
cd "$(dirname "$0")/.."
OUT=${OUT:-build/worlds}
PAGEWALK=${PAGEWALK:-build/pagewalk}

world() {
    sed -n "${1}p" <<'END'
--config default
--config default --set os.frames=60 --set os.kswapd=20 --set os.flusher=35 --set os.svadu=0
--config sv48 --set os.svinval=1 --set os.asids=0
--config sv32 --set os.svadu=0 --set asid.bits=2
--config sv57 --set os.svvptc=1 --set os.flusher=50
--config default --set os.frames=60 --set os.svinval=1 --set os.swappiness=150 --set os.zero_page=0
--config default --set os.kcompactd=15 --set os.kswapd=40 --set os.frames=200 --set os.svvptc=1
--config default --set os.thp64=madvise --set os.kcompactd=50
--config default --set os.thp64=madvise --set os.frames=300 --set os.kswapd=30 --set os.svinval=1
--config sv48 --set os.thp64=always --set os.svadu=0 --set os.frames=120 --set os.kswapd=20
END
}

case $1 in
count) world '1,$' | wc -l ;;
run)
    number=$2 first=$3 last=$(($3 + $4 - 1)) records=$5 code=0
    mkdir -p $OUT
    work=$(mktemp -d $OUT/work.XXXXXX)
    for seed in $(seq "$first" "$last"); do
        case $(world "$number") in
        *thp64=madvise*) build/linux/random_huge "$seed" "$records" 64all ;;
        *) build/linux/random "$seed" "$records" ;;
        esac >"$work/$seed.trace"
    done
    # shellcheck disable=SC2046 # one word an option
    $PAGEWALK run --summary --check $(world "$number") ${SET:+--set "$SET"} "$work"/*.trace >"$work/out" 2>&1 ||
        code=$?
    # A draw that finds nothing lawful to do prints nothing: what counts is what was performed.
    performed=$(cat "$work"/*.trace | grep -vc '^pagewalk-trace \|^file \|^expect ')
    what="$performed records, world $number, seeds $first to $last of $records"
    if [ $code = 0 ]; then
        echo "ok - $what"
    else
        echo "not ok - $what: exit $code"
        sed -n 's/^\(.*\): a difference.*/\1/p' "$work/out" | while read -r trace; do mv "$trace" $OUT; done
        grep -A 4 ': a difference' "$work/out" | head -n 20 | sed "s,$work,$OUT,; s/^/    /"
        [ $code = 1 ] || tail -n 5 "$work/out"
    fi
    rm -r "$work"
    exit $code
    ;;
*)
    echo "usage: worlds.sh count | run WORLD SEED SEEDS RECORDS" >&2
    exit 2
    ;;
esac
