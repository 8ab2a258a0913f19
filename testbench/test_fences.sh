#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# One regression a fence rule: testbench/fences/RULE.trace passes as it is. With a needed rule left out the kernel-side
# check reports it at once, under every shipped configuration, and with that check off wrong data or a forbidden access
# gets through. With an eager rule left out nothing changes but the number of spurious faults.
set -eu
cd "$(dirname "$0")/.."
PAGEWALK=${PAGEWALK:-build/pagewalk}
WORK=build/test.fences
mkdir -p $WORK
code=0

verdict() { # CONDITION-STATUS, sentence
    if [ "$1" = 0 ]; then
        echo "ok - $2"
    else
        echo "not ok - $2"
        head -n 12 $WORK/out | sed 's/^/    /'
        code=1
    fi
}

runs() { # EXIT, words, argument...
    expected=$1 words=$2 got=0
    shift 2
    $PAGEWALK run "$@" >$WORK/out 2>&1 || got=$?
    [ $got = "$expected" ] && grep -qE -- "$words" $WORK/out
}

# Whatever the hart is like: its knobs come from the configuration, those of the rule from the trace.
every_config() { # EXIT, words, argument...
    for config in $($PAGEWALK config --list); do
        if [ "$config" = sv32 ] && grep -q hugepage "$trace"; then continue; fi # Linux has none there
        runs "$@" --config "$config" || return 1
    done
}

needed() { # rule
    trace=testbench/fences/$1.trace
    skip="--set os.skip_fence=$1"
    s=0
    runs 0 . --check "$trace" || s=$?
    # A trace that sets asid.bits would need a Verilated MMU of its own.
    grep -q '^set asid.bits' "$trace" || runs 0 . --engine lockstep "$trace" || s=$?
    verdict $s "$1: the trace passes"
    s=0
    runs 0 . --set os.svinval=1 --check "$trace" || s=$?
    # shellcheck disable=SC2086
    runs 1 'kernel-side check' --set os.svinval=1 $skip --check "$trace" || s=$?
    verdict $s "$1, on a hart with Svinval: the trace passes, and left out it is reported"
    s=0
    # shellcheck disable=SC2086
    every_config 1 'kernel-side check' $skip --check "$trace" || s=$?
    verdict $s "$1, left out: the kernel-side check reports it under every configuration"
    s=0
    # shellcheck disable=SC2086
    runs 1 'opinion 3, data' $skip --no-kernel-check --check "$trace" || s=$?
    verdict $s "$1, left out, that check off: wrong data or a forbidden access gets through"
}

facts() { # rule left out, trace: what must not change, then the spurious faults
    $PAGEWALK run --json --check --set os.skip_fence="$1" "$2" 2>$WORK/err |
        jq -c '[.exit_code, .signals, .accesses, .expectations, (.os | del(.spurious, .minor)),
            .os.minor - .os.spurious], .os.spurious'
}

eager() { # rule
    trace=testbench/fences/$1.trace
    facts none "$trace" >$WORK/out
    facts "$1" "$trace" >>$WORK/out
    s=0
    [ "$(sed -n 1p $WORK/out)" = "$(sed -n 3p $WORK/out)" ] || s=1
    [ "$(sed -n 1p $WORK/out | cut -c2)" = 0 ] || s=1
    [ "$(sed -n 4p $WORK/out)" -ge "$(sed -n 2p $WORK/out)" ] || s=1
    verdict $s "$1, left out: nothing changes but spurious faults ($(sed -n 2p $WORK/out) to $(sed -n 4p $WORK/out))"
}

rules=$(sed -n 's/^ENTRY(rule, [A-Z_]*, [0-9]*, "\([a-z_]*\)", "\([a-z]*\): .*/\1 \2/p' model/enums.def)
echo "$rules" | while read -r rule kind; do
    # A batch needs a trace once something is reclaimed: when another file than its own calls for its fence.
    [ $rule != batch ] || grep -lE '\bbatch_flush\(' model/os/*.c | grep -qv tlbflush.c || continue
    [ -f "testbench/fences/$rule.trace" ] || echo "$rule"
    grep -qF "| \`$rule\` | $kind |" docs/fences.md || echo "$rule, documented as $kind"
done >$WORK/out
s=0
[ ! -s $WORK/out ] || s=1
verdict $s "each of $(echo "$rules" | wc -l) rules has a trace and a row in docs/fences.md"
for rule in $(echo "$rules" | sed -n 's/ needed$//p'); do
    [ ! -f "testbench/fences/$rule.trace" ] || needed "$rule"
done
for rule in $(echo "$rules" | sed -n 's/ eager$//p'); do
    [ ! -f "testbench/fences/$rule.trace" ] || eager "$rule"
done
rm -r $WORK
exit $code
