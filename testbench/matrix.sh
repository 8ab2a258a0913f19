#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Every text trace under every mode, with Svade and Svadu, with and without ASIDs (and, where the mode has them, with
# transparent huge pages always and never): passes, or does not apply, with the clause. Prints one line a combination,
# then what does not apply. MODEL or the like: testbench/matrix.sh [ENGINE].
set -eu
cd "$(dirname "$0")/.."
PAGEWALK=${PAGEWALK:-build/pagewalk}
ENGINE=${1:-model}
WORK=build/matrix.$ENGINE
mkdir -p $WORK
: >$WORK/na
code=0

# The only reasons why a trace may not apply: what it names does not exist there.
clause() { # a message of exit 3
    case $1 in
    *"an address of RV32 has 32 bits"*) echo "[priv, Sv32] an address of RV32 has 32 bits" ;;
    *"with Sv32 there are no transparent huge pages"*)
        echo "[arch/riscv/Kconfig] HAVE_ARCH_TRANSPARENT_HUGEPAGE if 64BIT && MMU"
        ;;
    *"do not lie in user space"*) echo "TASK_SIZE of asm/pgtable.h: user space ends at ${1##*ends at }" ;;
    *) return 1 ;;
    esac
}

leave_out() { # where, pattern, clause
    for trace in $(grep -lE "$2" traces/*.trace); do
        traces=$(echo "$traces" | grep -vxF "$trace")
        refused=$((refused + 1))
        echo "$1 $(basename "$trace" .trace): $3" >>$WORK/na
    done
}

# Runs all; a trace that is refused ends a run, so the rest goes again.
combine() { # mode, argument...
    mode=$1 passed=0 refused=0 failed=
    shift
    [ "$mode" = sv39 ] && config=default || config=$mode
    set -- --engine "$ENGINE" --check --json --config "$config" --set os.mode="$mode" "$@"
    traces=$(ls traces/*.trace)
    case $label in # a trace about what is not so here says so itself
    svadu*) leave_out svadu '^set os.svadu 0' "[priv, Svadu] hardware sets A and D; the trace is of Svade" ;;
    esac
    case $label in
    *always) leave_out "thp always" '^set os.thp never' "[transhuge.rst] enabled=always: there are huge pages" ;;
    *) leave_out "thp never" '^set os.thp (madvise|always)' "[transhuge.rst] enabled=never: there are no huge pages" ;;
    esac
    while [ -n "$traces" ]; do
        # shellcheck disable=SC2086
        $PAGEWALK run "$@" $traces >$WORK/json 2>$WORK/err || true
        passed=$((passed + $(jq -c 'select(.exit_code == 0)' $WORK/json | wc -l)))
        failed="$failed $(jq -r 'select(.exit_code != 0) | .trace' $WORK/json | tr '\n' ' ')"
        traces=$(echo "$traces" | tr ' ' '\n' | tail -n +$(($(wc -l <$WORK/json) + 1)))
        [ -n "$traces" ] || break
        trace=$(echo "$traces" | head -n 1)
        if why=$(clause "$(grep -F "$trace" $WORK/err | tail -n 1)"); then
            refused=$((refused + 1))
            echo "$mode $(basename "$trace" .trace): $why" >>$WORK/na
        else
            failed="$failed $trace"
        fi
        traces=$(echo "$traces" | tail -n +2)
    done
    failed=$(echo $failed)
    if [ -z "$failed" ] && [ $passed -gt 0 ]; then
        echo "ok - $mode $label: $passed pass, $refused not applicable"
    else
        echo "not ok - $mode $label: $failed"
        code=1
    fi
}

for mode in ${MODES:-sv32 sv39 sv48 sv57}; do
    for svadu in 0 1; do
        for asids in 0 1; do
            for thp in never always; do
                [ "$mode $thp" != "sv32 always" ] || continue # Linux has none there: HAVE_ARCH_TRANSPARENT_HUGEPAGE
                label="$([ $svadu = 1 ] && echo svadu || echo svade), $([ $asids = 1 ] && echo asids || echo no asids)"
                label="$label, thp $thp"
                combine "$mode" --set os.svadu=$svadu --set os.asids=$asids --set os.thp=$thp
            done
        done
    done
done
sort -u $WORK/na | sed 's/^/# not applicable: /'

all=$(cat traces/*.trace | grep -c '^expect')
some=$(cat traces/*.trace | grep -c '^expect\[' || true)
if [ $((some * 10)) -le "$all" ]; then
    echo "ok - $some of $all expectations are qualified, at most one in ten"
else
    echo "not ok - $some of $all expectations are qualified, more than one in ten"
    code=1
fi
rm -r $WORK
exit $code
