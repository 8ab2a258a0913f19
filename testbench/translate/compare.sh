#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# compare.sh DIR ENGINES COUNT SEED   Generated lines through spec, its second transcription and ENGINES (model or
# model,rtl), for each mode: COUNT random lines of SEED, or with COUNT `flags` every SEED-th line of all low PTE bits.
# Where every change has its fence, all engines give one answer; where fences are left out (ids that end in `u`), model
# and RTL give one, and it is among those that the specification allows. Speaks TAP. MODES: which modes.
set -eu
cd "$(dirname "$0")/../.."
DIR=$1 ENGINES=$(echo "$2" | tr , ' ') COUNT=$3 SEED=$4
PAGEWALK=${PAGEWALK:-build/pagewalk}
code=0
mkdir -p "$DIR"

lines() {
    if [ "$COUNT" = flags ]; then
        build/translate-gen "$1" flags | awk -v n="$SEED" 'NR % n == 0'
    else
        build/translate-gen "$1" "$COUNT" "$SEED" pma
    fi
}

fenced() { grep -v '^[^ ]*u ' "$1"; }

for mode in ${MODES:-sv32 sv39 sv48 sv57}; do
    f=$DIR/$mode.$COUNT.$SEED
    why=
    lines $mode >"$f.in"
    $PAGEWALK translate --compared --rows "$f.in" >"$f.spec" 2>"$f.rows" || why="$why spec: exit $?;"
    for engine in second $ENGINES; do
        $PAGEWALK translate --engine "$engine" --compared "$f.in" >"$f.$engine" 2>"$f.err" ||
            why="$why $engine: exit $?;"
    done
    fenced "$f.spec" >"$f.want" || :
    for engine in second $ENGINES; do
        fenced "$f.$engine" | cmp -s - "$f.want" || why="$why $engine differs from spec;"
        [ "$engine" != rtl ] || cmp -s "$f.model" "$f.rtl" || why="$why rtl differs from model;"
    done
    if [ "$COUNT" != flags ]; then
        $PAGEWALK translate --engine model --compared --legal "$f.in" >"$f.legal" 2>"$f.err" || why="$why unlawful;"
    fi
    # one line, for whoever sums them up
    echo "$(wc -l <"$f.in") $(grep -c '^[^ ]*u ' "$f.in" || :)" >"$f.count"
    if [ -z "$why" ]; then
        echo "ok - $mode: spec, second, $ENGINES agree on $(cut -d' ' -f1 "$f.count") lines, of which" \
            "$(cut -d' ' -f2 "$f.count") leave out fences"
        rm -f "$f.in" "$f.spec" "$f.second" "$f.model" "$f.rtl" "$f.want" "$f.legal" "$f.err"
    else
        echo "not ok - $mode:$why see $f.*"
        code=1
    fi
done
exit $code
