#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# `pagewalk report`: the page opens in headless Chromium without a word on the console, needs no network, and every
# figure shows what SQL finds in the database; so do a second view, dark and print styles, figures as files, and the
# gnuplot scripts. Conclusions are drawn where their rules hold, and not where they do not.
set -eu
cd "$(dirname "$0")/.."
PAGEWALK=$PWD/${PAGEWALK:-build/pagewalk}
WORK=$PWD/build/test.report
rm -rf "$WORK"
mkdir -p "$WORK"
testbench/install.sh report
cd "$WORK"
code=0
result() { # PASSED NAME
    if [ "$1" = yes ]; then echo "ok - $2"; else echo "not ok - $2" && head -n 20 err | sed 's/^/    /' && code=1; fi
}
sql() { sqlite3 -readonly -separator ' ' "$@"; }
chrome() { # OUT URL OPTION...; what the console says goes to err
    out=$1 url=$2
    shift 2
    timeout 100 chromium --headless=new --no-sandbox --disable-gpu --user-data-dir="$WORK/profile" \
        --host-resolver-rules='MAP * ~NOTFOUND' --window-size=1300,3000 --virtual-time-budget=5000 \
        --enable-logging=stderr "$@" "file://$WORK/$url" >"$out" 2>log || echo "chromium: exit $?" >>log
    grep -E 'CONSOLE|chromium: exit' log >err || true
}
shown() { sed -n 's,.*<script type="application/json" id="shown">\(.*\)</script>.*,\1,p' "$1" | head -n 1; }

cat >l2.study <<'STUDY'
title = "L2 size <and> \"ways\"";
question = "Does it pay?";
traces = ("gen:uniform?pages=300&accesses=8000", "gen:page-local?pages=600&accesses=8000",
    "gen:cyclic?pages=40&accesses=8000");
axes = { l2 = { sets = [8, 16, 32]; ways = [2, 4]; }; };
set = { l1d = { ways = 4; }; };
STUDY
"$PAGEWALK" study l2.study -o l2.db >out 2>err
cp l2.db first.db
sqlite3 l2.db "DELETE FROM cost; DELETE FROM law; DELETE FROM synthesis; -- of this test's own, whatever is known today
    INSERT INTO cost SELECT point, CASE point WHEN 0 THEN 'synthesized' WHEN 1 THEN 'fit' ELSE 'extrapolated' END,
        2000 + point, 150000 + 900 * point + point * point, 4096 FROM point;
    INSERT INTO law VALUES ('rest', 'what all have', 900, 100000), ('kept', 'bits', 1, 12);
    INSERT INTO synthesis VALUES ('a', 'x', 'r', 's', '0.23', 'cells', 4096, 2000, 150000, 1990, 149000, -20, -1500),
        ('b', 'x', 'r', 's', '0.23', 'cells', 4096, 1000, 100000, 1010, 101000, 20, 4000),
        ('other', 'x', 'r', 't', '0.23', 'cells', 4096, 1000, 100000, NULL, NULL, NULL, NULL)"
"$PAGEWALK" report l2.db -o l2.html --gnuplot figures >out 2>err && got=0 || got=$?
result "$([ $got = 0 ] && [ "$(wc -c <l2.html)" -lt 3000000 ] && echo yes)" "a page of $(wc -c <l2.html) bytes"
grep -nE '<(script|link|img)[^>]*(src|href)="?(https?:)?//' l2.html | cut -c1-200 >err || true
result "$([ ! -s err ] && echo yes)" "nothing is fetched"

# ---- What is drawn is what SQL finds -----------------------------------------------------------------------------
cat >truth.sql <<'SQL'
CREATE TEMP VIEW s AS SELECT point, row.trace, deps, json_extract(knobs, '$."l2.sets"') AS sets,
    json_extract(knobs, '$."l2.ways"') AS ways, bits, row.job, row.ideal FROM row JOIN point USING (point)
    JOIN config ON config.config = point.config WHERE sets IN (8, 16, 32);
CREATE TEMP VIEW sums AS SELECT job, sum(cycles) c, sum(accesses) a, sum(l2_misses) m, sum(os_cycles) k,
    sum(pte_l1d) p1, sum(pte_l2) p2, sum(pte_llc) p3, sum(pte_dram) p4 FROM interval GROUP BY job;
CREATE TEMP VIEW t AS SELECT s.*, x.*, 100.0 * (x.c - i.c) / i.c AS overhead, 1.0 * i.c / x.a AS ideal_a,
    1.0 * (x.c - i.c) / x.a AS stall_a FROM s JOIN sums x USING (job) JOIN sums i ON i.job = s.ideal;
SQL
truth() { # DEPS _ AREA -> "figure series x y" for sets varied at 4 ways, trace 0 in focus, means over traces 0 and 1
    {
        cat truth.sql
        echo "CREATE TEMP VIEW b AS SELECT row.trace, 100.0 * (x.c - i.c) / i.c AS overhead FROM row
            JOIN sums x USING (job) JOIN sums i ON i.job = row.ideal WHERE point = 0 AND deps = '$1';
        SELECT 'bars', sets, trace, t.overhead / b.overhead FROM t JOIN b USING (trace) WHERE ways = 4 AND deps = '$1';
        SELECT 'heat', ways, sets, avg(overhead) FROM t WHERE trace < 2 AND deps = '$1' GROUP BY ways, sets;
        SELECT 'pareto', 0, $3, avg(overhead) FROM t JOIN cost USING (point) WHERE trace < 2 AND deps = '$1'
            GROUP BY point;
        SELECT 'misses', ways, sets * ways, 1000.0 * m / a FROM t WHERE trace = 0 AND deps = '$1';
        SELECT 'phases', sets, interval, 1000.0 * l2_misses / accesses FROM s JOIN interval USING (job)
            WHERE ways = 4 AND trace = 0 AND deps = '$1';
        SELECT 'core', sets, 0, ideal_a FROM t WHERE ways = 4 AND trace = 0 AND deps = '$1';
        SELECT 'translation', sets, 0, stall_a FROM t WHERE ways = 4 AND trace = 0 AND deps = '$1';
        SELECT 'level', sets, 0, 100.0 * p1 / (p1 + p2 + p3 + p4) FROM t WHERE ways = 4 AND trace = 0 AND deps = '$1';
        SELECT 'level', sets, 1, 100.0 * p2 / (p1 + p2 + p3 + p4) FROM t WHERE ways = 4 AND trace = 0 AND deps = '$1';"
    } | sql l2.db
    sql l2.db "SELECT json_extract(knobs, '\$.\"l2.sets\"') || ' ' || walks FROM row JOIN point USING (point)
        JOIN config ON config.config = point.config JOIN latency USING (job)
        WHERE json_extract(knobs, '\$.\"l2.ways\"') = 4 AND deps = '$1' AND row.trace = 0 AND point > 0" |
        awk '{ n = 0; for (i = 2; i <= NF; i++) { split($i, v, ":"); n += v[2] }
            s = 0; for (i = 2; i <= NF; i++) { split($i, v, ":"); s += v[2]; print "latency", $1, v[1], 100 * s / n } }'
}
drawn() { # FILE -> the same from what the chart library holds
    shown "$1" | jq -r '
        def sets: [8, 16, 32];
        (.bars[:3] | to_entries[] | .key as $s | .value.data[:3] | to_entries[] |
            ["bars", sets[$s], .key, .value.value]),
        (.heat[0].data[].value | ["heat", [2, 4][.[0]], sets[.[1]], .[2]]),
        (.pareto[1:] | [.[].data[].value][] | select(.[2] > 0) | ["pareto", 0, .[0], .[1]]),
        (.misses[] | (.name | split(" ")[0]) as $w | .data[] | select(.[0] <= 128) | ["misses", $w, .[0], .[1]]),
        (.latency | to_entries[] | .key as $s | .value.data[] | ["latency", sets[$s], .[0], .[1]]),
        (.phases[1:] | to_entries[] | .key as $s | .value.data | to_entries[] | ["phases", sets[$s], .key, .value[1]]),
        (.causes[0].data | to_entries[] | ["core", sets[.key], 0, .value]),
        (.causes[1].data | to_entries[] | ["translation", sets[.key], 0, .value]),
        (.levels[:2] | to_entries[] | .key as $l | .value.data | to_entries[] | ["level", sets[.key], $l, .value])
        | map(tostring) | join(" ")'
}
compare() { # NAME DEPS FILE [AREA]
    truth "$2" "$3" "${4:-bits}" | sort >"truth.$2"
    drawn "$3" | sort >"drawn.$2"
    for f in truth drawn; do awk '{ print $1 "/" $2 "/" $3, $4 }' "$f.$2" | sort >"$f.$2.k"; done
    join -a 1 -a 2 -e missing -o 0,1.2,2.2 "truth.$2.k" "drawn.$2.k" | awk '
        function off(a, b) { return a - b > 1e-4 * (1 + a * (a > 0)) || b - a > 1e-4 * (1 + a * (a > 0)) }
        $2 == "missing" && $3 == "null" { next } # a quotient of nothing
        $2 == "missing" || $3 == "missing" || off($2, $3) { print "key, SQL, drawn:", $0 }' >err
    n=$(wc -l <"truth.$2.k")
    result "$([ "$n" -gt 100 ] && [ ! -s err ] && echo yes)" "$1: $n numbers in 8 figures are those of the database"
}
focus='trace=gen%3Auniform%3Fpages%3D300%26accesses%3D8000'
chrome first.dom "l2.html#l2.ways=4&metric=overhead&$focus" --dump-dom
result "$([ ! -s err ] && grep -q 'id="chart-bars"' first.dom && echo yes)" "opens without a word on the console"
compare "the first view" serial first.dom
chrome none.dom "l2.html#deps=none&l2.ways=4&metric=overhead&area=gates&$focus" --dump-dom
result "$([ ! -s err ] && echo yes)" "a cited view opens"
compare "a cited view, over gates" none none.dom 'CAST(round(gates) AS INTEGER)'
result "$(shown none.dom | jq -e '.state.area == "gates"' >err && grep -q '>kGE<' none.dom && echo yes)" \
    "gates are a choice of axis, and a column"
grep -o 'Gates: the smallest NANDs[^<]*' none.dom | head -n 1 >err
words='law in 2 terms, fitted to 2 synthesized configurations: 1 points among these, 5 extrapolated'
result "$(grep -q "$words; a configuration left out of the fit is off by 2.9 %" err && echo yes)" \
    "whose caption says where they are from"
cp first.db old.db
sqlite3 old.db 'DROP TABLE cost; DROP TABLE synthesis; DROP TABLE law'
"$PAGEWALK" report old.db --json | jq -c '[.law, .points[].gates] | unique' >err
result "$([ "$(cat err)" = '[null]' ] && echo yes)" "a database without costs says none"
"$PAGEWALK" study --cost old.db >out 2>err
for db in first old; do
    sql $db.db 'SELECT * FROM cost; SELECT * FROM synthesis; SELECT * FROM law' >$db.cost
done
result "$([ -s first.cost ] && cmp first.cost old.cost >>err && echo yes)" "study --cost writes them anew"
without='without=gen%3Auniform%3Fpages%3D300%26accesses%3D8000'
chrome other.dom "l2.html#vary=l2.ways&metric=cycles_per_access&$without" --dump-dom
shown other.dom | jq -c '[.state.metric, .state.axis, .state.traces, (.bars | length)]' >got 2>>err
echo '["cycles_per_access",1,[1,2],3]' >expected
diff got expected >>err || true
result "$([ ! -s err ] && echo yes)" "filters by trace, axis and metric"
rows=$(tr '>' '\n' <first.dom | grep -c '^<tr class=' || true)
echo "$rows" >err
there=$(sql l2.db "SELECT count(*) FROM row WHERE deps = 'serial'")
result "$([ "$rows" = "$there" ] && echo yes)" "a table of every row"

# ---- Other forms -------------------------------------------------------------------------------------------------
{
    sed 's,</body>,,; s,</html>,,' l2.html
    cat <<'PAGE'
<p id="pictures"></p>
<script>
const forms = (f) => [picture(f, 'svg').startsWith('<svg'), picture(f, 'canvas').length > 8000,
  picture(f, 'canvas').startsWith('data:image/png;base64,'), csv(f.rows()).split('\n').length > 3];
$('pictures').textContent = figures.map((f) => forms(f).every(Boolean)).join(' ');
</script></body></html>
PAGE
} >pictures.html
chrome pictures.dom pictures.html --dump-dom
grep -o '<p id="pictures">[^<]*' pictures.dom >>err || true
result "$(grep -q '"pictures">true true true true true true true true$' err && ! grep -q CONSOLE err && echo yes)" \
    "every figure as SVG, PNG and CSV"
chrome out l2.html --force-dark-mode --blink-settings=preferredColorScheme=0 --screenshot="$WORK/dark.png"
result "$([ ! -s err ] && [ "$(wc -c <dark.png)" -gt 100000 ] && echo yes)" "dark"
chrome out l2.html --print-to-pdf="$WORK/print.pdf" --no-pdf-header-footer
result "$([ ! -s err ] && [ "$(wc -c <print.pdf)" -gt 30000 ] && echo yes)" "printed"
: >err
for script in figures/*.gp; do
    name=$(basename "$script" .gp)
    (cd figures && gnuplot "$name.gp") 2>>err || echo "$name fails" >>err
    grep -q '<svg' "figures/$name.svg" && [ "$(wc -c <"figures/$name.png")" -gt 3000 ] ||
        echo "$name draws nothing" >>err
done
grep -v -i warning err >err.real || true
result "$([ ! -s err.real ] && [ -e figures/heatmap.gp ] && echo yes)" \
    "gnuplot: $(cd figures && echo *.gp)"
result "$([ "$(wc -l <figures/rows.csv)" = $(($(sql l2.db 'SELECT count(*) FROM row') + 1)) ] && echo yes)" \
    "gnuplot: rows.csv"

# ---- Conclusions -------------------------------------------------------------------------------------------------
said() { "$PAGEWALK" report "$1" --json | jq -r '.conclusions[] | .text, .rule'; }
said l2.db >err
result "$(grep -q '^l2.sets matters: up to' err && grep -q '^Within .* storage bits, ' err && echo yes)" \
    "an axis that matters"
cat >idle.study <<'STUDY'
traces = ("gen:uniform?pages=300&accesses=4000");
axes = { pma = { entries = [2, 4]; }; l1i = { ways = [8, 64]; }; };
STUDY
"$PAGEWALK" study idle.study -o idle.db >out 2>err
said idle.db >err
result "$(grep -q '^pma.entries did not matter: ' err && echo yes)" "an axis that does not matter"
result "$(grep -q '^Nothing can be said of l1i.ways: no trace exercises it' err && echo yes)" \
    "an axis that nothing exercises"
"$PAGEWALK" report l2.db --json | jq -c '[.traces[].counts]' >err
result "$([ "$(cat err)" = "[true,true,false]" ] && echo yes)" "a trace of fewer than twice the pages is not exercised"

# ---- What is refused ---------------------------------------------------------------------------------------------
refused() { # NAME EXIT WORDS ARGUMENT...
    name=$1 want=$2 words=$3
    shift 3
    "$PAGEWALK" report "$@" >out 2>err && got=0 || got=$?
    result "$([ $got = "$want" ] && grep -qF -- "$words" err && echo yes)" "refused: $name"
}
head -c 9999 /dev/urandom >junk.db
refused "no database" 3 "nonesuch.db: " nonesuch.db -o x.html
refused "a file that is none" 3 "junk.db: " junk.db -o x.html
refused "nothing to make" 2 "say what to make" l2.db
refused "a folder that is not there" 3 "nowhere/x.html" l2.db -o nowhere/x.html
cp l2.db old.db
sqlite3 old.db 'ALTER TABLE interval DROP COLUMN walks'
refused "another version's database" 3 "of this version, or run the study again" old.db -o x.html
cp l2.db none.db
sqlite3 none.db 'DELETE FROM result'
refused "no results" 3 "the study has no results yet" none.db -o x.html
exit $code
