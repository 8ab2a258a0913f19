#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The directed tests of the verification plan, one line a tag, in lock-step with coverage; and that they hit every point
# of every item, and meet every coincidence (NAME_C). The mutants of `make campaign-mutants` still fit the sources.
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
if make -s build/mutants/mutants >$DIR/mutants.log 2>&1 &&
    (cd build/mutants/rtl && xargs verilator --lint-only -Wno-fatal -Wno-lint --unroll-count 5000 \
        --unroll-stmts 1000000 --top-module mmu ../../gen/mmu_pkg.sv <files.f) >>$DIR/mutants.log 2>&1; then
    echo "ok - every mutant can be planted and built"
else
    echo "not ok - every mutant can be planted and built"
    grep -iE 'error|no place' $DIR/mutants.log | head -n 5
    code=1
fi
exit $code
