#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# campaign.sh lockstep|traffic|translate|metamorphic|os   Work too long for `make test`, in pieces that are kept: a
# piece whose result is there for this program is not run again, so an interrupted campaign goes on where it was. Ends
# with one line a piece, and the sum.
#
#   lockstep   every shipped recording whole, under every shipped configuration
#   traffic    random traffic, SEEDS seeds of CYCLES cycles a configuration
#   translate  LINES generated translation cases a mode, in pieces of PIECE, spec, second, model and RTL against one
#              another, then every value of the low PTE bits; and which row of the decision table decided how often
#   metamorphic  what caches may not change: every trace whole on the model, 200,000 accesses of each in lock-step
#   os         RECORDS random calls and accesses on the kernel half with every opinion and audit, in worlds that differ
#              (testbench/worlds.sh); REAL rows more on this machine's kernel, row by row
set -eu
cd "$(dirname "$0")/.."
KIND=$1
SEEDS=${SEEDS:-20} CYCLES=${CYCLES:-100000} FIRST=${FIRST:-1000}
VERSION=$(cat build/pagewalk rtl/*.sv | sha256sum | cut -c1-12)
DIR=build/campaign-$KIND/$VERSION
mkdir -p "$DIR"

case $KIND in
lockstep)
    for config in $(build/pagewalk config --list); do
        for trace in traces/*.pwt; do
            piece=$DIR/$config.$(basename "$trace" .pwt)
            [ -e "$piece" ] && continue
            echo "  $config, $trace" >&2
            build/pagewalk run --engine lockstep --config "$config" --json "$trace" >"$piece.new" 2>"$piece.err" || true
            mv "$piece.new" "$piece"
        done
    done
    for piece in "$DIR"/*; do
        case $piece in *.err) continue ;; esac
        jq -r --arg piece "$(basename "$piece")" \
            '[$piece, .accesses, .cycles, .compared_cycles, .mismatches, .exit_code] | @tsv' "$piece"
    done | awk '
        BEGIN { printf "%-28s %12s %12s %12s %6s\n", "configuration.trace", "accesses", "cycles", "compared", "exit" }
        {
            printf "%-28s %12d %12d %12d %6d\n", $1, $2, $3, $4, $6
            a += $2; c += $4; m += $5; bad += $6 != 0 || $3 != $4; n++
        }
        END { printf "%d pieces, %d accesses, %d cycles compared, %d mismatches, %d pieces failed\n", n, a, c, m, bad
              exit bad > 0 || n == 0 }'
    ;;
traffic)
    piece=$DIR/$FIRST.$SEEDS.$CYCLES
    [ -e "$piece" ] || PAGEWALK_TRAFFIC=$SEEDS,$CYCLES,$FIRST build/san/test_traffic >"$piece.new" 2>&1 || {
        cat "$piece.new"
        exit 1
    }
    [ -e "$piece" ] || mv "$piece.new" "$piece"
    grep -c '  OK ' "$piece" | awk -v s="$SEEDS" -v c="$CYCLES" \
        '{ printf "%d configurations, %d seeds of %d cycles each: no difference\n", $1 - 1, s, c }'
    ;;
translate)
    LINES=${LINES:-10000000} PIECE=${PIECE:-250000}
    piece() { # MODE COUNT SEED
        name=$1.$2.$3
        [ ! -e "$DIR/$name" ] || return 0
        echo "  $name" >&2
        MODES=$1 testbench/translate/compare.sh "$DIR/work.$name" model,rtl "$2" "$3" >"$DIR/$name.new" || :
        cp "$DIR/work.$name/$name.rows" "$DIR/rows.$name" && cp "$DIR/work.$name/$name.count" "$DIR/count.$name"
        mv "$DIR/$name.new" "$DIR/$name"
        ! grep -q '^ok' "$DIR/$name" || rm -r "$DIR/work.$name"
    }
    half() { # 0 or 1: two processes share the pieces
        for seed in $(seq 1 $(((LINES + PIECE - 1) / PIECE))); do
            for mode in sv32 sv39 sv48 sv57; do
                [ $((seed % 2)) != "$1" ] || piece $mode "$PIECE" "$seed"
            done
        done
        for mode in sv32 sv39 sv48 sv57; do [ "$1" = 1 ] || piece $mode flags 1; done
    }
    half 0 &
    half 1
    wait
    bad=0
    grep -h '^not ok' "$DIR"/sv* && bad=1
    for mode in sv32 sv39 sv48 sv57; do
        cat "$DIR"/count.$mode.[0-9]* | awk -v m=$mode '{ n += $1; u += $2 }
            END { printf "%s: %d lines, %d of which leave out fences\n", m, n, u }'
        cat "$DIR"/count.$mode.flags.1 | awk '{ printf "      %d lines, every value of the low PTE bits\n", $1 }'
        cat "$DIR"/rows.$mode.[0-9]* | awk -v sv32=$([ $mode = sv32 ] && echo 1 || echo 0) '
            $1 ~ /^[0-9]+$/ || $1 == "alignment" { row[$1] += $2; all += $2 }
            END { for (n = 0; n < 16; n++) { # no Zicfiss: row 9; no canonical addresses and no Svnapot in Sv32
                      none = n == 9 || (sv32 && (n == 1 || n == 7)); rate = row[n] / all * 1000000
                      printf "      row %2d %10d steps, %7d a million%s\n", n, row[n], rate, none ? ", unreachable" : ""
                      if (none ? row[n] > 0 : rate < 500) bad = 1 }
                  printf "      and    %10d steps refused for their alignment\n", row["alignment"]; exit bad }' || bad=1
    done
    exit $bad
    ;;
metamorphic)
    for kind in model.0 lockstep.200000; do
        for trace in traces/*.trace traces/*.pwt; do
            piece=$DIR/$kind.$(basename "$trace")
            [ ! -e "$piece" ] || continue
            echo "  $kind $trace" >&2
            WORK=$DIR/work testbench/metamorphic.sh "${kind%.*}" "${kind#*.}" "$trace" >"$piece.new" || :
            mv "$piece.new" "$piece"
        done
    done
    cat "$DIR"/model.* "$DIR"/lockstep.* | grep '^not ok' || :
    cat "$DIR"/model.* "$DIR"/lockstep.* | awk '/^ok/ { good++ } /^not ok/ { bad++ }
        END { printf "%d comparisons alike, %d not\n", good, bad; exit bad > 0 || !good }'
    ;;
os)
    RECORDS=${RECORDS:-10000000} REAL=${REAL:-200000}
    worlds=$(testbench/worlds.sh count) have=0 n=0
    while [ $have -lt "$RECORDS" ]; do
        n=$((n + 1)) world=$((n % worlds + 1))
        if [ ! -e "$DIR/model.$n" ]; then
            echo "  piece $n, world $world: $have of $RECORDS records" >&2
            testbench/worlds.sh run $world $((n * 800)) 800 500 >"$DIR/model.$n.new" || :
            mv "$DIR/model.$n.new" "$DIR/model.$n"
        fi
        have=$((have + $(sed -n 's/.*ok - \([0-9]*\) records.*/\1/p' "$DIR/model.$n")))
    done
    rows=0 first=1
    while [ $rows -lt "$REAL" ]; do
        last=$((first + 9)) piece=$DIR/real.$first
        if [ ! -e "$piece" ]; then
            echo "  seeds $first to $last on $(uname -sr): $rows of $REAL rows" >&2
            testbench/linux/random.sh $first $last 1000 >"$piece.new" || :
            mv "$piece.new" "$piece"
        fi
        grep -q '^ok' "$piece" || break # no kernel to ask, or a difference
        rows=$((rows + $(sed -n 's/^ok .*: \([0-9]*\) rows equal/\1/p' "$piece")))
        first=$((last + 1))
    done
    cat "$DIR"/model.* "$DIR"/real.* 2>/dev/null | grep -A 6 '^not ok' || :
    cat "$DIR"/model.* | awk -v rows=$rows -v real="$REAL" '
        /^ok/ { good++; n += $3 } /^not ok/ { bad++ }
        END { printf "%d records on the kernel half in %d pieces, %d of them with a difference; ", n, good + bad, bad
              printf "%d rows equal on a real kernel\n", rows
              exit bad > 0 || !good || rows < real }'
    ;;
*)
    echo "usage: campaign.sh lockstep|traffic|translate|metamorphic|os" >&2
    exit 2
    ;;
esac
