#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Configurations: what is legal is taken exactly, whatever else is refused with place and remedy, exit 3, under
# the sanitizers. And the shipped ones together turn every knob, with fifteen Verilated MMUs at most.
set -eu
cd "$(dirname "$0")/.."
PAGEWALK=${PAGEWALK_SAN:-build/san/pagewalk}
# A refused input ends the program at once; what it held then is the system's to free.
export ASAN_OPTIONS=detect_leaks=0:exitcode=99
WORK=build/test.config
mkdir -p $WORK
code=0
result() { # PASSED NAME
    if [ "$1" = yes ]; then echo "ok - $2"; else echo "not ok - $2" && sed 's/^/    /' $WORK/err && code=1; fi
}

refused() { # NAME, words of the message, command...
    name=$1 words=$2
    shift 2
    got=0
    "$@" >$WORK/out 2>$WORK/err || got=$?
    if [ $got = 3 ] && grep -qF -- "$words" $WORK/err && grep -q '^  try: ' $WORK/err; then
        result yes "$name"
    else
        echo "exit $got; expected 3 and: $words" >>$WORK/err
        result no "$name"
    fi
}

file() { # NAME, words, text of the file
    printf "$3" >$WORK/f.conf
    refused "$1" "$2" $PAGEWALK config --config $WORK/f.conf
}
set_() { refused "--set $1" "$2" $PAGEWALK config --set "$1"; }

set_ l2.way=6 "try: l2.ways"
set_ l2.ways=17 "0 to 16 ways"
set_ l2.ways=-1 "out of range"
set_ l2.sets=3 "a power of two"
set_ l2.ways= "not a whole number"
set_ l2.ways=4x "not a whole number"
set_ l2.repl=lrv "try: lru"
set_ mem.seed=99999999999999999999 "out of range"
set_ os.mode=bare "sv39, sv48, sv57, or sv32"
file "unknown key" "f.conf:2: there is no knob \`l2.wayz\`" '\nl2 = { wayz = 3; };\n'
file "out of range" "f.conf:3: l2.ways = 33" 'l2 = {\n\nways = 33; };\n'
file "no power of two" "f.conf:1: l1d.sets = 6" 'l1d = { sets = 6; };\n'
file "word for a number" "f.conf:1: l2.ways: wrong type" 'l2 = { ways = "8"; };\n'
file "number for a word" "f.conf:1: l2.repl: wrong type" 'l2 = { repl = 3; };\n'
file "fraction" "f.conf:1: walkers: wrong type" 'walkers = 2.5;\n'
file "list" "f.conf:1: there is no knob \`l2\`" 'l2 = (1, 2);\n'
file "syntax" "f.conf:2: syntax error" 'l2 = { ways = 3;\n'
file "given twice" "f.conf:2: duplicate setting" 'walkers = 2;\nwalkers = 3;\n'
file "number that would wrap" "f.conf:1:11: 4294967298 is too large" 'walkers = 4294967298;\n'
file "include" "f.conf:1:1: a configuration includes no other" '@include "x.conf"\n'
file "contradiction" "f.conf:2: mem.latency = 50 is more" 'mem = { model = "random";\n latency = 50; };\n'
file "memory" "f.conf:1: mem.mib = 4096" 'mem = { mib = 4096; };\npa = { bits = 32; };\n'
file "contexts" "ctx.entries = 8 address spaces" 'ctx = { bits = 3; };\n'
refused "folios of 64 KiB under Sv32" "os.thp64 = always: Sv32 has no huge pages" \
    $PAGEWALK config --config sv32 --set os.thp64=always
refused "huge pages under Sv32" "os.thp = always: Sv32 has no huge pages" \
    $PAGEWALK config --config sv32 --set os.thp=always
head -c 999 /dev/urandom >$WORK/random
refused "random bytes" "$WORK/random" $PAGEWALK config --config $WORK/random
refused "missing file" "nonesuch.conf: No such file" $PAGEWALK config --config nonesuch.conf
refused "directory" "Is a directory" $PAGEWALK config --config $WORK

: >$WORK/err
: >$WORK/empty.conf
printf 'mem = { seed = 4294967295L; }; # a comment, 99999999999\n' >$WORK/seed.conf
hash() { $PAGEWALK config --json "$@" | jq -er .config.hash || echo "none for $*"; }
result "$([ "$(hash --config $WORK/empty.conf)" = "$(hash)" ] && echo yes)" "an empty file is the default"
result "$([ "$(hash --config default)" = "$(hash)" ] && echo yes)" "the shipped default is the default"
result "$([ "$(hash --config $WORK/seed.conf)" = "$(hash --set mem.seed=0xffffffff)" ] && echo yes)" \
    "file and --set agree"
result "$([ "$(hash --config prefetch)" != "$(hash)" ] && echo yes)" "another configuration has another hash"

: >$WORK/all
for name in $($PAGEWALK config --list); do
    $PAGEWALK config --config "$name" --json >>$WORK/all 2>$WORK/err || result no "shipped configuration $name"
done
idle=$(jq -rs '.[0].config as $d | . as $all | ($d | keys - ["hash", "name"])[] | . as $k
    | select(all($all[]; .config[$k] == $d[$k]))' $WORK/all)
# what the kernel half does is turned by the traces that show it, and by the checks
idle=$(for key in $idle; do
    grep -qs "^set $key " traces/*.trace testbench/fences/*.trace ||
        grep -qs "\b$key\b" testbench/test_fences.sh testbench/linux/tables/* || echo "$key"
done)
echo "at its default everywhere: $idle" >$WORK/err
result "$([ -z "$idle" ] && echo yes)" "every knob is turned by a shipped configuration or trace"
rtl=$(sed -n 's/^[A-Z2]*(RTL, [a-z0-9_]*, "\([a-z0-9_.]*\)".*/"\1"/p' model/params.def | paste -sd,)
builds=$(jq -c "[.config | .[$(echo "$rtl" | sed 's/,/], .[/g')]]" $WORK/all | sort -u | wc -l)
echo "$builds builds" >$WORK/err
result "$([ "$builds" -le 15 ] && echo yes)" "the shipped configurations need $builds Verilated MMUs"
# a setting holds wherever it may stand before the first process
{ echo 'pagewalk-trace 1' && sed -n '/^file/p' traces/folio_cut.trace && sed '1d; /^file/d' traces/folio_cut.trace; } \
    >$WORK/set.trace
result "$($PAGEWALK run --engine model --config svade $WORK/set.trace >$WORK/err 2>&1 && echo yes)" \
    "a setting behind the files is one"
rm -r $WORK
exit $code
