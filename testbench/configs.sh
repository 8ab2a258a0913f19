#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# configs.sh draw DIR [SEED]   40 configurations, drawn by SEED (testbench/configs/draw.awk): DIR/01.conf to DIR/40.conf
# configs.sh check DIR         fails unless every knob that shapes the RTL is at its minimum in one of them and at its
#                              maximum in one, or each of its words is in one
# configs.sh run [SEED]        random traffic on each in lock-step, PIECE records at a time, until CYCLES active cycles
#                              are compared; and windows of three shipped traces, drawn by SEED. Resumable: a piece
#                              whose result is there for this program is not run again. COUNT=n takes the first n,
#                              CYCLES=n fewer cycles, WINDOW=n shorter windows: a slice. Ends with the table.
#                              JOBS=n side by side; each configuration's RTL is compiled by the branches it takes
# configs.sh one DIR N SEED    the part of `run` that is configuration N
# configs.sh table DIR         what was compared and checked, a row a configuration, as docs/evidence.md has it
set -eu
cd "$(dirname "$0")/.."
PAGEWALK=${PAGEWALK:-build/pagewalk}
ALL=40

draw() { # DIR SEED
    mkdir -p "$1"
    for number in $(seq $ALL); do
        attempt=0
        conf=$1/$(printf '%02d' "$number").conf
        until
            awk -f testbench/configs/draw.awk -v seed="$2" -v count=$ALL -v number="$number" -v attempt=$attempt \
                build/gen/configuration.md >"$conf"
            "$PAGEWALK" config --config "$conf" --json >"$1/json" 2>"$1/refused"
        do
            attempt=$((attempt + 1)) # two of its knobs contradict each other
            [ $attempt -lt 50 ] || { cat "$1/refused" && exit 1; } >&2
        done
    done
    rm -f "$1/json" "$1/refused"
}

# KEY VALUE, one a line: the two ends of every knob that shapes the RTL, or its words.
ends() {
    sed -n 's/^| `\(.*\)` | [^|]* | \([^|]*\) |[^|]*| yes | .*/\1 \2/p' build/gen/configuration.md | awk '
        $3 == "to" { sub(",", "", $4); print $1, $2; print $1, $4; next }
        { for (i = 2; i <= NF; i++) print $1, $i }' | LC_ALL=C sort
}

check() { # DIR
    for conf in "$1"/[0-9][0-9].conf; do
        "$PAGEWALK" config --config "$conf" --json
    done | jq -r '.config | to_entries[] | "\(.key) \(.value)"' | LC_ALL=C sort -u >"$1/values"
    ends >"$1/ends"
    LC_ALL=C comm -13 "$1/values" "$1/ends" >"$1/missing"
    sed 's/^/in no configuration: /' "$1/missing"
    [ -s "$1/ends" ] && [ ! -s "$1/missing" ]
}

hash() { # a number of 28 bits
    echo $((0x$(echo "$*" | sha256sum | cut -c1-7)))
}

# Is the configuration, with what the trace sets, the one that was drawn, and can the trace run on it?
applies() { # CONF TRACE
    [ "$("$PAGEWALK" config --config "$1" --dut "$2" 2>/dev/null)" = "$so" ] &&
        "$PAGEWALK" run --engine model --config "$1" --max-accesses 1000 "$2" >/dev/null 2>&1
}

piece() { # NAME OPTION...
    name=$DIR/$1
    shift
    [ ! -e "$name" ] || return 0
    echo "  $(basename "$name"): $*" >&2
    "$PAGEWALK" run --engine lockstep --json "$@" >"$name.new" 2>"$name.err" || :
    mv "$name.new" "$name"
}

good() { # PIECE
    [ "$(jq '.exit_code == 0 and .mismatches == 0 and .compared_cycles > 0' "$1")" = true ]
}

windows() { # CONF NUMBER SEED: of two recordings, or as many as can run (they are of RV64), and of text traces
    found=0
    for kind in "pwt 2" "trace 3"; do
        for trace in traces/*."${kind% *}"; do echo "$(hash "$3" "$2" "$trace") $trace"; done | sort -n >"$DIR/$2.order"
        while read -r draw trace; do
            [ $found -lt "${kind#* }" ] || break
            applies "$1" "$trace" || continue
            found=$((found + 1))
            records=$("$PAGEWALK" info --json "$trace" | jq .records)
            from=0
            [ "$records" -le "$WINDOW" ] || from=$((draw % (records - WINDOW)))
            piece "$2.window.$found" --config "$1" --from $from --max-accesses "$WINDOW" "$trace"
        done <"$DIR/$2.order"
    done
}

traffic() { # CONF NUMBER SEED
    active=0 part=0
    while [ $active -lt "$CYCLES" ]; do
        part=$((part + 1))
        piece "$2.traffic.$part" --config "$1" "traffic:$(hash "$3" "$2" traffic $part)?accesses=$PIECE"
        good "$DIR/$2.traffic.$part" || return 0 # a finding: the table says so
        active=$((active + $(jq .active_cycles "$DIR/$2.traffic.$part")))
    done
}

configuration() { # NUMBER SEED: all of it that is missing
    number=$(printf '%02d' "$1")
    export DUT_PROFILE="$PAGEWALK run --engine rtl --config $DIR/$number.conf traffic:$2?accesses=10000"
    so=$("$PAGEWALK" config --config "$DIR/$number.conf" --dut) || {
        echo '{ "exit_code": 5 }' >"$DIR/$number.window.1" # Verilator's words are above
        return 0
    }
    windows "$DIR/$number.conf" "$number" "$2"
    traffic "$DIR/$number.conf" "$number" "$2"
}

table() { # DIR
    echo '| configuration: its knobs at an end | accesses | active cycles | L1 hits | L2 hits | walks | PTE reads |' \
        'A/D updates | joined | fences | CSR writes | faults | differences |'
    echo '|---|---|---|---|---|---|---|---|---|---|---|---|---|'
    for conf in "$1"/[0-9][0-9].conf; do
        number=$(basename "$conf" .conf)
        [ -e "$1/$number.window.1" ] || continue
        knobs=$(sed -n '1s/.*: //p' "$conf")
        jq -rn --arg head "$number: \`$knobs\`" '[inputs]
            | def sum(f): map(f) | add;
            [$head, sum(.accesses), sum(.active_cycles), sum(.tlb.l1i.hits + .tlb.l1d.hits), sum(.tlb.l2.hits),
             sum(.walks.count), sum(.walks.pte_reads), sum(.walks.ad_writes), sum(.merged), sum(.fences),
             sum(.csr_writes), sum(.faults | add), (map(select(.exit_code != 0 or .mismatches != 0)) | length)]
            | "| " + (map(tostring) | join(" | ")) + " |"' \
            "$1/$number".window.? "$1/$number".traffic.*[0-9] ||
            echo "| $number: no result | | 0 | | | | | | | | | | 1 |"
    done >"$1/rows"
    cat "$1/rows"
    awk -F ' *[|] *' '{ n++; a += $4; bad += $14 > 0 }
        END { printf "\n%d configurations, %d active cycles compared, %d with a difference\n", n, a, bad
              exit bad > 0 || !n }' "$1/rows"
}

case ${1:-} in
draw) draw "$2" "${3:-1}" ;;
check) check "$2" ;;
table) table "$2" ;;
one)
    DIR=$2 CYCLES=${CYCLES:-50000000} PIECE=${PIECE:-1000000} WINDOW=${WINDOW:-100000}
    configuration "$3" "$4"
    ;;
run)
    SEED=${2:-1}
    VERSION=$(cat rtl/*.sv build/gen/mmu_pkg.sv model/*.[ch] testbench/traffic*.[ch] testbench/pins.[ch] |
        sha256sum | cut -c1-12)
    DIR=build/campaign-configs/$VERSION/$SEED
    draw "$DIR" "$SEED"
    check "$DIR"
    seq "${COUNT:-$ALL}" | xargs -P "${JOBS:-1}" -I{} testbench/configs.sh one "$DIR" {} "$SEED"
    table "$DIR"
    ;;
*)
    echo "usage: configs.sh draw DIR [SEED] | check DIR | run [SEED] | table DIR" >&2
    exit 2
    ;;
esac
