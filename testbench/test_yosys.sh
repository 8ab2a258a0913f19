#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Yosys reads all of rtl/files.f, in three configurations, down to cells that it finds nothing wrong with. Its
# warnings "implicitly declared" and "out of bounds" go with a netlist that is silently wrong, so they are errors.
set -eu
cd "$(dirname "$0")/.."
PAGEWALK=${PAGEWALK:-build/pagewalk}
WORK=build/test.yosys
mkdir -p $WORK
code=0
files=$(sed 's/#.*//; s,//.*,,; /mmu_pkg/d; /./s,^\(.*/\)*,rtl/,' rtl/files.f | tr '\n' ' ')
for config in default tiny odd_ways; do
    dut=$($PAGEWALK config --config $config --dut)
    parameters=$(sed 's/\(.*\)=\(.*\)/-chparam \1 \2/' "${dut%/*}/parameters")
    # shellcheck disable=SC2116
    if yosys -q -p "read_verilog -sv build/gen/mmu_pkg.sv $files
        hierarchy -check -top mmu $(echo $parameters)
        proc; opt_clean; check -assert" >$WORK/log 2>&1 && ! grep -E 'implicitly declared|out of bounds' $WORK/log; then
        echo "ok - yosys, $config"
    else
        echo "not ok - yosys, $config"
        grep -iE 'error|implicitly declared|out of bounds|problem' $WORK/log | head -n 10 | sed 's/^/    /'
        code=1
    fi
done
rm -r $WORK
exit $code
