#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# view_check.sh VIEW.gtkw...   Every signal that a view names is in its waveform, with that width: GTKWave drops others
# without a word. The waveform is asked by fst2vcd, which shares nothing with the program that wrote the view.
set -eu
code=0
for view in "$@"; do
    fst=$(sed -n 's/^.dumpfile. "\(.*\)"/\1/p' "$view")
    fst2vcd "$fst" | awk '
        $1 == "$scope" { path[++depth] = $3 }
        $1 == "$upscope" { depth-- }
        $1 == "$enddefinitions" { exit }
        $1 == "$var" {
            name = path[1]
            for (i = 2; i <= depth; i++) name = name "." path[i]
            print name "." $5 ($6 == "$end" ? "" : $6)
        }' | LC_ALL=C sort -u >"$view.there"
    # +{label} NAME, or #{label} (bit)NAME (bit)NAME ...
    sed -n 's/^+{[^}]*} //p; s/^#{[^}]*} //p' "$view" | tr ' ' '\n' |
        sed 's/^([0-9]*)//' | LC_ALL=C sort -u >"$view.named"
    absent=$(LC_ALL=C comm -13 "$view.there" "$view.named")
    filters=$(sed -n 's/^^1 //p' "$view" | sort -u | while read -r f; do [ -s "$f" ] || echo "$f"; done)
    [ -s "$view.named" ] || absent="any signal at all"
    if [ -n "$absent$filters" ]; then
        echo "$view: not in $fst:" $absent $filters
        code=1
    fi
    rm "$view.there" "$view.named"
done
exit $code
