#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Read by yosys.sh, area.sh, prove.sh and bugs.sh: how Yosys reads the RTL, and what it writes is driven.
PAGEWALK=${PAGEWALK:-build/pagewalk}

parameters() { # CONFIG   NAME=VALUE, one a line, of what the RTL takes
    "$PAGEWALK" config --config "$1" --print | sed -n 's/^[* ] \([a-z0-9_.]*\) *= \([a-z0-9]*\) .*/\1 \2/p' |
        while read -r name value; do
            name=$(echo "$name" | tr a-z. A-Z_)
            grep -q "int unsigned $name = " build/gen/mmu_pkg.sv || continue
            case $value in
            [a-z]*)
                policy=REPL_$(echo "$value" | tr a-z A-Z)
                value=$(sed -n "s/^ *$policy = [0-9]*'d\([0-9]*\).*/\1/p" build/gen/mmu_pkg.sv)
                ;;
            esac
            echo "$name=$value"
        done
}

# What Yosys is given: the generated package, then the files of rtl/files.f.
rtl_files() {
    echo build/gen/mmu_pkg.sv
    sed 's/#.*//; s,//.*,,; /mmu_pkg/d; /./s,^\(.*/\)*,rtl/,' rtl/files.f
}

# synthesize CONFIG COMMANDS   Reads the RTL with the parameters of CONFIG, then the commands; log in $OUT/CONFIG.log,
# of a file in $OUT/ its name. STUBS has modules that are known already, by their ports. EV_STATE=1: with the digests
# that lock-step compares.
synthesize() {
    set_all=$(parameters "$1" | sed 's/^\(.*\)=\(.*\)/-set \1 \2/' | tr '\n' ' ')
    log=$OUT/$(basename "$1" .conf)
    rm -f "$log.log"
    yosys -q -l "$log.log" -p "${STUBS:+read_rtlil $STUBS; }read_verilog -sv $(rtl_files | tr '\n' ' ')
        chparam $set_all ${EV_STATE:+-set EV_STATE $EV_STATE} mmu
        hierarchy -check -top mmu
        $2" >"$log.out" 2>&1 && ! grep -qE 'implicitly declared|out of bounds' "$log.log"
}

# netlist CONFIG FILE DIR   What Yosys wrote into FILE, with EV_STATE=1, as a device under test in DIR: the same module
# name, and parameters that say what it was made with. Prints DIR.
netlist() {
    mkdir -p "$3"
    list=$({ parameters "$1" && echo EV_STATE=1; } | sed 's/^/parameter int unsigned /; s/=/ = /; $!s/$/,/' |
        tr '\n' ' ')
    { # one bit of a vector assigned from another of it is no loop; a multiplexer of many is a casez of one-hots
        echo '/* verilator lint_off UNOPTFLAT */ /* verilator lint_off CASEOVERLAP */'
        sed "s|^module mmu(|module mmu #($list) (|" "$2"
    } >"$3/mmu.sv"
    echo mmu.sv >"$3/files.f"
    echo "$3"
}
