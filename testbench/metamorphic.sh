#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# metamorphic.sh ENGINE ACCESSES TRACE...   What caches may not change: each trace under every configuration below
# must give the same bytes loaded, file contents and signals (`values` and `signals` of --json), and for each
# access the same physical address and fault (--log). ACCESSES 0: the whole trace. Speaks TAP, a line a trace.
#
# Runs that may lawfully differ, access by access, are named in their line: a trace that sets os.svvptc has faults
# or none by what is cached, and is compared in values and signals; a trace that sets os.skip_fence leaves out a
# fence on purpose, and is not compared as it is. Both are then compared in full with every fence made.
set -eu
cd "$(dirname "$0")/.."
ENGINE=$1 ACCESSES=$2
shift 2
PAGEWALK=${PAGEWALK:-build/pagewalk}
WORK=${WORK:-build/test.metamorphic}
CONFIGS="default tiny flush no_pwc wide"
code=0
mkdir -p "$WORK"

one() { # CONFIG OPTION...: `values signals accesses exit` to .key, a hash of what each access got to .log
    to=$WORK/$name.$1
    { $PAGEWALK run --engine "$ENGINE" --check --max-accesses "$ACCESSES" --log /dev/fd/3 --json --config "$@" \
        --set mem.mib="$mib" "$trace" 3>&1 >"$to.json" 2>"$to.err" || :; } |
        cut -d, -f1,2,3,4,5,10 | sha256sum >"$to.log"
    jq -r '[.values, .signals, .accesses, .exit_code] | @tsv' "$to.json" >"$to.key" 2>/dev/null ||
        echo "none" >"$to.key"
}

compare() { # full|values OPTION...: one `why` for all configurations
    how=$1
    shift
    for config in $CONFIGS; do
        one "$config" "$@"
        for what in key log; do
            [ "$how.$what" = values.log ] || cmp -s "$WORK/$name.default.$what" "$WORK/$name.$config.$what" ||
                why="$why $config: another $what;"
        done
        [ $# -gt 0 ] || [ "$(cut -f4 "$WORK/$name.$config.key")" = 0 ] || why="$why $config: fails by itself;"
    done
}

for trace in "$@"; do
    name=$(basename "$trace")
    why='' named=''
    $PAGEWALK config --json "$trace" >"$WORK/$name.json"
    jq -r '.config | "\(."mem.mib") \(."os.svvptc") \(."os.skip_fence")"' "$WORK/$name.json" >"$WORK/$name.set"
    read -r mib svvptc skip <"$WORK/$name.set"
    case $svvptc.$skip in
    0.none) compare full ;;
    1.none)
        named=" (os.svvptc: values and signals; all with it off)"
        compare values
        compare full --set os.svvptc=0
        ;;
    *)
        named=" (os.skip_fence: with it off)"
        compare full --set os.svvptc=0 --set os.skip_fence=none
        ;;
    esac
    if [ -z "$why" ]; then
        echo "ok - $name: $(cut -f3 "$WORK/$name.default.key") accesses alike in $CONFIGS$named"
    else
        echo "not ok - $name:$why"
        code=1
    fi
done
exit $code
