#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Read by area.sh: a configuration mapped module by module. A module with the same parameters is the same cells in every
# configuration, so of the same sources each is read and mapped once: what `stat` says of it and the bits of each SRAM
# are kept, and its ports as a stub, which Yosys finds where it would make the module. Of a configuration that differs
# in one structure, that structure is all that is mapped. A run that was stopped loses one configuration's.
FLOW="proc; opt_clean; synth -run begin:fine -top mmu; synth -run fine:check -noabc; dfflibmap -liberty $LIB
abc -liberty $LIB; opt_clean"
# shellcheck disable=SC2046
KEPT=$OUT/modules-$({ echo "$FLOW" && cat $(rtl_files) && yosys -V; } | sha256sum | cut -c1-16)
[ -e "$KEPT.json" ] || echo '{}' | tee "$KEPT.json" >"$KEPT.ram.json"
[ -e "$KEPT.il" ] || : >"$KEPT.il"

# `stat -json` of Yosys 0.23 leaves out the last brace, or writes the hierarchy as text in its place.
json() { awk '/^   },/ { print "}}"; cut = 1; exit } { print } END { if (!cut) print "}" }' "$1"; }

# The modules with parameters of the second file that are not in the first, with the attributes before each.
new_stubs() { # FILE FILE
    awk 'FILENAME == ARGV[1] { if ($1 == "module") there[$2]; next }
        /^attribute/ { held = held $0 "\n"; next }
        /^module/ { keep = $2 ~ /^\$/ && !($2 in there); if (keep) printf "%s", held; held = "" }
        keep { print }
        /^end/ { keep = 0 }' "$1" "$2"
}

# map_modules CONFIG NAME   Into $OUT/NAME.modules.json: what `stat -json` would say of all of them, mapped; into
# $OUT/NAME.ram.json: the bits of each SRAM.
map_modules() {
    parameters "$1" >"$OUT/$2.parameters"
    # those without parameters have no stub
    jq -r 'keys[] | select(startswith("\\")) | "blackbox " + .[1:]' "$KEPT.json" >"$OUT/$2.kept.ys"
    STUBS=$KEPT.il synthesize "$1" "tee -o $OUT/$2.ram stat *mmu_sram*; blackbox *mmu_sram*
        script $OUT/$2.kept.ys
        $FLOW
        tee -o $OUT/$2.modules stat -json
        blackbox *; write_rtlil $OUT/$2.il" || return 1
    awk '/^===/ { name = $2 } /Number of memory bits/ { print name, $5 }' "$OUT/$2.ram" |
        jq -Rn --slurpfile before "$KEPT.ram.json" \
            '[inputs | split(" ") | {(.[0]): (.[1] | tonumber)}] | $before[0] + (add // {})' >"$OUT/$2.ram.json"
    json "$OUT/$2.modules" | jq --slurpfile before "$KEPT.json" '{modules: ($before[0] + .modules)}' \
        >"$OUT/$2.modules.json"
    new_stubs "$KEPT.il" "$OUT/$2.il" >"$OUT/$2.stubs.il"
    cp "$OUT/$2.ram.json" "$KEPT.ram.json"
    cat "$OUT/$2.stubs.il" >>"$KEPT.il"
    jq '.modules | del(.["\\mmu"])' "$OUT/$2.modules.json" >"$KEPT.new"
    mv "$KEPT.new" "$KEPT.json"
}
