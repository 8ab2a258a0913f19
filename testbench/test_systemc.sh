#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# SystemC. The test of the TLM component and the example platform; then traces on each engine under SystemC against
# the C model, as --json says it: `systemc` (the RTL at its pins) and `systemc-at` (nb_transport) with any number
# outstanding, `systemc-lt` (b_transport) with core.window = 1, all but the keys that docs/interface.md excepts;
# `systemc-dmi` the values, the faults and what the kernel half did, cycles aside. Every text trace, and a window of
# WINDOW accesses of each recording.
set -eu
cd "$(dirname "$0")/.."
PAGEWALK=${PAGEWALK:-build/pagewalk}
WINDOW=${WINDOW:-20000}
OUT=build/test.systemc
. testbench/tap.sh
if ! pkg-config --exists systemc tlm 2>/dev/null; then
    echo "ok - skipped: SystemC is not installed here; testbench/install.sh systemc does that"
    exit 0
fi
rm -rf $OUT
mkdir -p $OUT
SAME='del(.engine, .seconds, .accesses_per_second, .checked, .mismatches)
    | with_entries(select(.key | startswith("compared_") | not))'
SEEN='[.trace, .records, .accesses, .values, .faults, .os, .signals, .frames, .oom, .expectations, .ps, .exit_code]'
export SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1

program() { # NAME: its path; the build's words on stderr
    testbench/systemc/build.sh "$1"
}

# ---- The component ------------------------------------------------------------------------------------------------
test=$(program check)
$test >$OUT/check 2>&1 || code=1
cat $OUT/check
orders=$(grep -c 'no stale pointer$' $OUT/check)
$test keep >$OUT/keep 2>&1 || :
kept=$(grep -c '^not ok.*no stale pointer$' $OUT/keep || :)
check "an initiator that keeps its pointers fails each of the $orders tests for stale ones ($kept)" \
    test "$kept.$((orders > 0))" = "$orders.1"

platform=$(program platform)
$platform >$OUT/platform 2>&1 || code=1
check "the example platform: a fault repaired, all stores and fetches done" grep -q '2048 stores, past the MMU: 2044' \
    $OUT/platform
check "its sources are under 150 lines of code" \
    [ "$(cat testbench/systemc/platform.* | grep -vcE '^ *(//.*)?$')" -lt 150 ]

# ---- The engines --------------------------------------------------------------------------------------------------
text=$(echo traces/*.trace)
recordings=$(echo traces/*.pwt)

run() { # ENGINE OPTIONS...: each trace's object into $OUT/ENGINE, one a line
    engine=$1
    shift
    # shellcheck disable=SC2086
    {
        $PAGEWALK run --engine "$engine" "$@" --check --json $text || :
        $PAGEWALK run --engine "$engine" "$@" --check --json --max-accesses "$WINDOW" $recordings || :
    } >$OUT/"$engine" 2>$OUT/"$engine".err
}

compare() { # WHAT ENGINE FILTER: against the model's objects
    jq -cS "$3" $OUT/model >$OUT/want
    jq -cS "$3" $OUT/"$2" >$OUT/got
    traces=$(wc -l <$OUT/want)
    differ=$(diff $OUT/want $OUT/got | grep -c '^[<>]' || :)
    cycles=$(jq -s 'map(.cycles) | add' $OUT/"$2")
    if [ "$differ" = 0 ] && [ "$traces" -gt 0 ] && jq -es 'all(.exit_code == 0)' $OUT/"$2" >/dev/null; then
        echo "ok - $2, $1: $traces traces, $cycles cycles: alike"
    else
        echo "not ok - $2, $1: $differ of $traces traces"
        diff $OUT/want $OUT/got | grep '^>' | head -n 2 | cut -c1-300 | sed 's/^/    /'
        head -n 3 $OUT/"$2".err | sed 's/^/    /'
        code=1
    fi
}

run model
for engine in systemc systemc-at; do
    run "$engine"
    compare "core.window as it is" "$engine" "$SAME"
done
run model --set core.window=1
for engine in systemc systemc-at systemc-lt; do
    run "$engine" --set core.window=1
    compare "core.window = 1" "$engine" "$SAME"
done
# With one way in L1 the next page evicts the last one: what a pointer serves, the model walks for or asks L2.
small="--set core.window=1 --set l1i.ways=1 --set l1d.ways=1"
for engine in model systemc-dmi; do
    # shellcheck disable=SC2086
    run $engine $small
done
compare "values, faults, kernel half" systemc-dmi "$SEEN"
check "pointers were used: L1 misses by DMI, and without" \
    jq -ne --slurpfile a $OUT/systemc-dmi --slurpfile b $OUT/model \
    '([$a[].tlb.l1d.misses] | add) as $dmi | ([$b[].tlb.l1d.misses] | add) as $all | [$dmi, $all], $dmi < $all'

# ---- What there is not --------------------------------------------------------------------------------------------
mkdir -p $OUT/none
printf '#!/bin/sh\nexit 1\n' >$OUT/none/pkg-config && chmod +x $OUT/none/pkg-config
if PATH=$PWD/$OUT/none:$PATH $PAGEWALK run --engine systemc-at traces/stores.trace >$OUT/absent 2>&1; then
    got=0
else
    got=$?
fi
check "without SystemC the engine says so, exit 3 ($got)" \
    sh -c "[ $got = 3 ] && grep -q 'no SystemC here' $OUT/absent"
check "pagewalk itself does not link SystemC" sh -c "! ldd $PAGEWALK | grep -qi systemc"
[ "$code" != 0 ] || rm -r $OUT
exit $code
