#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# `pagewalk reduce` on traces that fail: planted faults of the self-test in RTL and twin, a fence left out by the kernel
# half, an expectation that does not hold. Each must become short, fail with the same signature when it is run as its
# note says, read and print as any trace, and lose it with any single record. And what reduce must refuse.
set -eu
cd "$(dirname "$0")/.."
unset MAKEFLAGS MFLAGS
OUT=build/test-reduce
rm -rf "$OUT"
mkdir -p "$OUT"
. testbench/tap.sh
planted
PAGEWALK=build/selftest/pagewalk
SMALL='--engine lockstep --config testbench/selftest/small.conf'

# Random accesses of two processes over mappings that come and go: COUNT SEED.
random_trace() {
    awk -v n="$1" -v seed="$2" 'BEGIN {
        srand(seed)
        print "pagewalk-trace 1\nprocess 1\nmmap 0x10000000 0x80000 rw- private anon"
        print "mmap 0x20000000 0x80000 rwx private anon\nS 10000000 8\nfork 2"
        me = 1
        for (i = 0; i < n; i++) {
            k = substr("LSIM", 1 + int(rand() * 4), 1)
            base = k == "I" ? 536870912 : 268435456
            printf "%s %x %d\n", k, base + int(rand() * 48) * 4096 + int(rand() * 500) * 8, k == "I" ? 4 : 8
            if (rand() < 0.01) { me = 3 - me; print "run " me }
            at = 268435456 + int(rand() * 100) * 4096
            if (rand() < 0.004) printf "munmap 0x%x 4096\nmmap 0x%x 4096 rw- private anon\n", at, at
        }
    }'
}

signature() { # of a run, with these arguments
    "$PAGEWALK" run --json "$@" 2>/dev/null | jq -r .signature || echo refused
}

engine() { # of the command that the trace names
    sed -n 's/^note shown by: [^ ]* run \(.*\) [^ ]*$/\1/p' "$1"
}

minimal() { # F: without any single record it does not fail so
    # shellcheck disable=SC2046
    grep -vn '^pagewalk-\|^note\|^set' "$1" | cut -d: -f1 | while read -r line; do
        sed "${line}d" "$1" >"$OUT/less.trace"
        less=$(signature $(engine "$1") "$OUT/less.trace")
        [ "$less" != "$2" ] || echo "line $line is not needed: $(sed -n "${line}p" "$1")"
    done >"$OUT/needless"
    cat "$OUT/needless"
    [ ! -s "$OUT/needless" ]
}

reduced() { # NAME MOST, then the arguments of reduce
    name=$1 most=$2 out=$OUT/$1.trace
    shift 2
    if ! "$PAGEWALK" reduce --json -o "$out" "$@" >"$OUT/$name.json" 2>"$OUT/$name.log"; then
        check "$name is reduced" cat "$OUT/$name.log" "$OUT/none"
        return
    fi
    was=$(jq -r .signature "$OUT/$name.json")
    left=$(jq -r .records_after "$OUT/$name.json")
    check "$name: $(jq -r .records_before "$OUT/$name.json") records to $left: $was" [ "$left" -le "$most" ]
    # shellcheck disable=SC2046
    check "$name: as its note says, it fails so" [ "$(signature $(engine "$out") "$out")" = "$was" ]
    build/pagewalk dump "$out" >"$OUT/dumped"
    check "$name: dump prints what was written" cmp "$out" "$OUT/dumped"
    check "$name: no record too many" minimal "$out" "$was"
}

refused() { # CODE WORDS, then a command
    wanted=$1 words=$2 got=0
    shift 2
    "$@" >"$OUT/refused" 2>&1 || got=$?
    cat "$OUT/refused"
    [ "$got" = "$wanted" ] && grep -q "$words" "$OUT/refused"
}

random_trace 6000 7 >"$OUT/random.in"
$PAGEWALK import --from pagewalk "$OUT/random.in" -o "$OUT/random.pwt"

export PLANTED=60 # who joins a walk gets the verdict of the first
# shellcheck disable=SC2086
reduced rtl-joined 12 $SMALL "$OUT/random.pwt"
export PLANTED=53 # a fence that misses L2
# shellcheck disable=SC2086
reduced rtl-fence 12 $SMALL --from 100 --to 4000 "$OUT/random.in"
export PLANTED=121 # model and RTL alike: L1 keeps what a fence names; opinion 2 says so
# shellcheck disable=SC2086
reduced twin-fence 12 $SMALL --seed 9 "$OUT/random.pwt"
export PLANTED=0
# shellcheck disable=SC2086
check "without its fault it passes, and is refused" refused 3 "it passes.*nothing to reduce" \
    $PAGEWALK reduce $SMALL "$OUT/rtl-fence.trace" -o "$OUT/none.trace"

# Traces of the pins: random traffic, a case of the decision table.
export PLANTED=60
# shellcheck disable=SC2086
reduced pins-traffic 30 $SMALL 'traffic:1?accesses=4000'
# shellcheck disable=SC2086
reduced pins-drawn 12 $SMALL 'traffic:7?accesses=20000' # latency and stalls of its memory are drawn
export PLANTED=12 # a misaligned superpage is accepted
# shellcheck disable=SC2086
reduced pins-translate 12 $SMALL translate:sv39:100
export PLANTED=0

# The kernel half: a fence left out after munmap; a kind of fault that a trace expects, wrongly, at its end.
reduced kernel-fence 8 --check --set os.skip_fence=unmap "$OUT/random.in"
{
    cat "$OUT/random.in"
    printf 'mmap 0x30000000 4096 r-- private anon\nL 30000000 8 racing\nexpect fault anon_alloc\n'
} >"$OUT/wrong.in"
reduced expectation 5 "$OUT/wrong.in"
check "expectation: what races still does" grep -q '^L 0*30000000 8 racing$' "$OUT/expectation.trace"
check "expectation: it names the fault" grep -q '^expect fault anon_alloc$' "$OUT/expectation.trace"

# A moment of the kernel half, by the number of a record: every 30th writes back what the one before it has stored. What
# is written begins with other notes and settings than what was read, and must have that moment where it was.
moment() { # SETTING LOADS NOTE
    printf 'pagewalk-trace 1\n%sfile 1 data size 4096\nprocess 1\n' "$1"
    printf 'mmap 0x10000000 4096 rw- shared file 1 0\nmmap 0x20000000 4096 rw- private anon\n'
    for k in $(seq "$2"); do echo 'L 20000000 8'; done
    printf 'S 10000000 8\n%sL 20000000 8\nL 20000000 8\nexpect disk 1 0 original\n' "$3"
}
moment '' 24 '' >"$OUT/moment.in"
reduced moment 28 --set os.flusher=30 "$OUT/moment.in"
moment 'set os.flusher 30
' 23 'note another
' >"$OUT/moment-noted.in"
reduced moment-noted 28 "$OUT/moment-noted.in"

# What a load must return stands 40,000 accesses earlier; the store gets another number as those before it go.
{
    random_trace 40000 3 | sed '6i mmap 0x30000000 4096 rw- private anon\nS 10000008 8\nS 30000000 8'
    printf 'run 1\nL 30000000 8\nexpect value store 1\n'
} >"$OUT/far.in"
reduced far 10 "$OUT/far.in"

# A signal: the best so far is a failing trace, from which it goes on. When it comes is a matter of the machine.
got=0
for seconds in 0.3 0.6 1 2 4 8; do
    got=0
    rm -f "$OUT/part.trace"
    stopped_after $seconds $PAGEWALK reduce "$OUT/far.in" -o "$OUT/part.trace" >"$OUT/part" 2>&1 ||
        got=$?
    [ ! -e "$OUT/part.trace" ] || break
done
check "interrupted by SIGTERM: exit 6, and the best so far is written" [ "$got" = 6 ]
check "interrupted: it says how to go on" grep -q "goes on from here" "$OUT/part"
reduced resumed 10 "$OUT/part.trace"
exit $code
