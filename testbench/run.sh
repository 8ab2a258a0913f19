#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# run.sh   What `make run` does: every shipped trace in lock-step, the recordings in windows that make up TOTAL accesses
# together, one table; then the waves of one page fault, and the line that opens them there.
set -eu
cd "$(dirname "$0")/.."
TOTAL=${TOTAL:-6000000}
mkdir -p build/run

programs=$(ls traces/*.pwt 2>/dev/null || true)
texts=$(ls traces/*.trace 2>/dev/null || true)
count=$(echo "$programs" | wc -w)
window=$((TOTAL / (count + (count == 0))))
# shellcheck disable=SC2086
build/pagewalk run --engine lockstep --summary --max-accesses "$window" $programs $texts

# shellcheck disable=SC2086
set -- $programs $texts
name=$(basename "$1" | sed 's/\.[a-z]*$//')
build/pagewalk run --engine lockstep --max-accesses 20000 --wave "build/run/$name.fst" --wave-at-fault "$1" \
    >build/run/wave.log
printf '\nthe first page fault of %s; other views: build/pagewalk wave build/run/%s.fst --view NAME\n' "$1" "$name"
sed -n 's/^waveform: /  /p' build/run/wave.log
