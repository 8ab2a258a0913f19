#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The self-test of the opinions, fault by fault; and that it can fail itself: a fault that no longer applies, one
# whose text is ambiguous and two that overlap are refused, and faults that sleep are reported as not found.
set -eu
cd "$(dirname "$0")/.."
unset MAKEFLAGS MFLAGS
OUT=build/test-selftest
rm -rf "$OUT"
mkdir -p "$OUT/rtl"
. testbench/tap.sh

fault() { # NUMBER-NAME FIND: a fault in rtl/mmu_perm.sv
    printf 'D 26 rtl: a test\n--- rtl/mmu_perm.sv\n%s\n+++\n1%sb0\n' "$2" "'" >"$OUT/$1.fault"
}

refused() { # WORDS FAULT...: plant says so and exits 3
    words=$1
    shift
    if build/selftest/plant "$OUT" "$@"; then return 1; else [ $? = 3 ] || return 1; fi 2>"$OUT/why"
    grep -q "$words" "$OUT/why"
}

asleep() { # every number must fail, and the program with them
    if build/selftest/selftest --asleep --json "$@" >"$OUT/asleep"; then return 1; fi
    [ "$(jq -s 'map(select(.number > 0 and .pass)) | length' "$OUT/asleep")" = 0 ]
}

make -s build/selftest/selftest >"$OUT/build" 2>&1 || {
    echo "not ok - the self-test builds"
    tail -n 5 "$OUT/build"
    exit 1
}
fault 1-gone 'this text is nowhere'
fault 2-twice '1'"'"'b0'
fault 3-left '@{priv_i == mmu_pkg::PRIV_U && !u}@) ok_o'
fault 4-right 'mmu_pkg::PRIV_U && @{!u) ok_o}@'
check "a fault whose text is gone is refused" refused "no longer applies.*nowhere" "$OUT/1-gone.fault"
check "a fault whose text is ambiguous is refused" refused "more than once" "$OUT/2-twice.fault"
check "two faults that overlap are refused" refused "overlaps" "$OUT/3-left.fault" "$OUT/4-right.fault"
check "faults that sleep are reported" asleep 5 121 141

build/selftest/selftest --json >"$OUT/faults" 2>"$OUT/log" || code=1
jq -r 'select(.number > 0) | (if .pass then "ok" else "not ok" end) +
    " - \(.number) \(.name): \(.opinion) after \(.cycles) cycles"' "$OUT/faults"
clean=$(jq -r 'select(.number == 0) | .pass' "$OUT/faults")
check "the unpatched design is clean" [ "$clean" = true ]
check "the whole self-test passes" [ "$(jq -r 'select(.schema) | .pass' "$OUT/faults")" = true ]
exit $code
