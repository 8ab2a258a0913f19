#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# pictures.sh [DIR]   The pictures of docs/waveforms.md: each view of a run in lock-step, drawn by GTKWave without a
# screen.
set -eu
cd "$(dirname "$0")/.."
DIR=${1:-docs/pictures}
OUT=build/pictures
rm -rf "$OUT"
mkdir -p "$OUT" "$DIR"

picture() { # VIEW CYCLE, then a trace and options: with the marker in CYCLE
    view=$1 cycle=$2
    shift 2
    fst=$OUT/$view.fst
    build/pagewalk run --engine lockstep --no-check --wave "$fst" --wave-to $((cycle + 200)) "$@" >"$OUT/said"
    sed -i "1s/in cycle [0-9]*/in cycle $cycle/" "$OUT/$view.gtkw"
    save=$(build/pagewalk wave --print --view "$view" "$fst")
    printf 'gtkwave::/File/Grab_To_File %s\ngtkwave::/File/Quit\n' "$PWD/$DIR/waves_$view.png" >"$OUT/grab.tcl"
    timeout 120 xvfb-run -a -s "-screen 0 1700x1140x24" gtkwave -S "$OUT/grab.tcl" "$fst" "$save" >"$OUT/said" 2>&1
    [ -s "$DIR/waves_$view.png" ]
}

picture overview 130 traces/cow_after_fork.trace
picture walk 103 traces/cow_after_fork.trace
picture fault 25 traces/cow_after_fork.trace
picture fence 133 traces/cow_after_fork.trace
picture l2 4800 'gen:uniform?pages=256&accesses=8000&seed=1'
picture walkers 413 --max-accesses 6000 traces/sqlite.pwt
