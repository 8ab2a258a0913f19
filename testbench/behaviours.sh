#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# behaviours.sh   The table of docs/linux.md, from what stands elsewhere: traces/NAME.md (behaviour and `Linux:`), the
# rows of the stored tables and the excused ones (testbench/linux), and which traces have none (not_probed.sh).
set -eu
cd "$(dirname "$0")/.."
. testbench/linux/not_probed.sh

# Subjects, and their traces in the order in which the patterns give them.
traces() {
    grep -v '^# ' testbench/linux/subjects.txt | while read -r line; do
        case $line in
        '## '*) echo "$line" && continue ;;
        esac
        for pattern in $line; do
            for trace in traces/$pattern.trace; do echo "$trace"; done
        done
    done
}

{
    grep -lE "$NOT_PROBED" traces/*.trace | sed 's/^/unasked /'
    sed 's/^/excused /' testbench/linux/excused.txt
    ls traces/*.trace | sed 's/^/there /'
    traces
} | awk '
    function fail(why) { print why >"/dev/stderr"; bad = 1 }
    function page(name,   line, n, text, at) { # behaviour | what Linux does
        while ((getline line <("traces/" name ".md")) > 0)
            if (++n > 2) text = text (text ? " " : "") line
        gsub(/\(\.\.\/docs\//, "(", text)
        gsub(/\|/, "\\|", text)
        at = index(text, "Linux: ")
        if (!at) fail("traces/" name ".md does not say `Linux: ...`")
        behaviour = substr(text, 1, at - 2)
        kernel = substr(text, at + 7)
    }
    function here(name,   line, rows, on) { # how it is known that we do the same
        if (unasked["traces/" name ".trace"]) return "the same, by the trace\047s own expectations; no kernel was asked"
        while ((getline line <("testbench/linux/tables/" name ".tab")) > 0) {
            rows += on && line != ""
            on = on || line == "rows"
        }
        if (!excused[name]) return "the same: " rows + 0 " rows"
        return rows - excused[name] " of " rows " rows are the same; else: " why[name]
    }
    $1 == "unasked" { unasked[$2] = 1; next }
    $1 == "there" { there[$2] = 0; next }
    $1 == "excused" {
        if (!excused[$2]++) { why[$2] = $0; sub(/^excused [^ ]* [^ ]* /, "", why[$2]) }
        next
    }
    $1 == "##" { printf "\n%s\n\n| behaviour | trace | Linux | here |\n|---|---|---|---|\n", $0; next }
    {
        there[$1]++
        name = $1
        gsub(/^traces\/|\.trace$/, "", name)
        page(name)
        printf "| %s | [%s](../%s) | %s | %s |\n", behaviour, name, $1, kernel, here(name)
    }
    END {
        for (trace in there) if (there[trace] != 1) fail("testbench/linux/subjects.txt must have " trace " once")
        exit bad
    }'
