#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# timing.sh           Draws the timing diagrams of docs/microarchitecture.md: build/san/test_timing says what the
#                     machine does in which cycle, as docs/timing/NAME.json; WaveDrom makes docs/timing/NAME.svg of it.
# timing.sh --check   Says which picture is not of the text beside it. The texts are held by test_timing itself.
set -eu
cd "$(dirname "$0")/.."
DIR=docs/timing

hash() { sha256sum <"$1" | cut -c1-16; }

draw() { # TEXT: on white, since a page may be dark; and of which text it is
    node build/timing/node_modules/wavedrom/bin/cli.js -i "$1" >build/timing/svg
    {
        sed 's,<svg [^>]*>,&<rect width="100%" height="100%" fill="white"/>,' build/timing/svg
        echo "<!-- of $(basename "$1"), $(hash "$1") -->"
    } >"${1%.json}.svg"
}

if [ "${1:-}" = --check ]; then
    code=0
    for text in "$DIR"/*.json; do
        picture=${text%.json}.svg
        if grep -q "$(hash "$text")" "$picture" 2>/dev/null && grep -q "(timing/$(basename "$picture"))" docs/*.md; then
            echo "ok - $picture is of $text, and a page shows it"
        else
            echo "not ok - $picture is not of $text, or no page shows it; run: make timing"
            code=1
        fi
    done
    exit $code
fi
NEW=build/timing/new # the old ones stay until all are drawn
rm -rf $NEW
mkdir -p $NEW
if ! TIMING=$NEW build/san/test_timing >build/timing/log 2>&1; then
    cat build/timing/log >&2
    exit 1
fi
for text in $NEW/*.json; do
    draw "$text"
done
rm -rf $DIR
mv $NEW $DIR
