#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# yosys.sh check              Yosys reads all of rtl/files.f in three configurations and finds nothing wrong; the gates
#                             it makes of the smallest one replay 100,000 accesses in lock-step with the model.
#
# Yosys 0.23 makes a silently wrong netlist of some SystemVerilog and only warns "implicitly declared" or "out of
# bounds": these warnings are errors here. WINDOW=N replays another number of accesses.
set -eu
cd "$(dirname "$0")/.."
. testbench/yosys_read.sh
OUT=build/yosys
mkdir -p $OUT

flops() { awk '/^ *\$_[A-Z]*DFF[A-Z]*_/ { n += $2 } END { print n + 0 }' "$1"; }
seconds() { sed -n 's/.* CPU: user \([0-9]*\).*/\1/p' "$1"; }
gates() { awk '/^ *\$_/ && !/DFF/ { n += $2 } END { print n + 0 }' "$1"; }

ok() { echo "ok - $1"; }
not_ok() { # NAME LOG
    echo "not ok - $1"
    grep -hiE 'error|implicitly declared|out of bounds|problem' "$2" | head -n 10 | sed 's/^/    /'
    code=1
}

replay() { # CONFIG
    dir=$(netlist "$1" "$OUT/$1.v" "$OUT/netlist-$1")
    DUT_RTL=$dir "$PAGEWALK" run --engine lockstep --config "$1" --max-accesses "${WINDOW:-100000}" --json \
        traces/alloc.pwt >"$OUT/$1.json" 2>"$OUT/$1.replay" || true
    [ "$(jq ".mismatches == 0 and .exit_code == 0 and .compared_cycles == .cycles
        and .accesses >= ${WINDOW:-100000}" "$OUT/$1.json")" = true ]
}

check() {
    code=0
    for config in default odd_ways; do
        if synthesize $config 'proc; opt; memory_collect; opt_clean; check -assert'; then
            ok "yosys reads $config, $(seconds $OUT/$config.log) s"
        else
            not_ok "yosys reads $config" "$OUT/$config.log"
        fi
    done
    if EV_STATE=1 synthesize tiny "synth -flatten -top mmu; opt_clean -purge; check -assert
        tee -o $OUT/tiny.stat stat; write_verilog -noattr $OUT/tiny.v"; then
        ok "yosys makes gates of tiny: $(gates $OUT/tiny.stat) gates, $(flops $OUT/tiny.stat) flip-flops"
        if replay tiny; then
            ok "the gates of tiny replay $(jq -r '"\(.accesses) accesses, \(.compared_cycles) cycles"' $OUT/tiny.json)"
        else
            not_ok "the gates of tiny replay a window in lock-step" "$OUT/tiny.replay"
            cat $OUT/tiny.replay "$OUT/tiny.json" | head -n 20 | sed 's/^/    /'
        fi
    else
        not_ok "yosys makes gates of tiny" "$OUT/tiny.log"
    fi
    return $code
}

case ${1:-} in
check) check ;;
*)
    echo "usage: yosys.sh check" >&2
    exit 2
    ;;
esac
