#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# campaign.sh lockstep|traffic   Work too long for `make test`, in pieces that are kept: a piece whose result is
# there for this program is not run again, so an interrupted campaign goes on where it was. Ends with one line a
# piece, and the sum.
#
#   lockstep   every shipped recording whole, under every shipped configuration
#   traffic    random traffic, SEEDS seeds of CYCLES cycles a configuration
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
*)
    echo "usage: campaign.sh lockstep|traffic" >&2
    exit 2
    ;;
esac
