-- What the pages beside this file read out of a study's database:
--   sqlite3 -cmd '.read docs/studies/overhead.sql' build/l2.db "SELECT ... FROM overhead"
CREATE TEMP VIEW overhead AS
SELECT rtrim(replace(replace(replace(trace.name, 'traces/', ''), 'study/', ''), '.pwt', '')) AS trace, row.deps AS deps,
    point.label AS label, point.bits AS bits,
    round(100.0 * r.region_cycles / i.region_cycles - 100, 2) AS percent,
    round(1000.0 * r.region_walks / r.region_accesses, 2) AS walks_pka,
    round(1.0 * r.region_pte_reads / r.region_walks, 2) AS reads,
    round(1.0 * r.region_walk_cycles / r.region_walks_ended, 1) AS latency,
    round(1.0 * r.region_walks_pending / r.region_cycles, 2) AS in_flight,
    round(1.0 * r.region_cycles / b.region_cycles, 4) AS cycles -- over the baseline's
FROM row JOIN trace USING (trace) JOIN point USING (point) JOIN result r ON r.job = row.job
    JOIN result i ON i.job = row.ideal
    JOIN row base ON base.point = 0 AND base.trace = row.trace AND base.deps = row.deps AND base.seed = row.seed
    JOIN result b ON b.job = base.job;
