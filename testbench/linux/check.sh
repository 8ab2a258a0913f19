#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check.sh [TRACE...]   What `make linux-check` does: performs the text traces on this machine's kernel, if it is one
# to ask, and compares every row with the kernel half; compares the stored tables with it, too. STORED=1: only those.
# UPDATE=1: the rows of this kernel become the stored tables. Speaks TAP; ends with the counts.
#
# Traces whose victims are chosen by reclaim (NOT_PROBED) have no rows: which page goes is ours.
set -eu
cd "$(dirname "$0")/../.."
OUT=build/linux
HERE=testbench/linux
TABLES=$HERE/tables
EXCUSED=$HERE/excused.txt
mkdir -p $OUT/files $TABLES
[ $# != 0 ] || set -- traces/*.trace
code=0

kernel=stored
if [ -z "${STORED:-}" ]; then
    mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null || true
    mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null || true
    why="the runner is for x86-64"
    [ ! -x $OUT/runner ] || why=$($OUT/runner --usable || true)
    [ -n "$why" ] || kernel=$(uname -r)
    [ -z "$why" ] || echo "# no kernel to ask: $why; the stored tables are compared"
    if [ "$kernel" = stored ] && [ -n "${UPDATE:-}" ]; then
        echo "linux-check: tables are written on a real kernel only: $why" >&2
        exit 1
    fi
fi

. $HERE/not_probed.sh

if [ "$kernel" != stored ]; then
    . $HERE/machine.sh
    machine_take
    [ "$(wc -l </proc/swaps)" -gt 1 ] || echo "# no swap can be had: rows say what the kernel does without (os.swap=0)"
fi

settings() { # beside those that the runner knows
    printf ' filesystem=%s\n' "$(df --output=fstype $OUT/files | tail -n 1)"
}

# A table of this very trace by a kernel with the zero page says more than one by a kernel without: it stays.
store() {
    if [ -f "$TABLES/$name.tab" ] && ! grep -q os.zero_page=0 "$TABLES/$name.tab" &&
        grep -q os.zero_page=0 "$OUT/$name.tab" &&
        [ "$(grep -m 1 '^trace ' "$TABLES/$name.tab")" = "$(grep -m 1 '^trace ' "$OUT/$name.tab")" ]; then
        echo "# $name: the stored table stays, for it was made with the zero page"
    else
        cp "$OUT/$name.tab" "$TABLES/$name.tab"
    fi
}

# What the kernel of a table had otherwise than a trace may say: knobs for the kernel half. The oldest tables say it in
# their settings.
knobs() { # TABLE
    sed -n -e 's/^knobs //p' -e 's/^settings .* read_ahead_kb=0 .*/os.ra_pages=0/p' "$1" 2>/dev/null
}

one() { # TRACE TABLE LABEL
    # shellcheck disable=SC2046 # one word a knob
    $OUT/half "$1" $(knobs "$2") >"$OUT/$name.half"
    if $OUT/compare "$1" "$2" "$OUT/$name.half" $EXCUSED >$OUT/compared; then ok=ok; else ok='not ok' code=1; fi
    echo "$ok - $name ($3): $(tail -n 1 $OUT/compared | cut -d' ' -f2-)"
    sed '$d' $OUT/compared
    tail -n 1 $OUT/compared >>"$OUT/counts.$3"
}

rm -f $OUT/counts.*
for trace; do
    name=$(basename "$trace" .trace)
    if grep -qE "$NOT_PROBED" "$trace"; then
        echo "# $name: not probed: what it needs is the whole machine's (README.md)"
        continue
    fi
    if [ "$kernel" != stored ]; then
        room_take "$trace"
        folios_take "$trace"
        {
            $OUT/runner --settings
            settings
            timeout 60 $OUT/runner "$trace" $OUT/stub $ROOM
        } >"$OUT/$name.tab" || { echo "not ok - $name: the runner failed" && code=1; }
        room_give
        one "$trace" "$OUT/$name.tab" real
        [ -z "${UPDATE:-}" ] || store
    fi
    one "$trace" "$TABLES/$name.tab" stored
done

for list in "$OUT"/counts.*; do
    awk -v what="${list##*.}" -v kernel="$(uname -sr)" '
        { t++; r += $3; e += $5; x += $7; d += $9; m += $11; n += $13 }
        END {
            printf "%s - at most 15 %% of the rows are excused\n", (x * 100 > r * 15 ? "not ok" : "ok")
            printf "# %s%s: %d traces, %d rows, %d equal, %d excused, %d different, %d missing, %d needless\n",
                what, what == "real" ? ", " kernel : "", t, r, e, x, d, m, n
        }' "$list"
done
exit $code
