#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A slice of `make campaign-os`: random calls and accesses on the kernel half, in every world, with every opinion and
# audit. With a fence left out the same seeds are red.
set -eu
cd "$(dirname "$0")/.."
code=0
for world in $(seq "$(testbench/worlds.sh count)"); do
    testbench/worlds.sh run "$world" $((world * 100)) 5 2000 || code=1
done
if SET=os.skip_fence=fork testbench/worlds.sh run 1 1 1 2000 >build/test.worlds; then
    echo "not ok - a fence left out goes unnoticed"
    code=1
else
    echo "ok - a fence left out is found"
    rm -f build/worlds/1.trace
fi
rm build/test.worlds
exit $code
