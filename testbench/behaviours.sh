#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# behaviours.sh   The table of docs/linux.md, from what stands elsewhere: traces/NAME.md (behaviour and `Linux:`), the
# rows of the stored tables and the excused ones (testbench/linux), and which traces have none (not_probed.sh).
set -eu
cd "$(dirname "$0")/.."
HERE=testbench/linux
. $HERE/not_probed.sh

page() { # NAME: behaviour | what Linux does
    awk 'NR > 2 { gsub(/\(\.\.\/docs\//, "("); text = text (text ? " " : "") $0 }
        END {
            at = index(text, "Linux: ")
            gsub(/\|/, "\\|", text)
            if (!at) exit 1
            print substr(text, 1, at - 2) " | " substr(text, at + 7)
        }' "traces/$1.md"
}

here() { # NAME: how it is known that we do the same
    table=$HERE/tables/$1.tab
    if grep -qE "$NOT_PROBED" "traces/$1.trace"; then
        echo "the same, by the trace's own expectations; no kernel was asked"
        return
    fi
    rows=$(sed '1,/^rows$/d' "$table" | grep -c .)
    excused=$(grep -c "^$1 " $HERE/excused.txt) || :
    [ "$excused" != 0 ] || { echo "the same: $rows rows" && return; }
    echo "$((rows - excused)) of $rows rows are the same; else: $(grep -m 1 "^$1 " $HERE/excused.txt | cut -d' ' -f3-)"
}

table() {
    grep -v '^# ' $HERE/subjects.txt | while read -r line; do
        case $line in
        '## '*) printf '\n%s\n\n| behaviour | trace | Linux | here |\n|---|---|---|---|\n' "$line" && continue ;;
        esac
        for pattern in $line; do
            for trace in traces/$pattern.trace; do
                name=$(basename "$trace" .trace)
                text=$(page "$name") || { echo "traces/$name.md does not say \`Linux: ...\`" >&2 && exit 1; }
                echo "| ${text% | *} | [$name](../traces/$name.trace) | ${text##* | } | $(here "$name") |"
            done
        done
    done
}

rows=$(table)
echo "$rows"
for trace in traces/*.trace; do
    [ "$(echo "$rows" | grep -cF "(../$trace)")" = 1 ] ||
        { echo "$HERE/subjects.txt must have $trace once" >&2 && exit 1; }
done
