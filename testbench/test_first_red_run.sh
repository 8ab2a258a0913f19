#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# docs/first-red-run.md does what it says: its commands, one after the other with the bug of the page awake, print what
# it shows. Without the bug they do not.
set -eu
cd "$(dirname "$0")/.."
unset MAKEFLAGS MFLAGS
PAGE=docs/first-red-run.md
WORK=build/test.first-red-run
OUT=$WORK
rm -rf $WORK build/red
mkdir -p $WORK
. testbench/tap.sh
. testbench/console.sh
planted
blocks $PAGE
eval "$(sed -n 's/^    \(export .*\)/\1/p' $PAGE)"

pictures() { # the page's own, each there and no larger than a picture may be
    for picture in $(sed -n 's/^!\[.*](\(.*\))$/\1/p' $PAGE); do
        [ "$(wc -c <"docs/$picture")" -lt 300000 ] || return 1
    done
}
says() { # what does not fit is said
    check_commands >$WORK/unfit
    cat $WORK/unfit
    [ ! -s $WORK/unfit ]
}
n=$(ls $WORK/*.command | wc -l)
check "$n commands print what $PAGE shows" says
check "its pictures" pictures
export PLANTED=0
green() { ! says; }
check "without the bug they print something else" green
exit $code
