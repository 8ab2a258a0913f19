#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# `run --trace`: what it prints, counted, is what `run --json` counts for itself; every engine prints the same; a
# filter leaves out what it must and nothing else; cycles never go back.
set -eu
cd "$(dirname "$0")/.."
unset MAKEFLAGS MFLAGS
PAGEWALK=${PAGEWALK:-build/pagewalk}
OUT=build/test-events
rm -rf "$OUT"
mkdir -p "$OUT"
. testbench/tap.sh
planted

events() { # NAME, then arguments of run: NAME.txt and NAME.json
    name=$1
    shift
    $PAGEWALK run --config testbench/selftest/small.conf --json --trace walk,fault,fence,kernel \
        --trace-file "$OUT/$name.txt" "$@" >"$OUT/$name.json"
}

# The number of lines that begin with these words behind the cycle, against a key of --json.
counts() { # NAME WORDS KEY
    lines=$(grep -cE "^ *[0-9]+ $2( |\$)" "$OUT/$1.txt" || true)
    key=$(jq "$3" "$OUT/$1.json")
    echo "$2: $lines lines, $3 is $key"
    [ "$lines" = "$key" ]
}

agrees() { # NAME: line by line of the table
    failed=0
    while read -r words key; do
        counts "$1" "$(echo "$words" | tr _ ' ' | sed 's/~/_/g; s/  */ +/g')" "$key" || failed=1
    done <<'TABLE'
walk_start .walks.count
walk_(read|line) .walks.pte_reads
walk_answer.*cas_ok .walks.ad_writes
walk_hold .walks.holds
walk_merge .merged
fault_load~page(\+k)? .faults.load_page
fault_store~page(\+k)? .faults.store_page
fault_instruction~page .faults.instruction_page
fence_sfence.vma.*done .fences
kernel_anon~alloc(\+k)? .os.anon_alloc
kernel_cow~copy(\+k)? .os.cow_copy
kernel_file~map(\+k)? .os.file_map
kernel_zero~page(\+k)? .os.zero_page
TABLE
    return $failed
}

forward() {
    awk '$1 < last { print "after " last ": " $0; bad = 1 } { last = $1 } END { exit bad }' "$OUT/$1.txt"
}

for trace in cow_after_fork swap_fork file_fault_around; do
    events $trace traces/$trace.trace
    check "$trace: $(wc -l <"$OUT/$trace.txt") events, as many as were counted" agrees $trace
done
events program --to 60000 traces/snapshot.pwt
check "a program: $(wc -l <"$OUT/program.txt") events, as many as were counted" agrees program
check "a program: cycles never go back" forward program
events window --from 20000 --to 60000 traces/snapshot.pwt
check "a window: only what happens in it" agrees window

events rtl --engine rtl --to 20000 traces/snapshot.pwt
events lockstep --engine lockstep --to 20000 traces/snapshot.pwt
events model --to 20000 traces/snapshot.pwt
check "the RTL's events are the model's" cmp "$OUT/rtl.txt" "$OUT/model.txt"
check "and those in lock-step" cmp "$OUT/lockstep.txt" "$OUT/model.txt"

filtered() { # AWK-CONDITION over the lines of cow_after_fork, then the options
    condition=$1
    shift
    events some "$@" traces/cow_after_fork.trace
    awk "$condition" "$OUT/cow_after_fork.txt" >"$OUT/wanted"
    [ -s "$OUT/wanted" ] && diff "$OUT/wanted" "$OUT/some.txt"
}

check "--trace-kind" filtered '$3 == "cow_copy" || $3 == "satp"' --trace-kind cow_copy,satp
check "--trace-pid" filtered '/ pid 2 / && $2 != "fence"' --trace-pid 2 --trace walk,fault,kernel
check "--trace-range" filtered '/0x10001/ || / mmap /' --trace-range 0x10001000-0x10001fff
cat >"$OUT/two.trace" <<'TRACE'
pagewalk-trace 1
process 1
mmap 0x10000000 8192 rw- private anon
mmap 0x20000000 4096 rw- private anon
S 10001000 8
S 20000000 8
munmap 0x10000000 8192
TRACE
events two --trace-mapping 0x10000000 "$OUT/two.trace"
check "--trace-mapping: what is in it" grep -q 'fault *store_page pid 1 store 0x10001000' "$OUT/two.txt"
check "--trace-mapping: its end" grep -q 'kernel munmap' "$OUT/two.txt"
check "--trace-mapping: nothing else" sh -c "! grep -E ' 0x20000000|satp' $OUT/two.txt"

refused() { # WORDS, then a command: exit 2
    words=$1 got=0
    shift
    "$@" >"$OUT/refused" 2>&1 || got=$?
    [ $got = 2 ] && grep -q -- "$words" "$OUT/refused"
}
check "an unknown kind" refused "walk, fault, fence, kernel" $PAGEWALK run --trace walks x.trace
check "a filter of nothing" refused "say --trace" $PAGEWALK run --trace-pid 3 x.trace
check "two streams into one" refused "--trace-file" $PAGEWALK run --json --trace walk x.trace
check "a range that ends before it begins" refused "for example" $PAGEWALK run --trace walk --trace-range 9-3 x.trace
exit $code
