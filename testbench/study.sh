#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# study.sh kill OUT [KILLS [SEED]]       A study is killed, KILLS times, each after a pause drawn from SEED, and gone on
#                                        with; whenever it has ended its database is compared, row for row, with that
#                                        of one that was not disturbed, and the next one begins. OUT is emptied.
# study.sh lockstep DB OUT [ROWS [SEED]] ROWS rows of DB, no two of one point, drawn by SEED: a window of each trace
#                                        under that row's configuration in lock-step; every count and cycle is the
#                                        model's of the same window. WINDOW accesses, from a record drawn by SEED, too.
# Both speak TAP.
set -eu
ROOT=$(cd "$(dirname "$0")/.." && pwd)
PAGEWALK=${PAGEWALK:-$ROOT/build/pagewalk}
case $PAGEWALK in /*) ;; *) PAGEWALK=$ROOT/$PAGEWALK ;; esac

rows() { # every table but `effort`, which says how long things took
    for table in study trace config point axis row result interval latency; do
        echo "== $table"
        sqlite3 -readonly "$1" "SELECT * FROM $table"
    done
}

drawn() { # COUNT SEED: numbers from 0 to 1
    awk -v n="$1" -v seed="$2" 'BEGIN { srand(seed); for (i = 0; i < n; i++) printf "%.4f\n", rand() }'
}

killed() {
    cat >l2.study <<'STUDY'
title = "L2 size"; # 9 points and the baseline, 2 traces, serial and none: 40 jobs, and 4 with the ideal MMU
traces = ("gen:uniform?pages=300&accesses=20000", "gen:page-local?pages=600&accesses=40000&seed=2");
axes = { l2 = { sets = [8, 16, 32]; ways = [2, 4, 6]; }; };
STUDY
    began=$(date +%s.%N)
    "$PAGEWALK" study l2.study -o whole.db >out 2>err
    rows whole.db >whole.rows
    took=$(date +%s.%N | awk -v t="$began" '{ print $1 - t }')
    kills=0 rounds=0 lost=0 there=0
    # the first half of the time that is left, or it would end more often than it is killed
    for draw in $(drawn $((KILLS * 20)) "$SEED"); do
        [ $kills -lt "$KILLS" ] || break
        "$PAGEWALK" study l2.study -o killed.db --resume --jobs 2 >out 2>err &
        pid=$!
        sleep "$(echo "$draw $took" | awk '{ print $1 * $2 / 4 }')"
        if kill -9 $pid 2>/dev/null; then kills=$((kills + 1)); fi
        wait $pid 2>/dev/null || true
        now=$(sqlite3 -readonly killed.db "SELECT count(*) FROM result" 2>/dev/null || echo 0)
        [ "$now" -ge $there ] || lost=1
        there=$now
        [ "$now" = 44 ] || continue
        ended
    done
    ended
    [ $kills = "$KILLS" ] || lost=1
    [ $lost = 0 ] || echo "not ok - no finished job is lost ($kills of $KILLS kills)"
    [ $lost != 0 ] || echo "ok - killed $kills times (seed $SEED), $rounds databases equal row for row"
    return $lost
}

ended() { # gone on with until it ends, and compared
    "$PAGEWALK" study l2.study -o killed.db --resume >out 2>err || true
    rows killed.db >killed.rows
    cmp whole.rows killed.rows >&2 || lost=1
    rounds=$((rounds + 1)) there=0
    rm -f killed.db*
}

# the model runs as it does in a study, without opinions: what only they know is left out
SAME='del(.engine, .seconds, .accesses_per_second, .checked, .mismatches, .values)
    | with_entries(select(.key | startswith("compared_") | not))'

lockstep() {
    code=0 number=0
    drawn 4000 "$SEED" | paste - - >draws # its place among the rows, and the window's in the trace
    tab=$(printf '\t')
    sqlite3 -readonly -separator "$tab" "$DB" "SELECT point.label, trace.name, row.deps, trace.records, config.knobs
        FROM row JOIN point USING (point) JOIN trace USING (trace) JOIN config ON config.config = row.config
        ORDER BY row.point, row.trace, row.deps" | paste draws - | sed '/\t.*\t.*\t/!d' | sort -s -k 1,1 >shuffled
    awk -F '\t' -v rows="$ROWS" '!seen[$3]++ && n++ < rows' shuffled >picked
    while IFS=$tab read -r _ place label trace deps records knobs; do
        number=$((number + 1)) bad=
        from=$(echo "$place $records" | awk '{ print 1 + int($1 * $2 / 2) }')
        set --
        for knob in $(echo "$knobs" | jq -r 'to_entries[] | "\(.key)=\(.value)"'); do set -- "$@" --set "$knob"; done
        for engine in model lockstep; do
            (cd "$ROOT" && "$PAGEWALK" run --engine $engine --json --from "$from" \
                --max-accesses "${WINDOW:-20000}" "$@" "$trace") </dev/null >$engine.json 2>$engine.err ||
                bad="$bad; $engine: $(head -n 2 $engine.err)"
            jq -S "$SAME" $engine.json >$engine.same || true
        done
        cmp -s model.same lockstep.same || bad="$bad; other counts"
        jq -e '.mismatches == 0 and .compared_cycles == .cycles and .cycles > 0' lockstep.json >ok ||
            bad="$bad; a difference"
        if [ -z "$bad" ]; then
            echo "ok - $label, $trace, $deps, from $from: $(jq .cycles lockstep.json) cycles alike"
        else
            echo "not ok - $label, $trace, $deps, from $from$bad"
            code=1
        fi
    done <picked
    [ $number -gt 0 ] || code=1
    return $code
}

KIND=$1
[ "$KIND" = kill ] || { DB=$(realpath "$2") && shift; }
OUT=$2 SEED=${4:-1}
rm -rf "$OUT"
mkdir -p "$OUT"
cd "$OUT"
case $KIND in
kill) KILLS=${3:-5} && killed ;;
lockstep) ROWS=${3:-20} && lockstep ;;
esac
