#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The kernel half against the tables that a real Linux kernel left: every row of every text trace, and the closed
# list of excused rows. `make linux-check` asks the kernel itself. Then: what must fail does.
set -eu
cd "$(dirname "$0")/.."
code=0
STORED=1 testbench/linux/check.sh || code=1

WORK=build/test.linux
mkdir -p $WORK
TABLE=testbench/linux/tables/lazy_allocation.tab
TRACE=traces/lazy_allocation.trace
build/linux/half $TRACE >$WORK/half
fails() { # words, TABLE, EXCUSED, what
    if ! build/linux/compare $TRACE "$2" $WORK/half "$3" >$WORK/out && grep -qF -- "$1" $WORK/out; then
        echo "ok - $4 fails"
    else
        echo "not ok - $4 passes"
        code=1
    fi
}
sed 's/^trace ./trace x/' $TABLE >$WORK/other.tab
grep -v '^3 |' $TABLE >$WORK/short.tab
sed 's/anon_alloc/zero_page/' $TABLE >$WORK/wrong.tab
echo "lazy_allocation 3 none" >$WORK/excused
fails "of another trace" $WORK/other.tab testbench/linux/excused.txt "a table whose trace hash does not fit"
fails "row 3 is missing" $WORK/short.tab testbench/linux/excused.txt "a missing row"
fails "kernel: 3" $WORK/wrong.tab testbench/linux/excused.txt "a row that differs"
fails "excused, yet equal" $TABLE $WORK/excused "an excused row that is equal"
rm -r $WORK
exit $code
