#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# area.sh [--modules] [CONFIG...]   What these configurations cost in standard cells: docs/area.json, and of it the
# tables of docs/area.md. Those not named stay as they are. A result is kept in build/area/ under a hash of what it
# depends on.
#
# The cells are osu018 (0.18 um), which Debian has. Each configuration is mapped twice: module by module, which gives
# the areas of the modules; and, without --modules, flat, with buffers and sizes for a clock of 2 ns (abc -D -constr),
# which gives the totals and, by OpenSTA, the longest path. SRAM macros are taken out and counted in bits; their pins
# are ends of paths. There are no wire loads and no clock tree.
set -eu
cd "$(dirname "$0")/../.."
. testbench/yosys_read.sh
HERE=testbench/area
OUT=build/area
LIB=/usr/share/qflow/tech/osu018/osu018_stdcells.lib
mkdir -p $OUT
printf 'set_driving_cell INVX1\nset_load 0.05 [all_outputs]\n' >$OUT/abc.constr
awk '/^ *cell *\(/ { gsub(/.*\(|\).*/, ""); cell = $0 }
    cell && /^ *area *:/ { gsub(/[^0-9.]/, ""); print cell, $0; cell = "" }' $LIB |
    jq -Rn '[inputs | split(" ") | {(.[0]): (.[1] | tonumber)}] | add' >$OUT/cells.json

. $HERE/modules.sh

map_flat() { # CONFIG NAME
    synthesize "$1" "proc; opt_clean; blackbox *mmu_sram*
        synth -run begin:fine -top mmu; synth -run fine:check -noabc; dfflibmap -liberty $LIB
        flatten; opt -full; abc -liberty $LIB -D 2000 -constr $OUT/abc.constr; expose -evert; opt_clean -purge
        tee -o $OUT/$2.flat stat -json; write_verilog -noattr -noexpr -simple-lhs $OUT/$2.v"
}

longest_path() { # CONFIG
    cat >"$OUT/$1.tcl" <<TCL
read_liberty $LIB
read_verilog $OUT/$1.v
link_design mmu
create_clock -name clk -period 2 [get_ports clk_i]
set_input_delay 0 -clock clk [all_inputs]
set_output_delay 0 -clock clk [all_outputs]
report_checks -path_delay max -digits 3
TCL
    sta -exit -no_splash "$OUT/$1.tcl" >"$OUT/$1.sta" 2>&1
    awk -f $HERE/path.awk "$OUT/$1.v" "$OUT/$1.sta"
}

measure() { # CONFIG NAME
    key=$({ cat rtl/*.sv build/gen/mmu_pkg.sv $HERE/*.* && parameters "$1" && yosys -V; } | sha256sum | cut -c1-16)
    kept=$OUT/$2.$key$FLAT.json
    [ ! -s "$OUT/$2.$key.flat.json" ] || kept=$OUT/$2.$key.flat.json # which has the modules, too
    if [ ! -s "$kept" ]; then
        commit=$(git rev-parse --short=12 HEAD)
        map_modules "$1" "$2" || { tail -n 5 "$OUT/$2.out" >&2 && exit 1; }
        jq -Rn '[inputs | split("=") | {(.[0]): (.[1] | tonumber)}] | add' "$OUT/$2.parameters" >"$OUT/$2.set.json"
        echo '{}' | tee "$OUT/$2.flat.json" >"$OUT/$2.path.json"
        if [ -n "$FLAT" ]; then
            map_flat "$1" "$2" || { tail -n 5 "$OUT/$2.out" >&2 && exit 1; }
            json "$OUT/$2.flat" >"$OUT/$2.flat.json"
            longest_path "$2" >"$OUT/$2.path.json"
        fi
        jq -n -f $HERE/area.jq --slurpfile tree "$OUT/$2.modules.json" --slurpfile flat "$OUT/$2.flat.json" \
            --slurpfile ram "$OUT/$2.ram.json" --slurpfile parameters "$OUT/$2.set.json" \
            --slurpfile path "$OUT/$2.path.json" --slurpfile cells $OUT/cells.json --arg config "$2" \
            --arg hash "$($PAGEWALK config --config "$1" --print | sed -n '1s/.*hash \([0-9a-f]*\).*/\1/p')" \
            --arg commit "$commit" --arg sources "$key" --arg rtl "${KEPT##*modules-}" \
            --arg yosys "$(yosys -V | cut -d' ' -f2)" >"$kept.new"
        mv "$kept.new" "$kept"
    fi
    cp "$kept" "$OUT/$2.json"
}

# Into docs/area.json at once: a run that is stopped keeps what it has.
keep() { # NAME
    [ -e docs/area.json ] || echo '[]' >docs/area.json
    jq --slurpfile new "$OUT/$1.json" 'map({(.config): .}) + [$new[0] | {(.config): .}] | add | [.[]]
        | sort_by(.by_module.area)' docs/area.json >$OUT/area.json
    mv $OUT/area.json docs/area.json
}

FLAT=.flat
[ "${1:-}" != --modules ] || { FLAT= && shift; }
[ $# -gt 0 ] || set -- tiny sv32 no_l2 no_pwc odd_ways default
for config in "$@"; do
    name=$(basename "$config" .conf)
    echo "  AREA      $name"
    measure "$config" "$name"
    keep "$name"
done
jq -r -f $HERE/table.jq docs/area.json >$OUT/tables.md
sed -e "/^<!-- area -->/,/^<!-- end of area -->/{/^<!-- area -->/r $OUT/tables.md" -e '/^<!--/!d}' \
    docs/area.md >$OUT/area.md
mv $OUT/area.md docs/area.md
sed -n '2,/^$/p' $OUT/tables.md
