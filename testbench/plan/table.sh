#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# table.sh [DIR]   The table of the verification plan, as markdown: item, clause, points and what each counted, the runs
# that hit it. Without DIR only items and points, each point 0. Below: the coincidences that other
# cover properties look for. The last line is the sum; the exit code is 1 if an item has a point that nothing hit, or no
# point, or if a coincidence was not met.
set -eu
cd "$(dirname "$0")/../.."
DIR=${1:-}
points() { # `LABEL` of each cover property of the plan, in the order of the sources
    cat testbench/sva/plan_*_sva.sv | grep -oE '`PW_COVER\([A-Z]+_[0-9][A-Za-z0-9_]*' | sed 's/.*(//'
}
hits() {
    [ -n "$DIR" ] || return 0
    find "$DIR" -name '*.dat' -print0 | sort -z | xargs -0 -r awk -f testbench/plan/hits.awk | LC_ALL=C sort
}
{ points; echo =; hits; echo =; cat testbench/plan/plan.def; } | awk '
    function tag_of(label, part, n) { # VM_3_2_Name: VM-3.2, PMP_2_Name: PMP-2
        n = split(label, part, "_")
        return part[1] "-" part[2] (part[1] == "VM" ? "." part[3] : "")
    }
    function name_of(label, tag) {
        return substr(label, length(tag) + 2)
    }
    $0 == "=" { section++; next }
    section == 0 {
        tag = tag_of($1)
        points[tag] = points[tag] " " $1
        next
    }
    section == 1 && $2 ~ /_C$/ {
        others[$2] += $3
        next
    }
    section == 1 {
        run = $1
        own = run
        sub(/^directed\//, "", own)
        if (own != run) run = own == tag_of($2) ? "directed" : "directed, other tags"
        count[$2] += $3
        if ($3 > 0) by[tag_of($2), run] += $3
        if ($3 > 0 && run != "directed" && !(run in runs)) order[++known] = run
        runs[run] = 1
        next
    }
    match($0, /^ITEM\(/) {
        split($0, quoted, "\"")
        tag = $0
        sub(/^ITEM\(/, "", tag)
        sub(/,.*/, "", tag)
        if (!items++) {
            print "| item | clause | sentence | points and their hits | runs | hits |"
            print "|---|---|---|---|---|---|"
        }
        n = split(points[tag], label, " ")
        gap = n == 0
        list = ""
        sum = 0
        for (i = 1; i <= n; i++) {
            if (!(count[label[i]] > 0)) gap = 1
            list = list (i > 1 ? ", " : "") "`" name_of(label[i], tag) "` " count[label[i]] + 0
            sum += count[label[i]]
            all_points++
        }
        who = by[tag, "directed"] > 0 ? "directed" : ""
        for (k = 1; k <= known; k++) if (by[tag, order[k]] > 0) who = who (who == "" ? "" : ", ") order[k]
        printf "| `%s` | %s | %s | %s | %s | %s |\n", tag, quoted[2], quoted[4], list == "" ? "none" : list,
            who == "" ? "none" : who, gap ? "**gap** " sum : sum
        gaps += gap
    }
    END {
        for (other in others) {
            all_others++
            if (!others[other]) missed[++misses] = other
        }
        if (all_others) {
            printf "\nOf %d coincidences (`NAME_C`) %d were met.", all_others, all_others - misses
            for (i = 1; i <= misses; i++) printf "%s `%s`", (i == 1 ? " Not met:" : ","), missed[i]
            print misses ? "." : ""
        }
        printf "\n%d items, %d points; %d items hit in every point, %d gaps.\n", items, all_points, items - gaps, gaps
        exit gaps > 0 || misses > 0
    }'
