#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# coverage.sh directed|all [DIR]   Runs with coverage, a directory a run in DIR (build/coverage): the directed tests of
# the plan, one a tag; with `all` also random traffic (CONFIGS, TRAFFIC=seeds,cycles,first), random cases
# of translate (CASES) on the RTL, and windows of the shipped recordings (RECORDS) in lock-step.
set -eu
cd "$(dirname "$0")/../.."
DIR=${2:-build/coverage}
rm -rf "$DIR"
mkdir -p "$DIR/directed"

PAGEWALK_COVERAGE=$DIR/directed build/plan/plan || exit 1
[ "$1" = all ] || exit 0

export PAGEWALK_TRAFFIC="${TRAFFIC:-4,40000,1}"
for config in ${CONFIGS:-default rv32}; do # each is a Verilated build of its own
    run=$DIR/traffic-$config
    mkdir -p "$run"
    PAGEWALK_TRAFFIC_ONLY=$config PAGEWALK_COVERAGE=$run build/san/test_traffic >"$run/log" 2>&1 || {
        tail -n 20 "$run/log" >&2
        exit 1
    }
done
for mode in sv32 sv39 sv48 sv57; do
    run=$DIR/translate-$mode
    mkdir -p "$run"
    build/translate-gen "$mode" "${CASES:-20000}" 1 >"$run/in"
    PAGEWALK_COVERAGE=$run build/pagewalk translate --engine rtl "$run/in" >"$run/out" 2>"$run/log" || {
        tail -n 20 "$run/log" >&2
        exit 1
    }
done
for trace in traces/*.pwt; do
    run=$DIR/$(basename "$trace" .pwt)
    mkdir -p "$run"
    PAGEWALK_COVERAGE=$run build/pagewalk run --engine lockstep --to "${RECORDS:-200000}" --json "$trace" \
        >"$run/log" 2>&1 || {
        tail -n 20 "$run/log" >&2
        exit 1
    }
done
