#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Every shipped trace again, with a quarter of the frames that it used at most: pages come and go, values, signals and
# the disk stay what they must be (opinions 2 and 3), nobody is killed for memory, and every frame and slot is accounted
# for. Locked pages cannot go: such a trace gets half. What a machine must have is more than a quarter of a small
# trace's frames: page tables, the zero page, and what one access needs at a time (a page, its copy, a crossing). It
# gets that, and is counted apart. Recordings: the first WINDOW records. What a trace expects of faults is left out;
# its signals are not.
set -eu
cd "$(dirname "$0")/.."
PAGEWALK=${PAGEWALK:-build/pagewalk}
WINDOW=${WINDOW:-400000}
NEEDS=8
WORK=build/test.pressure
rm -rf $WORK
mkdir -p $WORK
code=0
quarter=0 half=0 least=0 swapped=0

facts() { # FILE, option...: exit code, frames.peak, frames.tables, pages to swap, killed
    $PAGEWALK run --json "$@" 2>$WORK/err | jq -r '
        [.exit_code, .frames.peak, .frames.tables, .os.swap_out, .os.reclaimed,
        .oom.killed] | @tsv' || true
}

for trace in traces/*.trace traces/*.pwt; do
    name=$(basename "$trace")
    copy=$trace window=
    case $name in
    *.trace)
        # Traces about scarce memory have chosen theirs.
        ! grep -qE '^(set os\.(frames|swap) |reclaim |oom_score_adj )' "$trace" || continue
        copy=$WORK/$name
        sed -E 's/^expect (sigsegv|sigbus) /signal \1 /; /^expect/d' "$trace" >"$copy"
        ;;
    *) window="--to $WINDOW" ;;
    esac
    # shellcheck disable=SC2086
    set -- $(facts "$copy" $window --set os.ra_pages=0)
    [ "${1:-9}" = 0 ] || { echo "not ok - $name fails with all memory it wants" && code=1 && continue; }
    peak=$2 frames=$(($2 / 4)) share=quarter
    ! grep -q '^mlock' "$copy" || { frames=$(($2 / 2)) share=half; }
    [ $frames -ge $(($3 + NEEDS)) ] || { frames=$(($3 + NEEDS)) share=least; }
    # shellcheck disable=SC2086
    set -- $(facts "$copy" $window --set os.ra_pages=0 --set os.frames=$frames --set os.swap=262144 --check)
    case $share in quarter) quarter=$((quarter + 1)) ;; half) half=$((half + 1)) ;; *) least=$((least + 1)) ;; esac
    [ "${4:-0}" = 0 ] || swapped=$((swapped + 1))
    if [ "${1:-9}" != 0 ] || [ "$2" -gt $frames ] || [ "$6" != 0 ]; then
        echo "not ok - $name with $frames of $peak frames ($share): exit ${1:-?}, killed ${6:-?}"
        $PAGEWALK run $window --set os.ra_pages=0 --set os.frames=$frames --check "$copy" 2>&1 | head -n 8 |
            sed 's/^/    /'
        code=1
    elif [ $share != least ]; then
        echo "ok - $name with $frames of $peak frames ($share): $5 reclaimed, $4 to swap"
    fi
done
rm -r $WORK
echo "# $quarter traces with a quarter of their frames, $half with half, $least with the least there must be;" \
    "$swapped went to swap"
[ $quarter -ge 3 ] && echo "ok - the recordings run with a quarter of their frames" ||
    { echo "not ok - too few traces" && code=1; }
[ $code != 0 ] || echo "ok - $least small traces with the least there must be"
exit $code
