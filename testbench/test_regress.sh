#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# `pagewalk regress`: red on a planted fault, grouped, each group with a command that shows its failure again; green
# without it; the same runs for the same seed, however many at a time; what hangs, what is flaky, what is interrupted;
# tags, lists, windows; what it refuses. The page stands alone, the XML is well-formed, and both say what
# results.json does.
set -eu
cd "$(dirname "$0")/.."
unset MAKEFLAGS MFLAGS
OUT=build/test-regress
rm -rf "$OUT"
mkdir -p "$OUT"
. testbench/tap.sh
planted
PAGEWALK=build/selftest/pagewalk
LOCKSTEP='--configs testbench/selftest/small.conf'
export PLANTED=0

regress() { # DIR CODE, then arguments: it must end so
    dir=$OUT/$1 wanted=$2 got=0
    shift 2
    $PAGEWALK regress --jobs 2 -o "$dir" "$@" >"$dir.out" 2>"$dir.err" || got=$?
    check "exit $wanted: regress $*" [ "$got" = "$wanted" ]
}

is() { # DIR FILTER: true of its results.json
    jq -e "$2" "$OUT/$1/results.json"
}

stimulus() {
    jq -r .stimulus "$OUT/$1/results.json"
}

shows() { # DIR: the command of each group fails with the group's signature
    jq -r '.groups[] | .command' "$OUT/$1/results.json" >"$OUT/commands"
    [ -s "$OUT/commands" ] || return 1
    while read -r command; do
        sh -c "$command --json" 2>"$OUT/again" | jq -r .signature
    done <"$OUT/commands" >"$OUT/signatures"
    jq -r '.groups[] | .signature' "$OUT/$1/results.json" | diff - "$OUT/signatures"
}

# Every `<tag` is closed and every & is an entity: what a reader of XML asks first.
well_formed() {
    awk '{
        s = $0
        gsub(/&(amp|lt|gt|quot);/, "", s)
        if (s ~ /&/) bad = "a bare &: " $0
        while (match(s, /<[^>]*>/)) {
            tag = substr(s, RSTART + 1, RLENGTH - 2)
            s = substr(s, RSTART + RLENGTH)
            name = tag
            sub(/[ \/].*/, "", name)
            if (tag ~ /^[?!]/ || tag ~ /\/$/) continue
            if (tag ~ /^\//) { if (open[depth--] != substr(tag, 2)) bad = "closes what is not open: " $0 }
            else open[++depth] = name
        }
        if (s ~ /</) bad = "a bare <: " $0
    } END { if (bad || depth) { print bad, depth; exit 1 } }' "$1"
}

# A pattern in a list, a window, tags; one trace makes its own configuration.
cp traces/cow_after_fork.trace traces/brk_heap.trace traces/fork_grandchild.trace "$OUT"
cat >"$OUT/some.list" <<'LIST'
cow_*.trace      text      # a comment
brk_heap.trace   text from=4 to=12
random:400       random
LIST

PLANTED=53 # a fence that misses L2
# shellcheck disable=SC2086
regress red 1 $LOCKSTEP --seeds 2 "$OUT/some.list"
check "red: the verdict is failed" is red '.verdict == "failed" and .failed > 1 and
    .failed + .passed == (.runs | length)'
check "red: every failure is in one group" is red '([.groups[].runs[]] | sort) == [.runs | to_entries[] |
    select(.value.state == "failed") | .key]'
check "red: each group's command shows it" shows red
check "red: the XML is well-formed" well_formed "$OUT/red/junit.xml"
failures=$(grep -c '<failure' "$OUT/red/junit.xml")
check "red: the XML has each failure" is red ".failed == $failures"
check "red: the page has each group's command" sh -c "jq -r '.groups[].command' $OUT/red/results.json |
    while read -r c; do grep -qF \"\$c\" $OUT/red/index.html || exit 1; done"
check "red: the page needs nothing beside it" sh -c "! grep -nE 'src=|href=|@import|url\(' $OUT/red/index.html"

PLANTED=0
# shellcheck disable=SC2086
regress green 0 $LOCKSTEP --seeds 2 --json "$OUT/some.list"
check "green: what is printed is what is written" sh -c "jq -S . $OUT/green/results.json >$OUT/a &&
    jq -S . $OUT/green.out | diff - $OUT/a"
check "green: it ran what was red" [ "$(stimulus green)" = "$(stimulus red)" ]
check "green: a line of progress on stderr" grep -q 'passed, 0 failed' "$OUT/green.err"

export PLANTED_ONCE="$OUT/once"
PLANTED=53
# shellcheck disable=SC2086
regress flaky 1 $LOCKSTEP --jobs 1 "$OUT/cow_after_fork.trace"
check "flaky: passed the second time, and failed" is flaky '.runs[0] | .flaky and .state == "failed" and
    (.signature | test("^flaky: cycle .*, then it passed$"))'
unset PLANTED_ONCE

PLANTED=60 # needs two that join one walk: not every random trace has them
# shellcheck disable=SC2086
regress until 1 $LOCKSTEP --until-failure --jobs 1 random:40
check "until a failure: one run failed, the last of all" is until '.failed == 1 and .runs[-1].state == "failed"'
check "until a failure: its command shows it" shows until
PLANTED=0
regress bound 2 --engine model --until-failure "$OUT/cow_after_fork.trace"

# On the C model: seeds of random traces and configurations.
regress random 0 --engine model --check --configs random,tiny --seed 7 --seeds 8 random:1500
regress same 0 --engine model --check --jobs 1 --configs random,tiny --seed 7 --seeds 8 random:1500
regress other 0 --engine model --check --configs random,tiny --seed 8 --seeds 8 random:1500
check "the same seeds, the same stimulus" [ "$(stimulus random)" = "$(stimulus same)" ]
check "the same seeds, the same cycles" sh -c "for d in random same; do
    jq -c '[.runs[].cycles]' $OUT/\$d/results.json; done | uniq | wc -l | grep -qx 1"
check "other seeds, another stimulus" [ "$(stimulus random)" != "$(stimulus other)" ]
check "each seed a run of its own" is random '[.runs[].stimulus] | length == 16 and (unique | length == 16)'
regress tagged 0 --engine model --configs tiny quick
check "a tag names traces, windows and random ones" is tagged '.passed > 100 and any(.runs[]; .trace | endswith(".pwt"))
    and any(.runs[]; .trace | contains("random-2000-1"))'

# Traces of the pins: generators are members as traces are; red on what no kernel does; the same when printed.
PLANTED=12 # a misaligned superpage is accepted
# shellcheck disable=SC2086
regress pins 1 $LOCKSTEP --seeds 2 'traffic:1?accesses=3000' translate:sv39:100
check "pins: the verdict is failed" is pins '.failed > 0 and (.runs | length) == 4'
check "pins: each group's command shows it" shows pins
PLANTED=0
# shellcheck disable=SC2086
regress pins_green 0 $LOCKSTEP 'traffic:1?accesses=3000' translate:sv39:100
$PAGEWALK dump --config testbench/selftest/small.conf 'traffic:1?accesses=3000' >"$OUT/printed.pins"
# shellcheck disable=SC2086
regress printed 0 $LOCKSTEP "$OUT/printed.pins"
check "pins: printed, it is the same run" [ "$(jq -c '.runs[] | [.accesses, .cycles]' "$OUT/printed/results.json")" = \
    "$(jq -c '.runs[0] | [.accesses, .cycles]' "$OUT/pins_green/results.json")" ]
for config in default tiny lines registered hierarchy random_memory; do
    regress "pins_$config" 0 --engine model --check --configs $config traffic:7 translate:sv57:50:9
done
regress pins_sv32 0 --engine model --check --configs sv32 traffic:7 translate:sv32:50

# What does not end says where it stands; what is interrupted says how far it came.
regress hang 4 --engine model --check --timeout 1 'gen:uniform?pages=4000&accesses=400000000'
check "hang: the signature" is hang '.groups[0].signature == "hang its time is over: N seconds"'
for unit in driver pins memory kernel 'state    of the MMU' 'slot'; do
    check "hang: the state of $unit" grep -q "$unit" "$OUT/hang/index.html"
done
got=0
stopped_after 5 $PAGEWALK regress --engine model --check -o "$OUT/stopped" \
    'gen:uniform?pages=4000&accesses=400000000' >/dev/null 2>&1 || got=$?
check "interrupted: exit 6" [ "$got" = 6 ]
check "interrupted: so says the verdict" is stopped '.verdict == "interrupted" and .runs[0].state == "not run"'

regress refused 3 --configs tinny "$OUT/some.list"
regress nothing 2 --engine model no_such_tag
printf 'pagewalk-trace 1\nprocess 1\nL 10000 nine\n' >"$OUT/bad.trace"
regress bad 3 --engine model "$OUT/bad.trace" "$OUT/cow_after_fork.trace"
check "bad input: a group of its own, and the others run" is bad '.passed == 1 and
    (.groups[0].signature | test("^input "))'
exit $code
