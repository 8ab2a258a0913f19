#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# docs.sh [--check]   Between the lines `<!-- generated: NAME -->` and `<!-- end -->` of docs/*.md stands what
# testbench/NAME.sh prints, if there is one, else `build/gen/gen NAME`. This writes it there; --check only says where
# it differs.
set -eu
cd "$(dirname "$0")/.."
code=0
for doc in $(grep -l '^<!-- generated: ' README.md docs/*.md); do
    new=$(mktemp)
    awk '
        /^<!-- generated: / {
            print $0 "\n"
            script = "testbench/" $3 ".sh"
            bad += system("[ -x " script " ] && exec " script " || exec build/gen/gen " $3)
            print ""
            skip = 1
        }
        /^<!-- end -->/ { skip = 0 }
        !skip { print }
        END { exit bad != 0 }
    ' "$doc" >"$new"
    if cmp -s "$doc" "$new"; then
        [ "${1:-}" != --check ] || echo "ok - tables of $doc"
    elif [ "${1:-}" = --check ]; then
        echo "not ok - tables of $doc are not what they are made from; run: make docs"
        diff "$doc" "$new" | head -n 10
        code=1
    else
        cat "$new" >"$doc"
        echo "  DOCS      $doc"
    fi
    rm -f "$new"
done
exit $code
