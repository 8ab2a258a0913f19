#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A slice of `make campaign-os`: random calls and accesses on the kernel half, in every world, with every opinion and
# audit. With a fence left out the same seeds are red. And bugs of the kernel half (testbench/selftest/kernel), one at a
# time: a seed finds each, and `reduce` leaves less than 20 records of it.
set -eu
cd "$(dirname "$0")/.."
export OUT=build/test-worlds
rm -rf $OUT
mkdir -p $OUT
. testbench/tap.sh
for world in $(seq "$(testbench/worlds.sh count)"); do
    testbench/worlds.sh run "$world" $((world * 100)) 5 2000 || code=1
done
if SET=os.skip_fence=fork testbench/worlds.sh run 1 1 1 2000 >$OUT/seeds; then
    echo "not ok - a fence left out goes unnoticed"
    code=1
else
    echo "ok - a fence left out is found"
fi

export PAGEWALK=build/selftest/kernel/pagewalk PLANTED
signature() {
    $PAGEWALK run --check --json $OUT/small.trace 2>/dev/null | jq -r .signature
}
for fault in testbench/selftest/kernel/*.fault; do
    name=$(basename "$fault" .fault)
    PLANTED=${name%%-*}
    testbench/worlds.sh run 1 1 40 500 >$OUT/seeds || :
    trace=$(sed -n 's/^ *\(.*\.trace\): a difference.*/\1/p' $OUT/seeds | head -n 1)
    if ! $PAGEWALK reduce --check --json "${trace:-none}" -o $OUT/small.trace >$OUT/json 2>$OUT/log; then
        check "$name is found and reduced" cat $OUT/seeds $OUT/log $OUT/none
        continue
    fi
    was=$(jq -r .signature $OUT/json) left=$(jq -r .records_after $OUT/json)
    check "$name, seed $(basename "$trace" .trace): $(jq -r .records_before $OUT/json) records to $left: $was" \
        [ "$left" -lt 20 ]
    check "$name: what is left fails so" [ "$(signature)" = "$was" ]
    check "$name: not without the bug" [ "$(PLANTED=0 signature)" != "$was" ]
done
[ $code != 0 ] || rm -r $OUT
exit $code
