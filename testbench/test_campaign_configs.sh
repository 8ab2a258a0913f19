#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The draw of `make campaign-configs`: whatever the seed, every knob that shapes the RTL is at both its ends (or each of
# its words is there), a configuration has few of them, and what is missing is told. The campaign itself is too long.
set -eu
cd "$(dirname "$0")/.."
OUT=build/test-campaign-configs
rm -rf $OUT
mkdir -p $OUT
. testbench/tap.sh

drawn() { # SEED: 40 legal configurations, at both ends of every knob
    testbench/configs.sh draw "$OUT/$1" "$1" && testbench/configs.sh check "$OUT/$1" &&
        [ "$(find "$OUT/$1" -name '*.conf' | wc -l)" = 40 ]
}

same() { # as what it was drawn a second time
    testbench/configs.sh draw $OUT/again 1 || return 1
    for conf in "$OUT"/again/*.conf; do cmp "$conf" "$OUT/1/$(basename "$conf")" || return 1; done
}

other() {
    ! cmp -s $OUT/1/01.conf $OUT/2/01.conf
}

few() { # 92 ends and more over 40 configurations
    head -q -n 1 $OUT/[12]/*.conf | awk '{ sub(".*seed [0-9]*:", ""); bad += NF < 1 || NF > 4 }
        END { exit bad || NR != 80 }'
}

told() { # without those that have it, a knob's end is missing
    grep -l '^walkers = 8;' $OUT/1/*.conf | xargs sed -i 's/^walkers = 8;/walkers = 3;/' || return 1
    if testbench/configs.sh check $OUT/1 >$OUT/missing; then return 1; fi
    [ "$(cat $OUT/missing)" = "in no configuration: walkers 8" ]
}

counted() { # the random traffic of the campaign resets the MMU now and then: what was counted before stays
    build/pagewalk run --engine model --json "traffic:7?accesses=40000" >$OUT/traffic
    [ "$(jq '.active_cycles * 2 > .cycles and .csr_writes > 500' $OUT/traffic)" = true ]
}

for seed in 1 2 3; do check "seed $seed: both ends of every knob in 40 configurations" drawn $seed; done
check "one seed, one draw" same
check "another seed, another" other
check "each has few knobs at an end" few
check "an end that no configuration has is told" told
check "counts of random traffic outlive its resets" counted
exit $code
