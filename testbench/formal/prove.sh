#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# prove.sh [UNIT...]   Proves the properties of testbench/formal/units.txt with Yosys: all of a unit together, by
# induction (sat -tempinduct), or from reset to a depth (ABC's bmc3); then that the cover of each is reached from
# reset, and that a planted bug breaks it. Prints a line a property with the CPU time of Yosys for the proof of its
# unit, and ends with how many hold; where all were asked for, the table of docs/formal.md is written. What has been
# proved of the same sources is not proved again (build/prove/); a run that was stopped goes on where it was. JOBS=N
# properties at a time, two unless told.
set -eu
cd "$(dirname "$0")/../.."
. testbench/yosys_read.sh
HERE=testbench/formal
OUT=build/prove
mkdir -p $OUT
failed=0 held=0

# The sources of the unit in DIR, with its SVA modules inside: Yosys does not bind.
sources() { # DIR HARNESS MODULES
    rm -rf "$1" && mkdir -p "$1"
    cp build/gen/mmu_pkg.sv rtl/mmu_fn_pkg.sv $HERE/assert.sv "$HERE/$2.sv" "$1"
    for module in $3; do
        cp "rtl/$module.sv" "$1"
        sva=testbench/sva/${module}_sva.sv
        # an SVA module that names an array port or a generate block of its unit is stated by the harness
        [ "$method" = induction ] && [ -e "$sva" ] && ! grep -qE '\[0:[A-Z]+-1\]|g_[a-z]+\.' "$sva" || continue
        bound=$(sed -n "s/^bind $module //p" "$sva")
        sed '/^bind /d' "$sva" >"$1/${module}_sva.sv"
        sed -i "s/^endmodule/  $bound\nendmodule/" "$1/$module.sv"
    done
}

# yosys_on DIR LOG DEFINES COMMANDS   Reads the sources, flattens them under the harness, then the commands.
yosys_on() {
    first="$1/assert.sv $1/mmu_pkg.sv $1/mmu_fn_pkg.sv"
    rest=$(ls "$1"/*.sv | grep -vE '/(assert|mmu_pkg|mmu_fn_pkg)\.sv$' | tr '\n' ' ')
    set_all=$([ "$parameters" = - ] || echo "-set $parameters" | sed 's/,/ -set /g; s/=/ /g')
    yosys -q -l "$2" -p "read_verilog -formal -sv $3 $first $rest
        ${set_all:+chparam $set_all $harness}
        hierarchy -check -top $harness; proc; memory_map; flatten; opt -nodffe -nosdff; dffunmap; check -assert
        $4" >"$2.err" 2>&1 && ! grep -qE 'implicitly declared|out of bounds' "$2.err"
}

only() { # LABEL...
    kept=
    for label; do kept="$kept c:$label c:*.$label %u ${kept:+%u}"; done
    echo "select -set kept $kept; select -assert-count $# @kept; delete t:\$assert @kept %d"
}
column() { awk -v n="$1" '{ print $n }' "$dir/properties" | sort -u | tr '\n' ' '; } # of the unit's properties

# prove DIR LOG   All properties hold. refute DIR LOG LABEL   That one can fail within the depth. reached DIR LOG COVER
# It is, within the depth; after reach DIR LOG.
prove() {
    if [ "$method" = induction ]; then
        yosys_on "$1" "$2" "" 'sat -verify -tempinduct -prove-asserts -set-assumes -maxsteps 1'
    else
        yosys_on "$1" "$2" "" "$(only $(column 1)); $AIGER $2.aig" && bmc "$2" &&
            grep -q 'No output asserted in' "$2.bmc"
    fi
}
refute() {
    if [ "$method" = induction ]; then
        yosys_on "$1" "$2" "" "$(only "$3"); $FALSIFY $depth"
    else
        yosys_on "$1" "$2" "" "$(only "$3"); $AIGER $2.aig" && bmc "$2" && grep -q 'was asserted in frame' "$2.bmc"
    fi
}
reach() { # reading the whole takes longer than a search: once, with an output a cover
    [ "$method" = induction ] ||
        yosys_on "$1" "$2" "-D PW_REACH" "$(only $(column 2)); tee -o $2.order select -list t:\$assert; $AIGER $2.aig"
}
reached() {
    if [ "$method" = induction ]; then
        yosys_on "$1" "$2.$3.log" "-D PW_REACH" "$(only "$3"); $FALSIFY $depth"
    else
        at=$(grep -n "/$3\$" "$2.order" | cut -d: -f1)
        [ -n "$at" ] && bmc "$2" "$3" "cone -s -O $((at - 1));" && grep -q 'was asserted in frame' "$2$3.bmc"
    fi
}
FALSIFY='sat -falsify -tempinduct-baseonly -prove-asserts -set-assumes -maxsteps'
AIGER='setundef -undriven -anyseq; techmap; opt_clean; setundef -init -zero; aigmap; write_aiger -zinit'
bmc() { # AIG SUFFIX COMMANDS
    yosys-abc -c "read_aiger $1.aig; fold; ${3:-} scleanup; lcorr; scleanup; bmc3 -F $depth" >"$1${2:-}.bmc" 2>&1
}
seconds() { # of Yosys, and of ABC if it searched
    cat "$1" "$1.bmc" 2>/dev/null | sed -n 's/.*CPU: user \([0-9.]*\)s.*/\1/p; s/.* Time = *\([0-9.]*\) sec.*/\1/p' |
        awk '{ sum += $1 } END { printf "%.2f", sum }'
}

# PROPERTY COVER FILE BUG, once the unit is proved ($proved): is the cover reached, does the bug break it?
check_property() {
    why=
    [ $proved = yes ] || why="$why not proved,"
    reached "$dir/rtl" "$dir/reach.log" "$2" || why="$why $2 not reached,"
    sources "$dir/$1" "$harness" "$modules"
    sed -i "$4" "$dir/$1/$3"
    if cmp -s "$dir/$1/$3" "$dir/rtl/$3"; then
        why="$why the bug changes nothing,"
    elif ! refute "$dir/$1" "$dir/$1.log" "$1"; then
        why="$why the bug does not break it,"
    fi
    rm -rf "${dir:?}/$1"
    printf '%-8s %-17s %-9s %7s s  %s\n' "$unit" "$1" "$how" "$seconds" "${why:-$GOOD}" >"$dir/$1.line"
}
GOOD='holds; reached; a bug breaks it'

# One unit: the proof of all its properties, then each with its cover and its bug. A line each.
prove_unit() {
    dir=$OUT/$unit
    sources "$dir/rtl" "$harness" "$modules"
    proved=no
    prove "$dir/rtl" "$dir/proof.log" && proved=yes
    seconds=$(seconds "$dir/proof.log")
    how=$method
    [ "$method" = induction ] || how=$method:$depth
    reach "$dir/rtl" "$dir/reach.log" || :
    running=0
    while read -r property cover file bug; do
        check_property "$property" "$cover" "$file" "$bug" &
        running=$(((running + 1) % ${JOBS:-2}))
        [ $running != 0 ] || wait
    done <"$dir/properties"
    wait
    while read -r property _; do cat "$dir/$property.line"; done <"$dir/properties"
}

units=$(sed -n '/^[a-z]/s/ .*//p' $HERE/units.txt)
for unit in ${*:-$units}; do
    read -r _ harness parameters method depth modules <<LINE
$(grep "^$unit " $HERE/units.txt)
LINE
    [ "$modules" != all ] || modules=$(rtl_files | sed '1d; /mmu_fn_pkg/d; s,rtl/,,; s,\.sv,,' | tr '\n' ' ')
    mkdir -p "$OUT/$unit"
    awk -v unit="$unit" '/^[a-z]/ { here = $1 == unit } here' $HERE/units.txt >"$OUT/$unit/unit"
    sed -n 's/^  //p' "$OUT/$unit/unit" >"$OUT/$unit/properties"
    knobs='int unsigned' # of their defaults only the whole makes use
    grep -q ' all$' "$OUT/$unit/unit" && knobs='^$'
    key=$({ cat $HERE/assert.sv "$HERE/$harness.sv" "$OUT/$unit/unit" && grep -v "$knobs" build/gen/mmu_pkg.sv &&
        for m in mmu_fn_pkg $modules; do cat "rtl/$m.sv" "testbench/sva/${m}_sva.sv" 2>/dev/null || :; done; } |
        sha256sum | cut -c1-16)
    if [ ! -s "$OUT/$unit/$key" ]; then
        prove_unit >"$OUT/$unit/new"
        mv "$OUT/$unit/new" "$OUT/$unit/$key"
    fi
    cp "$OUT/$unit/$key" "$OUT/$unit/last"
    cat "$OUT/$unit/last"
    held=$((held + $(grep -c "$GOOD\$" "$OUT/$unit/last" || :)))
    failed=$((failed + $(grep -vc "$GOOD\$" "$OUT/$unit/last" || :)))
done
echo "$held properties hold, $failed do not"
[ $failed = 0 ] || exit 1
[ $# = 0 ] || exit 0

{ # all of them: the table of docs/formal.md
    printf '\n| unit | property | method | CPU s of the unit | cover | planted bug in |\n'
    echo '|---|---|---|---|---|---|'
    for unit in $units; do paste -d ' ' "$OUT/$unit/last" "$OUT/$unit/properties"; done |
        sed 's/  */ /g; s/ s holds; reached; a bug breaks it / /' |
        awk '{ print "| " $1 " | `" $2 "` | " $3 " | " $4 " | `" $6 "` | `" $7 "` |" }'
    echo
} >$OUT/table.md
sed -e "/^<!-- prove -->/,/^<!-- end of prove -->/{/^<!-- prove -->/r $OUT/table.md" -e '/^<!--/!d}' \
    docs/formal.md >$OUT/formal.md
mv $OUT/formal.md docs/formal.md
