#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# `run --ps` against Linux: after each record of each text trace the VMAs of each process, and its smaps fields summed
# over them, are those that a real kernel showed (testbench/linux/tables; rows excused by name left out). The traces go
# without their expectations: some are of other settings than that kernel's. Then: a state is one whatever the engine
# has in flight, and wherever the window begins; the faults of VMAs and of processes add up to those of the run.
set -eu
cd "$(dirname "$0")/.."
PAGEWALK=${PAGEWALK:-build/pagewalk}
TABLES=testbench/linux/tables
WORK=build/test.ps
rm -rf $WORK
mkdir -p $WORK
code=0
no() {
    echo "not ok - $1"
    code=1
}

# RECORD ROW of the records that have rows, in a trace without notes and expectations.
rows() {
    awk 'NR == 1 || !NF || /^#/ { next }
        { record++ }
        !/^(set|file|signal) / { print record, ++row }' "$1"
}

# ROW PID VMAS; fields. A table tells a state when it changes; what an excused row left is nobody's opinion.
theirs() { # NAME
    awk -v name="$1" '
        FILENAME ~ /excused/ { if ($1 == name) excused[$2] = 1; next }
        /^[0-9]+ \|/ {
            if ($1 in excused) delete state
            rest = $0
            while (match(rest, /\{[0-9]+:[^}]*\}/)) {
                split(substr(rest, RSTART + 1, RLENGTH - 2), part, ";")
                rest = substr(rest, RSTART + RLENGTH)
                pid = part[1] + 0
                state[pid] = part[1] ~ /gone/ || $1 in excused ? "" : part[1] ";" part[2]
                sub(/^[0-9]+:/, "", state[pid])
            }
            for (pid in state) if (state[pid] != "") print $1, pid state[pid]
        }' testbench/linux/excused.txt "$TABLES/$1.tab"
}

# The same, as the program has it, of all traces at once, since jq takes longest to begin: NAME ROW PID VMAS; fields.
all_of_ours() {
    (cd $WORK && jq -r '
        def pages(f): [.vmas[] | f / 4 | floor] | add // 0;
        def some(word; f): pages(f) | if . > 0 then " \(word) \(.)" else "" end;
        def hex: sub("^0+(?<d>.)"; "\(.d)");
        .ps[] | .record as $record | .processes[] | select(.state != "X") |
        "\(input_filename | ltrimstr("./") | rtrimstr(".json")) \($record) \(.pid)" + ([.vmas[] |
            " \(.range | split("-") | map(hex) | join("-")) \(.perm)" +
            (if .offset | hex == "0" then "" else " @\(.offset | hex)" end) +
            (if .name == "" then "" else " \(.name)" end) + ","] | join("")) +
        "; rss \(pages(.Rss)) sc \(pages(.Shared_Clean)) sd \(pages(.Shared_Dirty))" +
        " pc \(pages(.Private_Clean)) pd \(pages(.Private_Dirty)) anon \(pages(.Anonymous))" +
        some("lazy"; .LazyFree) + some("swap"; .Swap) + some("locked"; .Locked) +
        some("huge"; .AnonHugePages)' ./*.json) |
        awk -v work=$WORK '{
            if ($1 != name) {
                delete row
                close(work "/" name ".ours")
                name = $1
                while ((getline line <(work "/" name ".rows")) > 0) { split(line, of, " "); row[of[1]] = of[2] }
            }
            $2 = row[$2]
            print substr($0, length(name) + 2) >(work "/" name ".ours")
        }'
}

states=0 tables=0
for table in $TABLES/*.tab; do
    name=$(basename "$table" .tab)
    copy=$WORK/$name.trace
    sed -E 's/^expect (sigsegv|sigbus) /signal \1 /; /^(expect|note)/d' "traces/$name.trace" >"$copy"
    rows "$copy" >"$WORK/$name.rows"
    knobs=$(sed -n -e 's/^knobs //p' -e 's/^settings .* read_ahead_kb=0 .*/os.ra_pages=0/p' "$table" |
        tr ' ' '\n' | sed 's/^./--set &/' | tr '\n' ' ')
    # shellcheck disable=SC2086
    $PAGEWALK run --json $knobs --set os.svadu=1 --ps "$(cut -d' ' -f1 "$WORK/$name.rows" | paste -sd,)" \
        "$copy" >"$WORK/$name.json" 2>$WORK/err || { no "$name: $(head -n 2 $WORK/err)" && rm "$WORK/$name.json"; }
done
all_of_ours
for json in $WORK/*.json; do
    name=$(basename "$json" .json)
    copy=$WORK/$name.trace
    theirs "$name" | sort >$WORK/theirs
    sort "$WORK/$name.ours" >$WORK/ours
    states=$((states + $(wc -l <$WORK/theirs))) tables=$((tables + 1))
    # /proc has each thread, and nothing of a leader that left its threads: what both have is compared.
    if grep -q '^clone [0-9]* thread' "$copy"; then
        for side in ours theirs; do cut -d' ' -f1,2 $WORK/$side | tr -d ';' | sort >$WORK/$side.keys; done
        comm -12 $WORK/ours.keys $WORK/theirs.keys >$WORK/keys
        for side in ours theirs; do
            awk 'NR == FNR { key[$0] = 1; next } { pid = $2; sub(/;/, "", pid) } ($1 " " pid) in key' \
                $WORK/keys $WORK/$side >$WORK/$side.both
            mv $WORK/$side.both $WORK/$side
        done
    fi
    sides=-3
    ! grep -q "^$name " testbench/linux/excused.txt || sides=-13
    comm $sides $WORK/ours $WORK/theirs >$WORK/diff
    [ ! -s $WORK/diff ] || { no "$name: not what Linux shows: < program, > table" &&
        head -n 4 $WORK/diff | sed 's/^\t/> /; t; s/^/< /'; }
done
[ $code = 1 ] || echo "ok - $states states of processes in $tables traces: VMAs and smaps as Linux shows them"
[ $states -gt 1000 ] || no "only $states states were compared"

# A state between two records is the same with one access in flight and with sixteen, on pins and without a clock.
cat >$WORK/flight.trace <<'TRACE'
pagewalk-trace 1
file 1 data size 0x10000
process 1
mmap 0x10000 0x8000 rw- private anon
mmap 0x20000 0x8000 rw- shared file 1 0
S 10000 8
L 11000 8
S 12000 8
S 20000 8
L 24000 8
S 11000 8
fork 2
S 24000 8
run 2
S 12000 8
munmap 0x10000 0x1000
S 25000 8
note done
TRACE
all=$(seq -s, 1 17)
state() { # option...
    $PAGEWALK run --json --check --ps "$all,end" "$@" $WORK/flight.trace | jq -c '.ps | map(del(.processes[].minor))'
}
state >$WORK/model
state --set core.window=1 >$WORK/one
state --from 16 >$WORK/late
state --engine lockstep --set core.window=16 --set core.width=4 >$WORK/many
for other in one late many; do
    cmp -s $WORK/model $WORK/$other && [ -s $WORK/model ] || no "a state depends on what is in flight ($other)"
done
jq -e 'length == 18 and (map(.record) == [range(1; 18), 17])' $WORK/model >$WORK/out ||
    no "records of the states: $(jq -c 'map(.record)' $WORK/model)"

# What VMAs and processes count is what the run counts; faults follow what mremap moves and go with munmap.
$PAGEWALK run --json traces/alloc.pwt traces/snapshot.pwt traces/sqlite.pwt --max-accesses 400000 >$WORK/json
jq -e '. as $run | .ps[-1].processes | length > 0 and (map(.minor) | add) == $run.os.minor and
    (map(.major) | add) == $run.os.major and
    all($run.os | keys_unsorted[] | select(. as $k | $run.ps[-1].processes[0].faults | has($k)); . as $kind |
        ($run.ps[-1].processes | map(.faults[$kind]) | add) == $run.os[$kind])' $WORK/json >$WORK/out ||
    no "the processes' faults are not those of the run"
[ "$(grep -c true $WORK/out)" = 3 ] || no "three runs were to be added up"
cat >$WORK/move.trace <<'TRACE'
pagewalk-trace 1
process 1
mmap 0x100000 0x4000 rw- private anon
S 100000 8
L 101000 8
S 102000 8
mremap 0x100000 0x2000 0x2000 0x200000
munmap 0x102000 0x1000
mmap 0x102000 0x1000 rw- private anon
TRACE
moved=$($PAGEWALK run --json $WORK/move.trace | jq -c '[.ps[0].processes[0] | (.faults | .zero_page, .anon_alloc),
    (.vmas[] | .range, .faults.zero_page, .faults.anon_alloc)]')
[ "$moved" = '[1,2,"00102000-00104000",0,0,"00200000-00202000",1,1]' ] || no "faults after mremap and munmap: $moved"
alike='[inputs.ps] | (.[0] | del(.[].processes[].vmas[].by)) == .[1]'
jq -ne "$alike" <<JSON >$WORK/out || no "\`notes\` and the numbers of the notes differ"
$($PAGEWALK run --json --ps notes traces/unmapped_segv.trace)
$($PAGEWALK run --json --ps 8 traces/unmapped_segv.trace)
JSON
[ $code = 1 ] || echo "ok - states, records and faults of --ps"

# With notes each VMA names the call that made its first page: that record of the trace has made this address a place.
# What mremap has brought elsewhere is from the call before it.
$PAGEWALK run --json --ps notes traces/malloc.pwt |
    jq -r '.ps[].processes[].vmas[] | "0x\(.range | split("-")[0]) \(.by)"' | sort -u >$WORK/made
$PAGEWALK dump traces/malloc.pwt | sed 1d >$WORK/dump
moved=$(sed -n 's/^mremap \(0x[0-9a-f]*\) .* \(0x[0-9a-f]*\)$/\1 \2/p' $WORK/dump)
while read -r va call record on; do
    [ $((va)) != $((${moved#* })) ] || va=${moved% *}
    # shellcheck disable=SC2046 # words of the record
    set -- $(sed -n "${record}p" $WORK/dump)
    [ "$1" = "$call" ] && [ $((va >= $2 && va < $2 + $3)) = 1 ] || no "$va is not by $call $record: $*"
    case "$* $on" in *file*'on disk' | *anon\ | *stack\ ) ;; *) no "$va: $* lies $on" ;; esac
done <$WORK/made
[ "$(wc -l <$WORK/made)" -gt 6 ] || no "only $(wc -l <$WORK/made) VMAs name their call"
[ $code = 1 ] || echo "ok - VMAs of malloc.pwt name the call that made them, and their store"

fails() { # EXIT words, option...
    expected=$1 words=$2 got=0
    shift 2
    $PAGEWALK run "$@" $WORK/move.trace >$WORK/out 2>$WORK/err || got=$?
    [ $got = "$expected" ] && grep -qF -- "$words" $WORK/err && echo "ok - exit $got: $words" || no "run $*: exit $got"
}
fails 1 "--ps 99: the run ended with record 8" --ps 99
fails 2 "record numbers from 1" --ps 0
fails 2 "record numbers from 1" --ps 1,x
rm -r $WORK
exit $code
