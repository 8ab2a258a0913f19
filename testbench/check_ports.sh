#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The header of rtl/mmu.sv has the pins of model/ports.def and no other: same names, directions and widths. So a pin
# that the comparator would leave out fails the build.
set -eu
cd "$(dirname "$0")/.."
mkdir -p build
want=build/ports.list
have=build/ports.rtl
sed -n 's/^| `\([a-z0-9_]*\)` | \([a-z]*\) | \([0-9]*\) | .*/\1 \2 \3/p' build/gen/ports.md | LC_ALL=C sort >$want
sed -n '/^module mmu /,/^);/s/^ *\(in\|out\)put  *\(wire\|logic\)* *\(\[.*:0\]\)* *\([a-z0-9_, ]*\).*/\1 \3 \4/p' \
    "${1:-rtl/mmu.sv}" | tr -d '],' | awk '{ bits = 1; first = 2
        if (sub(/^\[/, "", $2)) { bits = $2 + 1; first = 3 }
        for (i = first; i <= NF; i++) print $i, $1, bits }' |
    grep -v '^clk_i ' | LC_ALL=C sort >$have
if cmp -s $want $have; then
    echo "ok - the $(wc -l <$want) pins of rtl/mmu.sv are those of model/ports.def"
else
    echo "not ok - pins differ: < model/ports.def, > rtl/mmu.sv"
    diff $want $have | grep '^[<>]' | head -n 20
    exit 1
fi
