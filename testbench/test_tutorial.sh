#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# docs/tutorial.md does what it says. Every command of the page is run, and prints what the page shows: line by line,
# nothing masked, `...` for lines left out. Each of its 28 statements is there, word by word, with a command of its own
# on a trace that exists. Then: a page in which one of that is not so fails.
set -eu
cd "$(dirname "$0")/.."
STATEMENTS=28
SUM='3477854123 2423' # cksum of the statements, in order of their numbers
PAGE=docs/tutorial.md
WORK=build/test.tutorial
rm -rf $WORK
mkdir -p $WORK
. testbench/console.sh

statements() { # PAGE: number and text, by number
    sed -n 's/^> \*\*\([0-9]*\)\.\*\* /\1 /p' "$1" | sort -n
}

check_statements() { # PAGE
    [ "$(statements "$1" | cut -d' ' -f1 | tr '\n' ' ')" = "$(seq -s' ' $STATEMENTS) " ] ||
        echo "not ok - the statements are not 1 to $STATEMENTS, each once"
    [ "$(statements "$1" | cksum)" = "$SUM" ] || echo "not ok - a statement has other words: $(statements "$1" | cksum)"
    for n in $(seq $STATEMENTS); do
        trace=
        for block in $(grep -lx "$n" $WORK/*.statement); do
            for word in $(grep -oE 'traces/[a-z0-9_]+\.(trace|pwt)' "${block%.statement}.command"); do
                [ ! -e "$word" ] || trace=$word
            done
        done
        [ -n "$trace" ] || echo "not ok - statement $n has no command on a trace"
    done
}

code=0
blocks $PAGE
{ check_statements $PAGE && check_commands; } >$WORK/said
if [ -s $WORK/said ]; then
    cat $WORK/said
    exit 1
fi
echo "ok - $(ls $WORK/*.command | wc -l) commands print what $PAGE shows"
echo "ok - each of $STATEMENTS statements has its trace"

fails() { # words, check, sed script: the page with that change
    rm -f $WORK/*.command $WORK/*.shown $WORK/*.statement
    sed "$3" $PAGE >$WORK/other.md
    blocks $WORK/other.md
    $2 $WORK/other.md >$WORK/said
    if ! cmp -s $PAGE $WORK/other.md && grep -qF -- "$1" $WORK/said; then
        echo "ok - a page fails: $1"
    else
        echo "not ok - a page passes that must fail: $1"
        code=1
    fi
}
fails "statement 12 has no command" check_statements 's,traces/null_guard.trace,traces/no_such_guard.trace,'
fails "not 1 to $STATEMENTS" check_statements '/^> \*\*9\./d'
fails "other words" check_statements 's/^> \*\*8\.\*\* Making/> **8.** Asking for/'
# Of these pages one command is left, with an output that is not its own.
only='1,/^> \*\*12\./d; /^## 3/,$d'
fails "other output" check_commands "$only; s/^2 1 load 0x8 /2 1 load 0x9 /"
fails "other output" check_commands "$only; /^1 1 store 0x10000 /d"
fails "other output" check_commands "$only; s/^2 1 load 0x8 .*/&\\n3 1 load 0x8 sigsegv maperr/"
rm -r $WORK
exit $code
