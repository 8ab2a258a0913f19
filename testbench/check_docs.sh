#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The generated tables in docs/ are those of model/*.def; each timing diagram is of its text; every file that README and
# docs link to exists.
set -eu
cd "$(dirname "$0")/.."
code=0
testbench/docs.sh --check || code=1
testbench/timing.sh --check || code=1
for doc in README.md docs/*.md; do
    bad=
    for link in $(grep -o '](\([^)#:]*\))' "$doc" | sed 's/^](//; s/)$//'); do
        [ -e "$(dirname "$doc")/$link" ] || bad="$bad $link"
    done
    if [ -n "$bad" ]; then
        echo "not ok - $doc links to what is not there:$bad"
        code=1
    else
        echo "ok - links of $doc"
    fi
done
exit $code
