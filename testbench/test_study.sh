#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# `pagewalk study` as a person meets it: a study that is killed ends with the database of one that was
# not, row for row; a full disk and a second study lose nothing; what is wrong in a file is refused with its place;
# samples are what their names promise; and a row holds the numbers that `pagewalk run` prints.
set -eu
cd "$(dirname "$0")/.."
PAGEWALK=$PWD/${PAGEWALK:-build/pagewalk}
WORK=build/test.study
SEED=${SEED:-1}
rm -rf $WORK
mkdir -p $WORK
cd $WORK
code=0
result() { # PASSED NAME
    if [ "$1" = yes ]; then echo "ok - $2"; else echo "not ok - $2" && sed 's/^/    /' err && code=1; fi
}
is() { # NAME GOT EXPECTED
    echo "got $2, expected $3" >err
    result "$([ "$2" = "$3" ] && echo yes)" "$1"
}
study() { "$PAGEWALK" study "$@" 2>err; }
sql() { sqlite3 -readonly "$@"; }
rows() { # every table but `effort`, which says how long things took
    for table in study trace config point axis row result interval latency; do
        echo "== $table"
        sql "$1" "SELECT * FROM $table"
    done
}

# ---- A study, and what is missing of it --------------------------------------------------------------------------
cat >l2.study <<'STUDY'
title = "L2 size"; # 3 x 2 points and the baseline, 2 traces, serial and none: 28 jobs, 4 ideal
traces = ("gen:uniform?pages=300&accesses=6000", "gen:page-local?pages=600&accesses=12000&seed=2");
axes = { l2 = { sets = [8, 16, 32]; ways = [2, 4]; }; };
STUDY
study l2.study -o whole.db --json >whole.json
is "a study runs all its jobs" "$(jq -c '[.points, .jobs, .ran, .jobs_left]' whole.json)" "[7,32,32,0]"
rows whole.db >whole.rows

study l2.study -o whole.db >out && got=0 || got=$?
is "results are not run again unasked: exit 3" $got 3
study l2.study -o whole.db --resume --json >out
is "--resume with nothing missing runs nothing" "$(jq -c '[.ran, .jobs_left]' out)" "[0,0]"
sed 's/\[2, 4\]/[2, 4, 6]/' l2.study >more.study
study more.study -o whole.db --resume --json >out
is "--resume after an axis has grown runs what is new" "$(jq -c '[.jobs, .ran]' out)" "[44,12]"

# ---- Slices of the campaigns: killed and gone on with; rows again in lock-step ------------------------------------
../../testbench/study.sh kill kill 5 "$SEED" || code=1
cat >window.study <<'STUDY'
traces = ("gen:uniform?pages=300&accesses=6000", "gen:gups?pages=500&accesses=6000");
axes = { core = { window = [2, 5, 32]; }; };
set = { mem = { model = "random"; seed = 3; }; };
seeds = 1;
STUDY
study window.study -o window.db >out || code=1
../../testbench/study.sh lockstep window.db lockstep 3 "$SEED" || code=1

# ---- Two at once, and a full disk --------------------------------------------------------------------------------
flock whole.db.lock sleep 20 &
holder=$!
while flock -n whole.db.lock true; do sleep 0.05; done
study l2.study -o whole.db --resume >out && got=0 || got=$?
result "$([ $got = 3 ] && grep -q 'another study works on this database' err && echo yes)" \
    "two studies on one database"
kill $holder
wait $holder 2>/dev/null || true

(ulimit -f 700 && exec "$PAGEWALK" study l2.study -o full.db --jobs 1 >out 2>err) && got=0 || got=$?
result "$([ $got = 3 ] && grep -q 'full.db: ' err && grep -q 'free some space' err && echo yes)" \
    "a disk that fills up"
kept=$(sql full.db "SELECT count(*) FROM result")
study l2.study -o full.db --resume --json >out
is "and what was finished is kept" "$(jq -c '.jobs - .ran' out) of $([ "$kept" -gt 0 ] && echo some)" "$kept of some"
rows full.db >full.rows
diff whole.rows full.rows >err || true
result "$(cmp -s whole.rows full.rows && echo yes)" "the database is whole afterwards"

# ---- A row is what `run` prints ----------------------------------------------------------------------------------
sql -json whole.db "SELECT rows.trace, rows.region_cycles, rows.region_l2_misses, rows.whole_walks,
    i.region_cycles AS ideal FROM rows JOIN result AS i ON i.job = rows.ideal
    WHERE label = 'l2.sets=16 l2.ways=4' AND deps = 'serial'" | jq -c '.[] | [.[]]' | sort >got
for trace in 'gen:uniform?pages=300&accesses=6000' 'gen:page-local?pages=600&accesses=12000&seed=2'; do
    records=$("$PAGEWALK" info --json "$trace" | jq .records)
    run() { "$PAGEWALK" run --json --no-check --warmup $((records / 5)) --set l2.sets=16 --set l2.ways=4 \
        --set core.deps=serial --set mem.model=hierarchy "$@" "$trace"; }
    { run && run --set core.ideal=1; } |
        jq -cs '[.[0].trace, .[0].roi.cycles, .[0].roi.tlb.l2.misses, .[0].walks.count, .[1].roi.cycles]'
done | sort >expected
diff got expected >err || true
result "$([ -s expected ] && cmp -s got expected && echo yes)" "rows hold what run --warmup prints"
is "intervals add up to the region" "$(sql whole.db "SELECT count(*) FROM result JOIN (SELECT job, sum(cycles) c,
    sum(accesses) a, sum(walks) w FROM interval GROUP BY job) USING (job)
    WHERE c <> region_cycles OR a <> region_accesses OR w <> region_walks")" 0

# ---- Seeds -------------------------------------------------------------------------------------------------------
cat >drawn.study <<'STUDY'
traces = ("gen:uniform?pages=60&accesses=1000");
base = "random_repl";
axes = { l2 = { repl = ["random", "plru"]; }; l1d = { repl = ["random", "plru"]; }; };
set = { l1i = { repl = "plru"; }; l2 = { sets = 4; }; pwc = { repl = "lru"; }; core = { deps = "none"; }; };
STUDY
study drawn.study -o drawn.db >out
sql drawn.db "SELECT label, count(DISTINCT json_extract(knobs, '$.\"repl.seed\"')),
    count(DISTINCT region_cycles) > 1 FROM row JOIN point USING (point) JOIN config ON config.config = row.config
    JOIN result USING (job) WHERE point > 0 GROUP BY label" | tr -d '"' >got
is "random victims: five seeds of the LFSR, and none where nothing is drawn" "$(paste -sd' ' got)" \
    "l2.repl=plru l1d.repl=plru|1|0 l2.repl=plru l1d.repl=random|5|1 l2.repl=random l1d.repl=plru|5|1"

# ---- Samples -----------------------------------------------------------------------------------------------------
plan() { # text behind the axes -> one label a line, the baseline first
    cat >sample.study <<STUDY
traces = ("gen:sequential?pages=4&accesses=200");
axes = { l2 = { sets = [16, 32, 64, 256]; ways = [1, 2, 3, 4, 6]; }; walkers = [1, 3]; };
$1
STUDY
    study sample.study --dry-run --json | jq -r 'select(.label) | .label'
}
is "full factorial" "$(plan '' | sort -u | wc -l)" 41
is "one at a time" "$(plan 'sample = { method = "one-at-a-time"; };' | wc -l)" 12
is "random: as many as asked" "$(plan 'sample = { method = "random"; points = 7; };' | sort -u | wc -l)" 8
plan 'sample = { method = "random"; points = 7; };' >a
plan 'sample = { method = "random"; points = 7; seed = 2; };' >b
result "$([ "$(plan 'sample = { method = "random"; points = 7; };')" = "$(cat a)" ] && ! cmp -s a b && echo yes)" \
    "random: by its seed"
cat >latin.study <<'STUDY'
traces = ("gen:sequential?pages=4&accesses=200");
axes = { l1d = { ways = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]; }; l2 = { sets = [16, 32, 64, 256]; };
    walkers = [1, 3]; };
sample = { method = "latin-hypercube"; points = 12; };
STUDY
study latin.study --dry-run --json | jq -r 'select(.label) | .label' | tail -n +2 | tr ' ' '\n' | sort | uniq -c >a
is "latin hypercube: each value of an axis equally often" "$(awk '{ split($2, v, "="); n[v[1] " " $1]++ }
    END { for (k in n) print k, n[k] }' a | sort | paste -sd,)" "l1d.ways 1 12,l2.sets 3 4,walkers 6 2"
is "constraints" "$(plan 'constraints = ("l2.sets * l2.ways <= 64", "bits < 100000");' | tail -n +2 |
    sed 's/[a-z0-9]*\.*[a-z]*=//g' | awk '$1 * $2 > 64 { bad = 1 } END { print NR, bad + 0 }')" "14 0"

# ---- What is refused ---------------------------------------------------------------------------------------------
refused() { # NAME, words, text of the study
    printf '%b' "$3" >bad.study
    study bad.study -o bad.db >out && got=0 || got=$?
    [ $got = 3 ] || echo "exit $got" >>err
    result "$([ $got = 3 ] && grep -qF -- "$2" err && grep -q '^  try: ' err && [ ! -e bad.db ] && echo yes)" \
        "refused: $1"
}
T='traces = ("gen:sequential?pages=4&accesses=200");\n'
A='axes = { l2 = { ways = [1, 2]; }; };\n'
refused "unknown key" 'bad.study:3: a study has no key `seed`' "$T${A}seed = 3;"
refused "nearest key" 'try: seeds' "$T${A}seed = 3;"
refused "no traces" 'a study names its traces' "$A"
refused "missing trace" 'nonesuch.pwt: ' "traces = (\"nonesuch.pwt\");\n$A"
refused "no such generator" 'is not a generator' "traces = (\"gen:nonesuch\");\n$A"
refused "trace twice" 'named twice' "traces = (\"gen:cyclic\", \"gen:cyclic\");\n$A"
refused "no axis" 'a study has an axis' "$T"
refused "axis of no knob" 'bad.study:2: there is no knob `l2.wayz`' "${T}axes = { l2 = { wayz = [1]; }; };"
refused "impossible value" 'bad.study:2: l2.ways = 99 is out of range' "${T}axes = { l2 = { ways = [1, 99]; }; };"
refused "impossible pair" 'bad.study:2: ctx.entries = 9' "${T}axes = { ctx = { entries = [9]; bits = [3]; }; };"
refused "value twice" '2 stands twice' "${T}axes = { l2 = { ways = [2, 2]; }; };"
refused "word for a number" 'l2.ways: wrong type of value' "${T}axes = { l2 = { ways = [\"two\"]; }; };"
refused "no list" 'a list of values is expected' "${T}axes = { l2 = { ways = 2; }; };"
refused "unknown preset" 'nonesuch: No such file' "${T}axes = { preset = [\"nonesuch\"]; };"
refused "unknown metric" 'try: l2_mpki' "$T${A}metrics = (\"l2_mpk\");"
refused "warm-up" '0 to 90' "$T${A}warmup = 95;"
refused "sample without points" 'points is missing' "$T${A}sample = { method = \"random\"; };"
refused "unknown method" 'no method `all`' "$T${A}sample = { method = \"all\"; };"
refused "bad constraint" 'there is no such name' "$T${A}constraints = (\"l2.wayz < 3\");"
refused "unfinished constraint" 'a number or a knob is expected' "$T${A}constraints = (\"l2.ways <\");"
refused "nothing left" 'the constraints leave no point' "$T${A}constraints = (\"l2.ways > 9\");"
refused "too short a trace" 'too few for' "traces = (\"gen:sequential?pages=4&accesses=20\");\n$A"
refused "syntax" ': syntax error' "${T}axes = {\n"
refused "row without a name" 'a row has a name' "${T}derive = ({ walkers = 1; });"
head -c 9999 /dev/urandom >junk.db
study l2.study -o junk.db >out && got=0 || got=$?
result "$([ $got = 3 ] && grep -q 'junk.db: ' err && echo yes)" "refused: a file that is no database"
sqlite3 other.db "CREATE TABLE t (x)"
study l2.study -o other.db >out && got=0 || got=$?
result "$([ $got = 3 ] && grep -q 'not one of a study' err && echo yes)" "refused: somebody else's database"

# ---- Storage bits are those that the RTL declares ----------------------------------------------------------------
flops() { # TOP, parameters -> flip-flops and memory bits that Yosys finds; of an SRAM without its output registers
    files=
    for f in fn_pkg sram repl tlb_way tlb l1 l2_small pwc pte blocks lines ctx; do files="$files rtl/mmu_$f.sv"; done
    (cd ../.. && yosys -q -p "read_verilog -sv build/gen/mmu_pkg.sv $files
        chparam $2 $1; hierarchy -top $1; proc; flatten; opt_clean
        tee -o $WORK/stat stat -width" >/dev/null 2>&1) || true
    awk -v sram="$(echo "$1" | grep -c l2_small)" '/memory bits/ { n += $5 }
        /\$[a-z]*dff[a-z]*_[0-9]+ / { split($1, w, "_"); if (!sram) n += w[2] * $2 } END { print n + 0 }' stat
}
cat >bits.study <<'STUDY'
traces = ("gen:sequential?pages=4&accesses=200");
axes = { walkers = [1, 3]; };
set = { l1i = { sets = 2; ways = 3; repl = "lru"; }; l1d = { ways = 5; repl = "plru"; super = 3; };
    ctx = { entries = 5; bits = 6; }; l2 = { sets = 4; ways = 3; repl = "plru"; large = 0; };
    pwc = { l1 = 0; l2 = 3; l3 = 0; l4 = 0; repl = "fifo"; }; pte = { lines = 3; coalesce = 1; }; };
STUDY
study bits.study -o bits.db >out
is "storage bits: L1" "$(sql bits.db 'SELECT bits_l1i, bits_l1d FROM point LIMIT 1')" \
    "$(flops mmu_tlb '-set SETS 2 -set WAYS 3 -set CTX_W 6 -set POLICY 0')|$(flops mmu_l1 \
        '-set SETS 1 -set WAYS 5 -set SUPER 3 -set CTX_W 6 -set POLICY 1')"
pointers=$(flops mmu_pwc '-set WAYS 3 -set LEVEL 2 -set CTX_W 6 -set POLICY 2')
lines=$(flops mmu_lines '-set LINES 3 -set CTX_W 6 -set COALESCE 1')
is "storage bits: L2, walk caches with PTE lines, contexts" \
    "$(sql bits.db 'SELECT bits_l2, bits_pwc, bits_ctx FROM point LIMIT 1')" \
    "$(flops mmu_l2_small '-set SETS 4 -set WAYS 3 -set CTX_W 6 -set POLICY 1')|$((pointers + lines))|$(
        flops mmu_ctx '-set ENTRIES 5 -set CTX_W 6')"

# ---- Derived rows and presets ------------------------------------------------------------------------------------
cat >derive.study <<'STUDY'
traces = ("gen:sequential?pages=4&accesses=200");
base = "skylake-like";
derive = ({ name = "small"; l2 = { ways = 4; }; }, { name = "smaller"; from = "small"; l1d = { ways = 2; }; });
STUDY
is "derived rows inherit" "$(study derive.study --dry-run --json | jq -r 'select(.label) | "\(.bits) \(.label)"' |
    sort -n | cut -d' ' -f2 | paste -sd' ')" "smaller small base"
is "the shipped study" "$(cd ../.. && "$PAGEWALK" study docs/studies/l2.study --dry-run --json 2>&1 |
    tail -n 1 | jq -c '[.points, .traces, .rows]')" "[61,6,732]"
for preset in $("$PAGEWALK" config --presets | cut -d' ' -f1); do
    "$PAGEWALK" config --config "$preset" --json >/dev/null 2>err || result no "preset $preset"
done
exit $code
