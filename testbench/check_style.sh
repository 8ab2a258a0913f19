#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What docs/architecture.md calls the house style, as far as a script can see it: a licence line, no file over 400
# lines, no line of C over 100 columns (RTL and scripts: 120), no tabs, no unfinished business.
set -eu
cd "$(dirname "$0")/.."
code=0
check() { # NAME, then what was found
    if [ -z "$2" ]; then
        echo "ok - $1"
    else
        echo "not ok - $1"
        echo "$2" | head -n 20 | sed 's/^/    /'
        code=1
    fi
}
list() { git ls-files -co --exclude-standard "$@" | while read -r f; do [ ! -e "$f" ] || echo "$f"; done; }

SOURCES=$(list '*.c' '*.h' '*.sv' '*.cpp' '*.sh' '*.def' '*.mk' '*.conf' Makefile .ci/run)
check "every source begins with its licence" \
    "$(for f in $SOURCES; do head -n 2 "$f" | grep -q 'SPDX-License-Identifier: ' || echo "$f"; done)"
check "no file is longer than 400 lines" "$(wc -l $SOURCES | awk '$1 > 400 && $2 != "total"')"
check "no line of C is longer than 100 columns" \
    "$(list '*.c' '*.h' '*.cpp' | xargs awk 'length($0) > 100 { print FILENAME ":" FNR ": " length($0) }')"
check "no line of RTL and scripts is longer than 120 columns" \
    "$(list '*.sv' '*.sh' | xargs awk 'length($0) > 120 { print FILENAME ":" FNR ": " length($0) }')"
check "no tabs, no blanks at line ends" \
    "$(list '*.c' '*.h' '*.sv' '*.cpp' '*.sh' '*.def' | xargs grep -nE "$(printf '\t')| +\$" | cut -c1-80)"
check "no unfinished business" \
    "$(list '*.c' '*.h' '*.sv' '*.cpp' '*.def' '*.md' | xargs grep -nwE 'TO''DO|FIX''ME|X''XX' | cut -c1-80)"
exit $code
