#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Every shipped configuration in lock-step with all opinions: all text traces, and a window of each recording.
set -eu
cd "$(dirname "$0")/.."
PAGEWALK=${PAGEWALK:-build/pagewalk}
WINDOW=${WINDOW:-200000}
WORK=build/test.configs
mkdir -p $WORK
code=0
traces=$(ls traces/*.trace traces/*.pwt 2>/dev/null || true)
all=$traces
for config in $($PAGEWALK config --list); do
    traces=$all
    case $config in
    sv32) # recordings are of RV64, and some text traces name what RV32 does not have: the matrix knows which
        MODES=sv32 testbench/matrix.sh lockstep || code=1
        continue
        ;;
    svade) # no Svadu in this hart: traces that need it say so
        traces=$(for t in $all; do grep -qs '^set os.svadu 1' "$t" || echo "$t"; done)
        ;;
    esac
    window=$WINDOW # `flush` fences before each access, which makes seventy cycles of one
    [ "$config" != flush ] || window=$((WINDOW / 20))
    # shellcheck disable=SC2086
    $PAGEWALK run --engine lockstep --config "$config" --max-accesses "$window" --json $traces \
        >$WORK/json 2>$WORK/err || true
    bad=$(jq -rs '.[] | select(.exit_code != 0 or .mismatches != 0 or .compared_cycles != .cycles) | .trace' $WORK/json)
    if [ -z "$bad" ] && [ "$(wc -l <$WORK/json)" = "$(echo "$traces" | wc -l)" ]; then
        echo "ok - $config: $(jq -s 'map(.compared_cycles) | add' $WORK/json) cycles compared"
    else
        echo "not ok - $config: $(echo "$bad" | tr '\n' ' ')"
        head -n 30 $WORK/err | sed 's/^/    /'
        code=1
    fi
done
rm -r $WORK
exit $code
