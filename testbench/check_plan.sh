#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The verification plan and the sources speak of the same items: each tag of testbench/plan/plan.def stands in the C
# model, in the RTL, in a bound cover property or assertion and in a directed test; no tag stands anywhere that the plan
# does not have; each item has a point; the table of docs/verification-plan.md has the plan's items and points.
set -eu
cd "$(dirname "$0")/.."
WORK=build/check-plan
mkdir -p $WORK
code=0
TAG='(SATP|TLB|SVV|FEN|INV|PMP|PMA|NAP|PBM|ACC)-[0-9]+|VM-[0-9]+\.[0-9]+'
tags() { grep -hoE "($TAG)" "$@" | LC_ALL=C sort -u; }

verdict() { # NAME FILE: ok if the file is empty
    if [ -s "$2" ]; then
        echo "not ok - $1: $(tr '\n' ' ' <"$2" | cut -c1-400)"
        code=1
    else
        echo "ok - $1"
    fi
}

sed -n 's/^ITEM(\([^,]*\),.*/\1/p' testbench/plan/plan.def | LC_ALL=C sort >$WORK/plan
verdict "no item stands twice" "$(uniq -d $WORK/plan >$WORK/twice && echo $WORK/twice)"
tags model/*.[ch] model/ports.def >$WORK/c
tags rtl/*.sv >$WORK/rtl
# labels of cover properties: VM_3_2_Name is VM-3.2
{
    grep -hoE 'PW_(COVER|ASSERT)\([A-Z]+_[0-9][A-Za-z0-9_]*' testbench/sva/*.sv |
        sed -nE 's/.*\(VM_([0-9]+)_([0-9]+)_.*/VM-\1.\2/p; /\(VM_/d; s/.*\(([A-Z]+)_([0-9]+)_.*/\1-\2/p'
} | LC_ALL=C sort -u >$WORK/sva
tags testbench/plan/*.c >$WORK/tests
for kind in c rtl sva tests; do
    LC_ALL=C comm -23 $WORK/plan $WORK/$kind >$WORK/missing
    verdict "every item of the plan is in: $kind" $WORK/missing
done
git ls-files -co --exclude-standard 'model/*.[ch]' 'rtl/*.sv' 'testbench/*.sv' 'testbench/*.c' 'testbench/*.fault' \
    'docs/*.md' >$WORK/files
tags $(while read -r f; do [ ! -e "$f" ] || echo "$f"; done <$WORK/files) >$WORK/used
LC_ALL=C comm -13 $WORK/plan $WORK/used >$WORK/unknown
verdict "no tag is used that the plan does not have" $WORK/unknown

# The table's numbers are of the last `make coverage`; its items and points are of now.
shape() { grep '^| `' | awk -F'|' '{ gsub(/` [0-9]+/, "`", $5); print $2, $3, $4, $5 }'; }
testbench/plan/table.sh 2>/dev/null | shape >$WORK/want || true
sed -n '/^<!-- plan -->/,/^<!-- end of plan -->/p' docs/verification-plan.md | shape >$WORK/have
if cmp -s $WORK/want $WORK/have; then
    echo "ok - the table of docs/verification-plan.md: $(wc -l <$WORK/have) items"
else
    echo "not ok - the table of docs/verification-plan.md has other items or points; run: make coverage"
    diff $WORK/have $WORK/want | head -n 10 || true
    code=1
fi
exit $code
