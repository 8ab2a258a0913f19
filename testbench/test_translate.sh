#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# pagewalk translate: cases with their answers, one for each row of the decision table and for each rule of the format;
# lines that are refused; what --legal adds; then generated cases under the sanitizers, whole, cut and garbled.
set -eu
cd "$(dirname "$0")/.."
PAGEWALK=${PAGEWALK:-build/pagewalk}
SAN=${PAGEWALK_SAN:-build/san/pagewalk}
WORK=build/test.translate
code=0
rm -rf $WORK
mkdir -p $WORK

verdict() { # NAME, then the command that decides
    name=$1
    shift
    if "$@"; then
        echo "ok - $name"
    else
        echo "not ok - $name"
        code=1
    fi
}

# ---- Cases with their answers: testbench/translate/*.cases, a line of each kind in turn ---------------------------
for file in testbench/translate/*.cases; do
    name=$(basename "$file" .cases)
    option=$(sed -n 's/^## options: //p' "$file")
    grep -v '^##' "$file" | awk 'NR % 2' >$WORK/in
    grep -v '^##' "$file" | awk 'NR % 2 == 0' >$WORK/want
    got=0
    # shellcheck disable=SC2086
    $SAN translate $option $WORK/in >$WORK/out 2>$WORK/err || got=$?
    want=0
    ! grep -q '^[^ ]* err ' $WORK/want || want=3
    if [ $got = $want ] && diff $WORK/want $WORK/out >$WORK/diff; then
        echo "ok - $name: $(wc -l <$WORK/out) answers as written, exit $got"
    else
        echo "not ok - $name: exit $got, not $want; < as written, > as answered"
        head -n 20 $WORK/diff $WORK/err
        code=1
    fi
done

# ---- The command line --------------------------------------------------------------------------------------------
printf '# a comment\n\n' >$WORK/echo
printf 'a op=load sz=1 va=0\0\nb op=load sz=1 va=0' >$WORK/zero
$PAGEWALK translate $WORK/zero >$WORK/out || got=$?
verdict "a zero byte, and no newline at the end" [ "$(tr '\n' , <$WORK/out)" = "a err line 1: a zero byte,b ok pa=0," ]
$PAGEWALK translate $WORK/echo >$WORK/out
verdict "comments and blank lines are echoed" cmp -s $WORK/echo $WORK/out
$PAGEWALK translate <$WORK/echo >$WORK/out
verdict "stdin" cmp -s $WORK/echo $WORK/out
got=0
$PAGEWALK translate --engine none $WORK/echo >$WORK/out 2>&1 || got=$?
verdict "an engine that is not there: exit 2" [ $got = 2 ]
got=0
$PAGEWALK translate $WORK/nonesuch >$WORK/out 2>&1 || got=$?
verdict "a file that is not there: exit 3" [ $got = 3 ]

# ---- Generated cases ----------------------------------------------------------------------------------------------
for mode in sv32 sv39 sv48 sv57; do
    build/translate-gen $mode 100000 1 >$WORK/$mode.in
    got=0
    $PAGEWALK translate --rows $WORK/$mode.in >$WORK/$mode.out 2>$WORK/$mode.rows || got=$?
    verdict "$mode: every generated line is well-formed" [ $got = 0 ]
    # rows 9 (Zicfiss), and of Sv32 also 1 and 7, decide nothing; each other one 500 lines in a million or more
    verdict "$mode: every row decides, $(awk 'NR > 1 { print $3 }' $WORK/$mode.rows | tr '\n' ' ')in a million" \
        awk -v sv32=$([ $mode = sv32 ] && echo 1 || echo 0) 'NR > 1 {
            none = $1 == 9 || (sv32 && ($1 == 1 || $1 == 7))
            if (none ? $2 != 0 : $3 < 500) bad = 1 } END { exit bad }' $WORK/$mode.rows
    head -n 20000 $WORK/$mode.in >$WORK/part
    got=0
    $SAN translate --legal $WORK/part >$WORK/san.out || got=$?
    verdict "$mode: opinion 2 with caches allows every answer of the walker" [ $got = 0 ]
    sed 's/ or [^|]*|/ |/g; s/ or [^|]*$//' $WORK/san.out >$WORK/own.out # each step begins with its own answer
    head -n 20000 $WORK/$mode.out >$WORK/plain.out
    verdict "$mode: --legal changes no answer, under the sanitizers" cmp -s $WORK/own.out $WORK/plain.out
done
# ---- The engines against one another ------------------------------------------------------------------------------
differ=$(testbench/translate/compare.sh $WORK/lines model 100000 1) || code=1
echo "$differ"
differ=$(testbench/translate/compare.sh $WORK/lines.rtl model,rtl 1000 2) || code=1
echo "$differ"
differ=$(testbench/translate/compare.sh $WORK/flags model flags 1) || code=1
echo "$differ"
differ=$(testbench/translate/compare.sh $WORK/flags.rtl model,rtl flags 401) || code=1
echo "$differ"
build/translate-gen sv48 4000 7 | awk 'BEGIN { srand(7) } {
    at = int(rand() * length($0)); c = substr("=+,:-x 0fp\t~", int(rand() * 12) + 1, 1)
    print (NR % 3 == 0 ? substr($0, 1, at) : substr($0, 1, at) c substr($0, at + NR % 3)) }' >$WORK/garbled
got=0
$SAN translate $WORK/garbled >$WORK/out 2>$WORK/err || got=$?
verdict "garbled lines: one answer each, exit 3" [ "$got $(wc -l <$WORK/out)" = "3 4000" ]
build/translate-gen sv39 flags | awk 'NR % 97 == 0' >$WORK/flags.in
got=0
$SAN translate $WORK/flags.in >$WORK/out || got=$?
verdict "the exhaustive generator's lines are well-formed" [ $got = 0 ]
[ $code = 1 ] || rm -r $WORK
exit $code
