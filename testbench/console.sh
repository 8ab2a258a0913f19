# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# Sourced by tests of pages with commands: a block of `console` is a command behind `$`, and what it prints, line by
# line, nothing masked, `...` for lines left out. WORK is the caller's directory.

# N.command and N.shown of each block, N.statement: the statement before it.
blocks() { # PAGE
    awk -v dir=$WORK '
        /^> \*\*[0-9]+\.\*\* / { sub(/^\*\*/, "", $2); statement = $2 + 0 }
        /^```console$/ {
            n++
            inside = 1
            printf "" >(dir "/" n ".shown")
            print statement + 0 >(dir "/" n ".statement")
            next
        }
        /^```$/ && inside { inside = 0; next }
        inside == 1 { sub(/^\$ /, ""); print >(dir "/" n ".command"); inside = 2; next }
        inside { print >(dir "/" n ".shown") }' "$1"
}

# Parts between `...` stand in the output in this order, each whole; the first and the last one at its ends.
matches() { # SHOWN OUTPUT
    awk '
        NR == FNR { if ($0 == "...") open[++parts] = 1; else part[parts + 0, ++lines[parts + 0]] = $0; next }
        { out[++count] = $0 }
        function fits(p, at,   i) {
            for (i = 1; i <= lines[p]; i++) if (out[at + i - 1] != part[p, i] || at + i - 1 > count) return 0
            return 1
        }
        END {
            at = 1
            for (p = 0; p <= parts; p++) {
                if (p == parts && p > 0) { # what is behind the last `...`, at the very end
                    if (lines[p] > count - at + 1) exit 1
                    if (lines[p]) at = count - lines[p] + 1
                    exit !fits(p, at)
                }
                if (p > 0) while (at <= count && !fits(p, at)) at++
                if (!fits(p, at)) exit 1
                at += lines[p]
            }
            exit parts ? 0 : at != count + 1
        }' "$1" "$2"
}

check_commands() {
    for number in $(ls $WORK | sed -n 's/\.command$//p' | sort -n); do # in the order of the page
        command=$WORK/$number.command
        sh "$command" >$WORK/out 2>$WORK/err || true
        matches "${command%.command}.shown" $WORK/out && [ -s $WORK/out ] || {
            echo "not ok - other output: $(cat "$command")"
            diff "${command%.command}.shown" $WORK/out | head -n 8 | sed 's/^/    /'
        }
    done
}
