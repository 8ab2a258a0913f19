#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# `pagewalk explain`: its steps are what `run --trace`, `--log`, `--ps` and `faults` say of the same record, each fault
# of these traces, on several configurations; every engine tells the same; a load shows the bytes of the store that the
# trace expects; bad input is refused.
set -eu
cd "$(dirname "$0")/.."
PAGEWALK=${PAGEWALK:-build/pagewalk}
OUT=build/test-explain
rm -rf "$OUT"
mkdir -p "$OUT"
. testbench/tap.sh
WORK=$OUT/page
mkdir -p "$WORK"
. testbench/console.sh

# ---- Steps against events ----------------------------------------------------------------------------------------

# What `run --trace` has of record $1: its walks, its faults, and the fences that follow each of these.
events() {
    awk -v record="$1" '
        function hex(name,   i) { for (i = 1; i < NF; i++) if ($i == name) return $(i + 1); return "" }
        $2 == "fence" && after && $3 ~ /^s/ && $3 != "satp" {
            if ($NF == "done") print "done", $1
            else print $1, $3, hex("va") "", hex("asid") ""
            next
        }
        $2 == "kernel" && after && !told { told = 1; sub(/\+k/, "", $3); print $1, "kernel", $3, hex("frame"); next }
        $2 == "kernel" && after && $3 == "sigsegv" && $4 == "kernel" { next } # what a refused frame brings
        $2 != "fence" { after = 0 }
        hex("record") != record { next }
        $2 == "fault" { after = 1; told = 0; sub(/\+k/, "", $3); print $1, "fault", $3, $7 }
        $2 != "walk" || $3 == "end" { next }
        $3 == "start" { print $1, "start", $NF; next }
        $3 == "answer" && hex("cas") { print $1, "updated", $NF == "ok" ? "true" : "false"; next }
        $3 == "answer" { print $1, "pte", hex("pte"); next }
        $3 == "cas" { print $1, "update", hex("at"), hex("from"), hex("to"); next }
        $3 == "read" || $3 == "line" { print $1, $3, hex("at"); next }
        { print $1, $3 }'
}

steps() {
    jq -r '.steps[] | .kind as $k | .cycle as $c |
        if $k == "start" then "\($c) start \(.level)"
        elif $k == "read" then "\($c) \(.op) \(.at)"
        elif $k == "pte" and (has("by") | not) then "\($c) pte \(.pte.value)"
        elif $k == "update" then "\($c) update \(.at) \(.from.value) \(.to.value)"
        elif $k == "updated" then "\($c) updated \(.ok)"
        elif $k == "wait" and (.why | IN("share", "merge", "hold", "deny")) then "\($c) \(.why)"
        elif $k == "fault" then "\($c) fault \(.cause) \(.tval)"
        elif $k == "kernel" then "\($c) kernel \(.did) \(if .code or .did == "efault" then "" else .after.frame end)"
        elif $k == "fence" then "\($c) \(.op) \(.va // "") \(.asid // "")\ndone \(.done)"
        else empty end'
}

# The row of `run --log`: va, pa, issue, done, source, cause of the last attempt.
row() {
    jq -r '[.steps[] | select(.kind == "request" and .page == 1)] as $r | [.steps[] | select(.kind == "answer")] as $a |
        ($a | map(select(.attempt == $a[-1].attempt))) as $a |
        "\(.va),\($a[0].pa),\($r[-1].cycle),\($a | map(.cycle) | max),\($a[0].source),\($a[-1].cause)"'
}

tell() { # NAME, then trace and options: each fault of the trace
    name=$1 trace=$2 bad=0
    shift 2
    $PAGEWALK faults "$@" "$trace" >"$OUT/faults"
    $PAGEWALK run "$@" --trace walk,fault,fence,kernel --trace-file "$OUT/events" --log "$OUT/log" "$trace" >"$OUT/run"
    n=0
    while read -r _ _ access va did more; do
        n=$((n + 1))
        $PAGEWALK explain --fault $n --json "$@" "$trace" >"$OUT/json" || return 1
        record=$(jq .record "$OUT/json")
        steps <"$OUT/json" | sed 's/ *$//' >"$OUT/steps"
        events "$record" <"$OUT/events" | sed 's/ *$//' >"$OUT/wanted"
        if [ "$(jq .kernel "$OUT/json")" = true ]; then # other pages of the same call are not told
            grep -vxFf "$OUT/wanted" "$OUT/steps" && bad=1
        else
            diff "$OUT/wanted" "$OUT/steps" || bad=1
            # a page-crossing access, or one without a request, has a row of another form
            simple='[.steps[] | select(.kind == "request")] | length > 0 and all(.page == 1)'
            if [ "$(jq "$simple" "$OUT/json")" = true ]; then
                row <"$OUT/json" >"$OUT/row"
                awk -F, -v OFS=, -v r="$record" '$1 == r { print $4, $10 == "none" ? $5 : "0x0", $6, $7, $8, $10 }' \
                    "$OUT/log" | sed 's/,fault,/,.*,/' >"$OUT/logged"
                grep -qxf "$OUT/logged" "$OUT/row" || { cat "$OUT/logged" "$OUT/row" && bad=1; }
            fi
        fi
        jq -e --arg did "${did%+k}" --arg va "$va" --arg more "$more" '[.steps[] | select(.kind == "kernel") |
            select(.did == $did and (.major == ($more == "major")))] != []
            and ([.steps[] | select(.kind == "fault" and .tval == $va)] != []) and .agrees' "$OUT/json" || bad=1
        [ $bad = 0 ] || { echo "fault $n of $trace $*: $access $va $did" && return 1; }
    done <"$OUT/faults"
    [ $n -gt 0 ]
}

all() { # NAME, options: every text trace in the list
    name=$1
    shift
    for t in $TRACES; do tell "$name" "traces/$t.trace" "$@" || return 1; done
}

TRACES="cow_after_fork cow_reuse_last_owner swap_fork swap_shmem thp_always zero_then_write private_file_cow
    past_eof_sigbus unmapped_segv readonly_accerr stack_growth page_crossing kernel_buffers atomic_cow exec_of_nx
    sigsegv_altstack signal_frame_unwritable
    svade_child_old no_asids sv48_high_address"
check "each fault of $(echo $TRACES | wc -w) traces: the steps are the events of the run" all default
for config in lines registered odd_ways hierarchy; do
    TRACES="cow_after_fork thp_cow_after_fork truncate_grow" check "the same on $config" all $config --config $config
done
check "Sv32" tell sv32 traces/same_va_two_frames.trace --config sv32
check "an L1 that answers a cycle later" tell late traces/thp_zero_page.trace --set l1d.latency=1 --set l1i.latency=1

another() { # steps of one record are not the events of another
    $PAGEWALK run --trace walk,fault,fence,kernel --trace-file "$OUT/events" traces/cow_after_fork.trace
    $PAGEWALK explain --at 3 --json traces/cow_after_fork.trace | steps | sed 's/ *$//' >"$OUT/steps"
    events 13 <"$OUT/events" | sed 's/ *$//' >"$OUT/wanted"
    ! diff "$OUT/wanted" "$OUT/steps"
}
check "and of no other record" another

# ---- Engines, mapping, bytes -------------------------------------------------------------------------------------

engines() { # TRACE WHICH: all three tell the same
    for engine in model rtl lockstep; do
        $PAGEWALK explain "$2" --engine $engine --json "$1" | sed "s/\"engine\":\"$engine\"//" >"$OUT/$engine"
    done
    cmp "$OUT/model" "$OUT/rtl" && cmp "$OUT/model" "$OUT/lockstep"
}
check "every engine tells the same of a copy on write" engines traces/cow_after_fork.trace --fault=cow_copy
check "and of a walk that merges" engines traces/truncate_grow.trace --at=7
check "and of a program's fault" engines traces/snapshot.pwt --fault=file_map

mapping() { # the VMA is that which --ps shows, in the words of smaps
    $PAGEWALK explain --fault sigbus --json traces/past_eof_sigbus.trace >"$OUT/json"
    jq -r '.steps[0] | "\(.range) \(.perm) \(.name)"' "$OUT/json" >"$OUT/vma"
    before=$(($(jq .record "$OUT/json") - 1))
    $PAGEWALK run --json --ps $before traces/past_eof_sigbus.trace |
        jq -r '.ps[0].processes[0].vmas[] | "\(.range) \(.perm) \(.name)"' >"$OUT/ps"
    cat "$OUT/vma" "$OUT/ps"
    grep -qxFf "$OUT/vma" "$OUT/ps"
}
check "the mapping is that of --ps" mapping

bytes() { # cow_after_fork: `expect value store 1` behind record 10, store 1 is record 3; store 3 is the child's
    of() { $PAGEWALK explain --at "$1" --json traces/cow_after_fork.trace | jq -r ".steps[-1].$2"; }
    [ "$(of 10 loaded)" = "$(of 3 stored)" ] && [ "$(of 13 before)" = "$(of 3 stored)" ] &&
        [ "$(of 19 loaded)" = "$(of 3 stored)" ] && [ "$(of 13 stored)" != "$(of 3 stored)" ]
}
check "the bytes are those of the stores that the trace expects" bytes

# ---- From the library's call to the bytes ------------------------------------------------------------------------

# The last mmap or brk before record $1 that made address $2 a place; then the first note behind that.
origin() {
    heap=0 last=0
    while read -r record call a b _; do
        [ "$record" -lt "$1" ] || break
        case $call in
        mmap) [ $(($2 >= a && $2 < a + b)) = 0 ] || last=$record ;;
        brk)
            [ $((heap && $2 >= heap && $2 < a)) = 0 ] || last=$record
            heap=$a
            ;;
        esac
    done <"$OUT/calls"
    echo "call $last"
    awk -v n=$last '$1 > n && $2 == "note" { sub(/^[0-9]+ note /, ""); print "note", $0; exit }' "$OUT/calls"
}

chain() { jq -r '.chain[] | "\(.link) \(if .link == "call" then .record else .text end)"' "$OUT/json"; }

libc() { # every ninth fault on memory that malloc, calloc and realloc had of the kernel
    $PAGEWALK dump traces/malloc.pwt | awk 'NR > 1 && /^(mmap|brk|note) / { print NR - 1, $0 }' >"$OUT/calls"
    $PAGEWALK faults traces/malloc.pwt | awk '$1 % 9 == 0 && /zero_page|anon_alloc/ { print $1, $4 }' >"$OUT/some"
    [ "$(wc -l <"$OUT/some")" -gt 20 ] || return 1
    while read -r n va; do
        $PAGEWALK explain --fault "$n" --json traces/malloc.pwt >"$OUT/json"
        chain >"$OUT/chain"
        grep -qE '^vma .*(\[stack\]|malloc)$' "$OUT/chain" && continue
        origin "$(jq .record "$OUT/json")" "$va" >"$OUT/origin"
        frame=$(jq -r '[.steps[] | select(.kind == "kernel")][-1].after.frame' "$OUT/json")
        grep -vxFf "$OUT/chain" "$OUT/origin" && echo "fault $n at $va" && return 1
        grep -q "^frame $frame, " "$OUT/chain" && grep -q '^pte level 0: ' "$OUT/chain" || return 1
    done <"$OUT/some"
}
check "malloc.pwt: note, call, VMA, PTE and frame are one chain" libc

links() { # TRACE WHICH, then a line each that the chain must have
    $PAGEWALK explain "$2" --json "traces/$1.trace" >"$OUT/json" && chain >"$OUT/chain"
    shift 2
    for link; do grep -qE "^$link" "$OUT/chain" || { cat "$OUT/chain" && return 1; }; done
}
check "a page that comes back from swap" links swap_pageout --fault=swap_in 'call 2$' 'frame ' \
    'swap slot [0-9]+ .* whence it came'
check "a page of a file" links private_file_cow --fault=file_map 'call 3$' 'frame .* of the page cache' \
    'block page 0 of file 1, which lies on: a disk$'
copy_has_none() {
    links private_file_cow --fault=cow_file 'frame .* anonymous' && ! grep '^block' "$OUT/chain"
}
check "and no block behind a private copy of it" copy_has_none
check "a copy on write, by fork" links cow_after_fork --fault=cow_copy 'call 2$' 'call 5$' 'frame .* anonymous'
for store in flash nfs ram; do
    printf '%s\n' 'pagewalk-trace 1' "file 1 data size 8192 $store" 'process 1' \
        'mmap 0x10000000 8192 r-- shared file 1 0' 'L 10001000 8' >"$OUT/store.trace"
    check "a block on $store" links "../$OUT/store" --at=4 "block page 1 of file 1, which lies on: $(
        case $store in flash) echo solid state ;; nfs) echo a server ;; *) echo a file system on memory ;; esac)"
done
page_chain() {
    $PAGEWALK explain --fault cow_copy traces/cow_after_fork.trace --html "$OUT/chain.html"
    grep -q '"link":"call","record":2' "$OUT/chain.html" && grep -q 'id="chain"' "$OUT/chain.html"
}
check "and on the page" page_chain

clause() { # FAULT TRACE TAG
    got=$($PAGEWALK explain --fault "$1" --json "traces/$2.trace" | jq -r 'first(.steps[] | .tag // empty)')
    [ "$got" = "$3" ]
}
check "refused by W: VM-8.4" clause cow_copy cow_after_fork VM-8.4
check "refused by V: VM-3.1" clause zero_page zero_then_write VM-3.1
check "refused by X: VM-8.1" clause accerr exec_of_nx VM-8.1
check "refused by D: VM-9.2" clause ad_update svade_child_old VM-9.2
check "refused by A: VM-9.1" clause 4 svade_child_old VM-9.1
cat >"$OUT/canonical.trace" <<'TRACE'
pagewalk-trace 1
process 1
L 4000000000 8
signal sigsegv maperr
TRACE
check "no address of Sv39: VM-1.1" clause maperr "../$OUT/canonical" VM-1.1

page() {
    blocks docs/explain.md
    check_commands >"$WORK/unfit"
    cat "$WORK/unfit"
    [ ! -s "$WORK/unfit" ]
}
check "docs/explain.md shows what its command prints" page

# ---- The view ----------------------------------------------------------------------------------------------------

narrow() {
    for t in $TRACES; do $PAGEWALK explain "traces/$t.trace"; done |
        awk 'length($0) > 80 { print; bad = 1 } END { exit bad }'
}
check "no line is wider than 80 columns" narrow
colors() { script -qec "$PAGEWALK explain traces/cow_after_fork.trace" /dev/null | grep -c "$(printf '\033')"; }
check "colours on a terminal" colors
check "none with NO_COLOR" sh -c "! NO_COLOR=1 script -qec '$PAGEWALK explain traces/null_guard.trace' /dev/null |
    grep -q '$(printf '\033')'"
check "none in a file" sh -c "! $PAGEWALK explain traces/cow_after_fork.trace | grep -q '$(printf '\033')'"

# ---- Bad input ---------------------------------------------------------------------------------------------------

refused() { # EXIT WORDS ARGUMENT...
    want=$1 words=$2 got=0
    shift 2
    $PAGEWALK explain "$@" >"$OUT/out" 2>"$OUT/err" || got=$?
    cat "$OUT/err"
    [ $got = "$want" ] && grep -qF -- "$words" "$OUT/err" && [ ! -s "$OUT/out" ]
}
T=traces/cow_after_fork.trace
check "no trace" refused 2 "name a trace"
check "two traces" refused 2 "one trace at a time" $T $T
check "record 0" refused 2 "records count from 1" --at 0 $T
check "a record that is no number" refused 2 "a whole number" --at last $T
check "two choices" refused 2 "together" --at 3 --fault 1 $T
check "a word that no fault has" refused 2 "as cow_copy or sigsegv" --fault cow $T
check "fault 0" refused 2 "a number from 1" --fault 0 $T
check "an engine that is none" refused 2 "one of model, rtl, lockstep" --engine verilog $T
check "a trace that is not there" refused 3 "nonesuch.trace" nonesuch.trace
check "a record beyond the end" refused 3 "no record 99: the trace has $(($($PAGEWALK dump $T | wc -l) - 1))" --at 99 $T
check "a record that is no access" refused 3 "$T:6: record 5, \`fork 2\`, is no access" --at 5 $T
check "and which one is" refused 3 "try: --at 10, the next access" --at 5 $T
check "a fault beyond the last" refused 3 "there is no fault 9: the trace has 4" --fault 9 $T
check "a fault of a kind that it has not" refused 3 "none of its 4 faults is swap_in" --fault swap_in $T
check "a record of a process that was killed before" refused 3 "was passed over" --at 16 traces/oom_kill.trace
printf 'pagewalk-trace 1\nprocess 1\nmmap 0x10000 0x1000 rw- private anon\n' >"$OUT/none.trace"
check "a trace without an access" refused 3 "the trace has no access" "$OUT/none.trace"
exit $code
