#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The ways out of the program: every kind of bad input is refused with exit 3, a place and a remedy, usage errors
# with exit 2, under the sanitizers; and what is asked of stdout stays apart from stderr.
set -eu
cd "$(dirname "$0")/.."
PAGEWALK=${PAGEWALK_SAN:-build/san/pagewalk}
# A refused input ends the program at once; what it held then is the system's to free.
export ASAN_OPTIONS=detect_leaks=0:exitcode=99
WORK=build/test.cli
mkdir -p $WORK
. testbench/tap.sh

exits() { # CODE, words, command...
    expected=$1 words=$2
    shift 2
    got=0
    "$@" >$WORK/out 2>$WORK/err || got=$?
    if [ $got = "$expected" ] && { echo; cat $WORK/out $WORK/err; } | grep -qF -- "$words"; then
        echo "ok - exit $expected: $words ($(echo "$*" | cut -c1-60))"
    else
        echo "not ok - $*: exit $got, expected $expected with: $words"
        head -n 15 $WORK/err | sed 's/^/    /'
        code=1
    fi
}

exits 0 "usage: pagewalk VERB" $PAGEWALK --help
exits 0 "pagewalk " $PAGEWALK --version
exits 2 "usage: pagewalk VERB" $PAGEWALK
exits 2 "try: run" $PAGEWALK rnu
exits 2 "name at least one trace" $PAGEWALK run
exits 2 "one of model, rtl, lockstep" $PAGEWALK run --engine verilog x.trace
exits 2 "a whole number is expected" $PAGEWALK run --from -3 x.trace
exits 2 "--to is before --from" $PAGEWALK run --from 9 --to 3 x.trace
exits 2 "take one trace" $PAGEWALK run --log $WORK/l.csv x.trace y.trace
exits 2 "needs --json" $PAGEWALK run --intervals 9 x.trace
exits 2 "needs --wave" $PAGEWALK run --wave-at-fault x.trace
exits 2 "name it F.fst" $PAGEWALK run --engine rtl --wave w.vcd x.trace
exits 2 "together" $PAGEWALK run --engine rtl --wave w.fst --wave-at-fault --wave-from 9 x.trace
exits 2 "write KEY=VALUE" $PAGEWALK run --set l2.ways x.trace

printf '# accesses\nI 10000 4\nL 20000 8\nS 20008 8\nM 30000 4\n' >$WORK/in.txt
exits 0 "" $PAGEWALK import --from text $WORK/in.txt -o $WORK/good.pwt
exits 0 "good.pwt" $PAGEWALK run $WORK/good.pwt
exits 3 "try: l2.ways" $PAGEWALK run --set l2.way=3 $WORK/good.pwt
SIZE=$(wc -c <$WORK/good.pwt)
for cut in 0 1 7 $((SIZE / 2)) $((SIZE - 1)); do
    head -c "$cut" $WORK/good.pwt >$WORK/cut.pwt
    exits 3 "try: " $PAGEWALK run $WORK/cut.pwt
done
for at in 0 $((SIZE / 3)) $((SIZE / 2)) $((SIZE - 2)); do
    { head -c "$at" $WORK/good.pwt; tail -c +$((at + 1)) $WORK/good.pwt | head -c 1 | tr '\000-\377' '\001-\377\000'
        tail -c +$((at + 2)) $WORK/good.pwt; } >$WORK/flip.pwt
    exits 3 "try: " $PAGEWALK run $WORK/flip.pwt
done
head -c 4096 /dev/urandom >$WORK/random.pwt
cp $WORK/random.pwt $WORK/random.trace
: >$WORK/empty.trace
exits 3 "try: " $PAGEWALK run $WORK/random.pwt
exits 3 "try: " $PAGEWALK run $WORK/random.trace
exits 3 "try: " $PAGEWALK run $WORK/empty.trace
exits 3 "try: " $PAGEWALK run $WORK/nonesuch.trace
exits 3 "try: " $PAGEWALK run $WORK
if grep -q "L1I" $WORK/out; then echo "not ok - a table without a row" && code=1; fi
mkfifo $WORK/fifo.trace
exits 3 "not a pipe" timeout 20 $PAGEWALK run $WORK/fifo.trace
printf 'pagewalk-trace 1\nprocess 1\nmnap 0x1000 0x1000 rw- private anon\n' >$WORK/word.trace
exits 3 "word.trace:3:1" $PAGEWALK run $WORK/word.trace
printf 'pagewalk-trace 1\nset l2.way 3\nprocess 1\n' >$WORK/set.trace
exits 3 "set.trace:2" $PAGEWALK run $WORK/set.trace

printf 'pagewalk-trace 1\nprocess 1\nmmap 0x10000 0x1000 rw- private anon\nL 10000 8\nexpect fault cow_copy\n' \
    >$WORK/wrong.trace
exits 1 "cow_copy" $PAGEWALK run $WORK/wrong.trace
exits 1 "rerun    $PAGEWALK run" $PAGEWALK run $WORK/wrong.trace

# Promises: memory and swap have 1024 + 512 pages.
promise() { # PAGES [RECORD...]
    printf 'pagewalk-trace 1\nset os.frames 1024\nset os.swap 512\nset os.overcommit heuristic\nprocess 1\n'
    printf 'mmap 0x10000000 %u rw- private anon\n' $(($1 * 4096))
    shift
    printf '%s\n' "$@"
}
promise 1536 "expect committed 1536" >$WORK/promise.trace
exits 0 "promise.trace" $PAGEWALK run $WORK/promise.trace
promise 1537 "expect enomem" "expect committed 0" "expect maps 0 lines" >$WORK/promise.trace
exits 0 "promise.trace" $PAGEWALK run $WORK/promise.trace
promise 1537 >$WORK/promise.trace
exits 1 "ENOMEM: 0 pages are promised, with os.overcommit heuristic" $PAGEWALK run $WORK/promise.trace
promise 1537 "munmap 0x10000000 0x1000" >$WORK/promise.trace
exits 1 "ENOMEM: 0 pages are promised" $PAGEWALK run $WORK/promise.trace
promise 1536 "expect enomem" >$WORK/promise.trace
exits 1 "the last call did not end in ENOMEM" $PAGEWALK run $WORK/promise.trace

expect_cycles() { # CONFIG: a trace that expects cycles in it
    printf 'pagewalk-trace 1\nprocess 1\nmmap 0x10000 0x1000 rw- private anon\nL 10000 8\n'
    echo "expect cycles 9 in $1"
}
expect_cycles odd_wais >$WORK/odd.trace
exits 3 "try: odd_ways" $PAGEWALK run $WORK/odd.trace
expect_cycles odd_ways >$WORK/odd.trace
exits 0 "1 expectation skipped" $PAGEWALK run $WORK/odd.trace

# A window counts what happens in it: here the second access and its fault, and one of two expectations.
printf 'pagewalk-trace 1\nprocess 1\nmmap 0x10000 0x4000 rw- private anon\n%s\n' \
    'S 10000 8
expect fault anon_alloc
S 11000 8
expect fault anon_alloc' >$WORK/window.trace
KEYS='[.accesses, .faults.store_page, .os.anon_alloc, .os.minor, .expectations]'
exits 0 '[2,2,2,2,2]' sh -c "$PAGEWALK run --json $WORK/window.trace | jq -c '$KEYS'"
exits 0 '[1,1,1,1,1]' sh -c "$PAGEWALK run --json --from 5 $WORK/window.trace | jq -c '$KEYS'"
exits 1 "no access was replayed" $PAGEWALK run --from 99 $WORK/window.trace
exits 1 "no access was replayed" $PAGEWALK run --check --from 99 $WORK/good.pwt
exits 0 "no access was replayed" $PAGEWALK run --from 99 $WORK/good.pwt

# Folios of 64 KiB: one write finds no block and one does; a leaf on both sides of a fork, each unfolded by a write.
KEYS='[.os.thp64_alloc, .os.thp64_fallback, .os.napot_unfold]'
exits 0 '[1,1,0]' sh -c "$PAGEWALK run --json traces/napot_fragmentation.trace | jq -c '$KEYS'"
exits 0 '[1,0,2]' sh -c "$PAGEWALK run --json traces/napot_cow_after_fork.trace | jq -c '$KEYS'"

# Interrupted: the row so far, the log whole.
awk 'BEGIN { for (i = 0; i < 400000; i++) printf "L %x 8\n", 65536 + i % 9999 * 4096 }' >$WORK/in.txt
exits 0 "" $PAGEWALK import --from text $WORK/in.txt -o $WORK/long.pwt
exits 6 "  interrupted" stopped_after 1 $PAGEWALK run --log $WORK/long.csv $WORK/long.pwt
if [ "$(tail -n 1 $WORK/long.csv | tr -dc , | wc -c)" = 9 ]; then
    echo "ok - an interrupted log ends with a whole row"
else
    echo "not ok - an interrupted log: $(tail -n 1 $WORK/long.csv)"
    code=1
fi
exits 3 "try: " $PAGEWALK run --log $WORK/no/such/dir.csv $WORK/good.pwt
exits 5 "cannot be written" sh -c "$PAGEWALK config >/dev/full"
rm -r $WORK
exit $code
