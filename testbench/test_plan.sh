#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The directed tests of the verification plan, one line a tag, in lock-step with coverage; and that they hit every point
# of every item, and meet every coincidence (NAME_C).
set -eu
cd "$(dirname "$0")/.."
DIR=build/test-coverage
code=0
testbench/plan/coverage.sh directed $DIR || code=1
if testbench/plan/table.sh $DIR >$DIR/table.md; then
    echo "ok - $(tail -n 1 $DIR/table.md)"
else
    echo "not ok - $(tail -n 1 $DIR/table.md)"
    grep -E 'gap|Not met' $DIR/table.md | cut -c1-300
    code=1
fi
exit $code
