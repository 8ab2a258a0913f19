# SPDX-License-Identifier: Apache-2.0
#
# awk -f draw.awk -v seed=S -v count=C -v number=N -v attempt=A build/gen/configuration.md
#
# Configuration N of C drawn by seed S: a file of libconfig. Every knob that shapes the RTL (`built into RTL`: yes) has
# its minimum in one of the C and its maximum in another, or, if it takes words, each word in one; no two of one group
# (`l1d.`) in one configuration. Which, hangs on the seed alone. The other knobs are at their default or drawn small,
# anew with each attempt: a combination may be refused. No knob is named but xlen, which decides what can run.
BEGIN { FS = " *\\| *" }

# of its own, since rand() differs from one awk to another
function roll(n) {
    state = (state * 16807) % 2147483647
    return int(state / 2147483647 * n)
}

function restart(with,    i) {
    state = (with * 7919 + 12345) % 2147483646 + 1
    for (i = 0; i < 8; i++) roll(2)
}

$6 == "yes" {
    key = $2
    gsub(/`/, "", key)
    knob[++knobs] = key
    fallback[key] = $3
    unit[key] = $5
    group[key] = key
    sub(/\..*/, "", group[key])
    words[key] = ""
    if ($4 ~ /^[0-9]+ to [0-9]+/) {
        split($4, range, /[ ,]+/)
        low[key] = range[1]
        high[key] = range[3]
        power[key] = $4 ~ /power of two/
    } else {
        words[key] = $4
    }
}

function pin(key, value,    at, best, ties, n) {
    best = -1
    for (n = 1; n <= count; n++) {
        if ((n, group[key]) in taken) continue
        if (best < 0 || pins[n] + 0 < best) { best = pins[n] + 0; ties = 0 }
        if (pins[n] + 0 == best && !roll(++ties)) at = n
    }
    if (best < 0) { print "draw.awk: " count " configurations are too few" > "/dev/stderr"; exit failed = 1 }
    taken[at, group[key]] = 1
    pins[at]++
    pinned[at, key] = value
}

function drawn(key,    n, parts, span) {
    if (roll(2)) return fallback[key]
    if (words[key] != "") { n = split(words[key], parts, " "); return parts[1 + roll(n)] }
    span = high[key] - low[key]
    if (power[key]) {
        for (n = 0; low[key] * 2 ^ (n + 1) <= high[key] && n < 4; n++);
        return low[key] * 2 ^ roll(n + 1)
    }
    if (span <= 24 || unit[key] == "mask" || unit[key] == "") return low[key] + roll(span + 1)
    return low[key] + int(exp(roll(1000) / 1000 * log(span / 4 + 1))) - 1
}

# 256 entries at most of what was not asked for: the one that is not pinned gives way.
function fit(sets, ways,    most) {
    most = value[sets] > 256 ? 1 : 256 / value[sets]
    if (value[ways] > most) {
        if (!((number, ways) in pinned)) value[ways] = int(most)
        else for (; value[sets] > 1 && value[sets] * value[ways] > 256; value[sets] /= 2);
    }
    # what is left out has no sets
    if ((number, sets) in pinned && value[ways] == 0) value[ways] = 1
}

END {
    if (failed) exit 1
    restart(seed)
    for (k = 1; k <= knobs; k++) {
        key = knob[k]
        n = split(words[key], parts, " ")
        for (i = 1; i <= n; i++) pin(key, parts[i])
        if (n) continue
        pin(key, low[key])
        pin(key, high[key])
    }
    restart(seed * 1000 + number * 37 + attempt)
    for (k = 1; k <= knobs; k++) {
        key = knob[k]
        value[key] = (number, key) in pinned ? pinned[number, key] : drawn(key)
    }
    for (k = 1; k <= knobs; k++) {
        for (j = 1; j <= knobs; j++) {
            if (unit[knob[k]] == "sets" && unit[knob[j]] == "ways" && group[knob[k]] == group[knob[j]])
                fit(knob[k], knob[j])
        }
    }
    printf "# configuration %d of %d, seed %d:", number, count, seed
    for (k = 1; k <= knobs; k++) if ((number, knob[k]) in pinned) printf " %s=%s", knob[k], value[knob[k]]
    printf "\n"
    for (k = 1; k <= knobs; k++) {
        key = knob[k]
        text = words[key] == "" ? value[key] : "\"" value[key] "\""
        if (group[key] == key) { print key " = " text ";"; continue }
        name = substr(key, length(group[key]) + 2)
        body[group[key]] = body[group[key]] " " name " = " text ";"
    }
    split("sv39 sv48 sv57", modes, " ")
    mode = value["xlen"] == 32 ? "sv32" : modes[1 + roll(3)]
    body["os"] = body["os"] " mode = \"" mode "\"; thp = \"madvise\";"
    # memory that answers in order, and memory that does not and is not always ready
    if (roll(2)) body["mem"] = " model = \"random\"; latency = 1; latency_max = 40; stall = 20;"
    for (g in body) print g " = {" body[g] " };" | "LC_ALL=C sort"
}
