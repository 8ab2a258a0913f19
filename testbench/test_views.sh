#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Views of waveforms: those that `make build` makes, those that `run` and `wave` write, for RTL, lock-step and the C
# model, name signals that are in the file; a signal that is not is found; the verb says what it is asked.
set -eu
cd "$(dirname "$0")/.."
PAGEWALK=${PAGEWALK:-build/pagewalk}
OUT=build/test-views
rm -rf "$OUT"
mkdir -p "$OUT"
. testbench/tap.sh
TRACE=traces/cow_after_fork.trace

refused() { # CODE WORDS COMMAND...
    want=$1 words=$2 got=0
    shift 2
    "$@" >"$OUT/refused" 2>&1 || got=$?
    [ $got = "$want" ] && grep -q -- "$words" "$OUT/refused"
}

built=$(cat build/waves/views)
# shellcheck disable=SC2086
check "the $(echo $built | wc -w) views of make build name what is there" testbench/view_check.sh $built
check "they are all that sim/wave/wave_view.def has" \
    [ "$(grep -c '^VIEW(' sim/wave/wave_view.def)" = "$(echo "$built" | wc -l)" ]
for radix in words colour; do
    pattern='^^1 .*words/slot'
    [ $radix = words ] || pattern='^\[color\] [1-7]'
    check "they have $radix" grep -q "$pattern" build/waves/default.overview.gtkw
done

for engine in rtl lockstep model; do
    $PAGEWALK run --engine $engine --wave "$OUT/$engine.fst" $TRACE >"$OUT/said"
    $PAGEWALK wave --print --view all "$OUT/$engine.fst" >"$OUT/$engine.views" 2>"$OUT/$engine.missing"
    check "$engine: run leaves a view" testbench/view_check.sh "$OUT/$engine.gtkw"
    # shellcheck disable=SC2046
    check "$engine: so does wave" testbench/view_check.sh $(cat "$OUT/$engine.views")
done
check "of the RTL nothing is missing" [ ! -s "$OUT/rtl.missing" ]
check "of the C model it is said what is" grep -q 'view l2: [0-9]* of its signals are not in' "$OUT/model.missing"

sed 's/dreq_va_i/dreq_vb_i/g' "$OUT/rtl.overview.gtkw" >"$OUT/bogus.gtkw"
check "a signal that does not exist is found" refused 1 dreq_vb_i testbench/view_check.sh "$OUT/bogus.gtkw"
sed 's/dreq_va_i.63:0./dreq_va_i[31:0]/' "$OUT/rtl.overview.gtkw" >"$OUT/bogus.gtkw"
check "so is one of another width" refused 1 dreq_va_i testbench/view_check.sh "$OUT/bogus.gtkw"
sed '/words/s/slot/slat/' "$OUT/rtl.overview.gtkw" >"$OUT/bogus.gtkw"
check "so are words that do not exist" refused 1 slat testbench/view_check.sh "$OUT/bogus.gtkw"

check "without --view it is what the run left" \
    [ "$($PAGEWALK wave --print "$OUT/rtl.fst")" = "$OUT/rtl.gtkw" ]
check "an unknown view" refused 2 "overview, walk" $PAGEWALK wave --view walks "$OUT/rtl.fst"
check "a trace that has not failed" refused 3 "no waveform of a failed run" $PAGEWALK wave never.trace
head -c 1000 "$OUT/rtl.fst" >"$OUT/cut.fst"
check "half a file" refused 3 "not a whole one" $PAGEWALK wave --print "$OUT/cut.fst"
exit $code
