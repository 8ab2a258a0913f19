#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# bugs.sh   Bugs in the RTL whose authors know no checker, on the way that docs/first-red-run.md describes: does
# `regress` turn red, is `reduce` small, and is the waveform of what is left one to look at? Patches beside this file,
# written by somebody who had read rtl/ alone, and five slips that Yosys draws from its list of mutations by SEED, all
# in one netlist, one awake at a time. A row a bug, of a table for docs/evidence.md; exit code 1 if one is not found.
# What is done is kept in build/bugs, so a second call goes on.
#
# First the same on the RTL and on the netlist without a bug: both must pass. `regress` runs the tag `pins`, and all of
# `quick` only if that stays green. Short runs: DUT_OPTIMIZE=-O1 saves more than it costs.
set -eu
cd "$(dirname "$0")/../.."
. testbench/yosys_read.sh
SEED=${SEED:-1}
CONFIG=testbench/selftest/small.conf
WIDE=testbench/bugs/wide.conf # for the mutations: no bit of it is without an effect
OUT=build/bugs
mkdir -p "$OUT/$(dirname $WIDE)" # where Yosys leaves its log
export DUT_OPTIMIZE="${DUT_OPTIMIZE:--O1}"
PASSES='proc; flatten; opt_clean; memory_collect; opt_clean'

# ---- Copies of the RTL ----------------------------------------------------------------------------------------------
patched() { # PATCH DIR
    mkdir -p "$2"
    cp rtl/* "$2"
    patch -s -d "$2" -p2 <"$1"
}

# Mutation k acts while the control signal `mutated` is k; the program with planted faults says which (PLANTED=k).
mutated() { # DIR
    list=$OUT/mutations.$SEED
    mkdir -p "$1"
    EV_STATE=1 synthesize $WIDE "$PASSES; mutate -list 6 -none -seed $SEED -ctrl mutated 3 0 -o $list; script $list
        write_verilog -noattr $OUT/yosys.v" || return
    sed -e '1,/);/s/, mutated//' -e '/^  input \[2:0\] mutated;$/d' \
        -e 's/^  wire \[2:0\] mutated;$/  wire [2:0] mutated = mmu_fault::number[2:0];/' $OUT/yosys.v >$OUT/mutated.v
    netlist $WIDE $OUT/mutated.v "$1" >/dev/null
    cp testbench/selftest/mmu_fault.sv "$1"
    printf 'mmu_fault.sv\nmmu.sv\n' >"$1/files.f"
}

# ---- The way of one bug ---------------------------------------------------------------------------------------------
# What the run of the reduced trace says and leaves: cycle of the difference, cycles and view of the waveform.
look() { # DIR TRACE
    command=$(sed -n 's/^note shown by: [^ ]* //p' "$2")
    eval "$PROGRAM $command" >"$1/run" 2>&1 || :
    cycle=$(sed -n 's/^[^ ].*: .* in cycle \([0-9]*\)$/\1/p' "$1/run" | head -n 1)
    # shellcheck disable=SC2046
    set -- $(sed -n 's/^  waves *\(.*\), cycles \([0-9]*\) to \([0-9]*\)$/\1 \2 \3/p' "$1/run")
    [ $# = 3 ] && [ "$2" -le "$cycle" ] && [ "$cycle" -le "$3" ] || return 0
    view=$($PROGRAM wave --print "$1" 2>/dev/null) && testbench/view_check.sh "$view" >&2 || return 0
    echo "$cycle in $2 to $3, $(sed -n '1s/.*view \([a-z0-9]*\),.*/\1/p' "$view")"
}

red() { # DIR: the first tag that turns red
    for tag in pins quick; do
        [ -e "$1/$tag/results.json" ] ||
            $PROGRAM regress $tag --jobs 1 --configs $CONFIG -o "$1/$tag" >"$1/$tag.out" 2>"$1/$tag.log" || :
        [ "$(jq -r .verdict "$1/$tag/results.json")" = passed ] || break
    done
    echo "$1/$tag/results.json"
}

way() { # NAME RTL
    dir=$OUT/$1 records='' window=''
    mkdir -p "$dir"
    export DUT_RTL="$2"
    results=$(red "$dir")
    signature=$(jq -r '.groups[0].signature // "none"' "$results")
    counts=$(jq -r '"\(.failed) of \(.runs | length) runs, \(.groups | length)"' "$results")
    [ "$signature" != none ] || return 0
    small=$dir/small-$1.trace
    command=$(jq -r '.groups[0].command' "$results")
    # shellcheck disable=SC2086
    [ -e "$small" ] || eval "$PROGRAM reduce ${command#* run } -o $small" >"$dir/reduce" 2>&1 || :
    records=$(grep -cvE '^(note|set|pagewalk-[a-z]*) ' "$small" || :)
    window=$(look "$dir" "$small")
}

row() { # NAME RTL WHAT
    way "$1" "$2"
    echo "| $3 | \`$signature\` | $counts | $records | $window |"
    [ -n "$window" ] && [ "$records" -lt 30 ] || code=1
}

clean() { # NAME RTL
    way "$1" "$2"
    [ "$signature" != none ] || return 0
    echo "not ok - $1: $signature, without a bug" >&2
    exit 1
}

# ---- All ------------------------------------------------------------------------------------------------------------
code=0
PROGRAM=$PAGEWALK
clean plain rtl
echo '| bug | signature of the first group | groups | records left | difference in cycle, waves, view |'
echo '|---|---|---|---|---|'
for patch in testbench/bugs/*.patch; do
    [ -e "$patch" ] || continue
    name=$(basename "$patch" .patch)
    [ -e "$OUT/$name.rtl" ] || { patched "$patch" "$OUT/$name.new" && mv "$OUT/$name.new" "$OUT/$name.rtl"; }
    row "$name" "$OUT/$name.rtl" "$(sed -n '1s/^# \([^;]*\).*/\1/p' "$patch")"
done
PROGRAM=build/selftest/pagewalk
CONFIG=$WIDE
netlist=$OUT/mutated-$SEED.rtl
[ -e "$netlist" ] || { mutated "$netlist.new" && mv "$netlist.new" "$netlist"; }
export PLANTED=0
clean "mutated-$SEED-0" "$netlist"
while read -r mutation; do
    export PLANTED=$((PLANTED + 1))
    what=$(echo "$mutation" | sed 's/.*-mode \([a-z0-9]*\) .*/\1/')
    at=$(echo "$mutation" | grep -o 'rtl/[a-z0-9_]*\.sv:[0-9]*' | sort -u | tr '\n' ' ')
    row "mutated-$SEED-$PLANTED" "$netlist" "Yosys, seed $SEED, $PLANTED: $what ${at% }"
done <<LIST
$(sed 1d "$OUT/mutations.$SEED")
LIST
exit $code
