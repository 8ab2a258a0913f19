#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# One trace, one configuration: the model alone, the RTL alone and lock-step give the same --log, byte by byte, and
# the same --json but for the keys that docs/interface.md excepts; lock-step compares every cycle and finds nothing.
# Every text trace, and a window of every recording.
set -eu
cd "$(dirname "$0")/.."
PAGEWALK=${PAGEWALK:-build/pagewalk}
WORK=build/test.engines
WINDOW=${WINDOW:-100000}
mkdir -p $WORK
code=0
SAME='del(.engine, .seconds, .accesses_per_second, .checked, .mismatches)
    | with_entries(select(.key | startswith("compared_") | not))'

for trace in traces/*.trace traces/*.pwt; do
    [ -e "$trace" ] || continue
    case $trace in *.pwt) window="--max-accesses $WINDOW" ;; *) window= ;; esac
    bad=
    for engine in model rtl lockstep; do
        # shellcheck disable=SC2086
        $PAGEWALK run --engine $engine $window --check --json --log $WORK/$engine.csv "$trace" \
            >$WORK/$engine.json 2>$WORK/$engine.err || bad="$bad; $engine: exit $?: $(head -n 3 $WORK/$engine.err)"
        jq -S "$SAME" $WORK/$engine.json >$WORK/$engine.same
    done
    for engine in rtl lockstep; do
        cmp -s $WORK/model.csv $WORK/$engine.csv || bad="$bad; $engine: another log"
        cmp -s $WORK/model.same $WORK/$engine.same || bad="$bad; $engine: another result"
    done
    jq -e '.mismatches == 0 and .compared_cycles == .cycles and .cycles > 0' $WORK/lockstep.json >$WORK/ok ||
        bad="$bad; lockstep compared $(jq -c '[.compared_cycles, .cycles, .mismatches]' $WORK/lockstep.json)"
    if [ -z "$bad" ]; then
        echo "ok - $trace: $(jq .cycles $WORK/lockstep.json) cycles alike"
    else
        echo "not ok - $trace$bad"
        code=1
    fi
done
rm -r $WORK
exit $code
