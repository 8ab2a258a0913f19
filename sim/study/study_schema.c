/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables as SQL. `result` has one row a job, with all that says where its numbers come from;
 * `row` says which of them a point, trace, dependence and seed means; the view `rows` joins the
 * two.
 */
#include "study_schema.h"

#define STUDY_APPLICATION_TEXT "1347900161" /* STUDY_APPLICATION in decimal, for SQL */
_Static_assert(STUDY_APPLICATION == 1347900161, "keep the text equal");

#define COUNT(name, value, sentence) ", region_" #name " INTEGER NOT NULL"
const char study_schema[] =
    "PRAGMA application_id = " STUDY_APPLICATION_TEXT ";"
    "CREATE TABLE IF NOT EXISTS study (name TEXT NOT NULL, title TEXT NOT NULL,"
    " question TEXT NOT NULL, file TEXT NOT NULL, program TEXT NOT NULL, base TEXT NOT NULL,"
    " sample TEXT NOT NULL, warmup_percent INTEGER NOT NULL, intervals INTEGER NOT NULL,"
    " seeds INTEGER NOT NULL, metrics TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS trace (trace INTEGER PRIMARY KEY, name TEXT NOT NULL,"
    " hash TEXT NOT NULL, records INTEGER NOT NULL, accesses INTEGER NOT NULL,"
    " pages INTEGER NOT NULL, pages_fetch INTEGER NOT NULL, pages_data INTEGER NOT NULL,"
    " regions_2m INTEGER NOT NULL, regions_1g INTEGER NOT NULL, regions_512g INTEGER NOT NULL,"
    " regions_256t INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS config (config TEXT PRIMARY KEY, knobs TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS point (point INTEGER PRIMARY KEY, label TEXT NOT NULL,"
    " machine TEXT NOT NULL, config TEXT NOT NULL, bits INTEGER NOT NULL,"
    " bits_l1i INTEGER NOT NULL, bits_l1d INTEGER NOT NULL, bits_l2 INTEGER NOT NULL,"
    " bits_pwc INTEGER NOT NULL, bits_ctx INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS cost (point INTEGER PRIMARY KEY, method TEXT NOT NULL,"
    " flip_flops REAL, gates REAL, sram_bits INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS synthesis (name TEXT PRIMARY KEY, config TEXT NOT NULL,"
    " revision TEXT NOT NULL, rtl TEXT NOT NULL, yosys TEXT NOT NULL, library TEXT NOT NULL,"
    " sram_bits INTEGER NOT NULL, flip_flops REAL NOT NULL, gates REAL NOT NULL,"
    " fit_flip_flops REAL, fit_gates REAL, left_out_flip_flops REAL, left_out_gates REAL)"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS law (term TEXT PRIMARY KEY, sentence TEXT NOT NULL,"
    " flip_flops REAL NOT NULL, gates REAL NOT NULL);"
    "CREATE TABLE IF NOT EXISTS axis (axis INTEGER NOT NULL, key TEXT NOT NULL,"
    " value INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (axis, value)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS row (point INTEGER NOT NULL, trace INTEGER NOT NULL,"
    " deps TEXT NOT NULL, seed INTEGER NOT NULL, job TEXT NOT NULL, config TEXT NOT NULL,"
    " ideal TEXT NOT NULL,"
    " PRIMARY KEY (point, trace, deps, seed)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS preset (machine TEXT NOT NULL, knob TEXT NOT NULL,"
    " value TEXT NOT NULL, source TEXT NOT NULL, PRIMARY KEY (machine, knob)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS lack (machine TEXT NOT NULL, feature TEXT NOT NULL,"
    " PRIMARY KEY (machine, feature)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS result (job TEXT PRIMARY KEY, trace TEXT NOT NULL,"
    " trace_hash TEXT NOT NULL, config TEXT NOT NULL, program TEXT NOT NULL, method TEXT NOT NULL,"
    " warmup_records INTEGER NOT NULL, intervals INTEGER NOT NULL"
#include "study_count.def"
#undef COUNT
#define COUNT(name, value, sentence) ", whole_" #name " INTEGER NOT NULL"
#include "study_count.def"
#undef COUNT
    ") WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS interval (job TEXT NOT NULL, interval INTEGER NOT NULL"
#define COUNT(name, value, sentence) ", " #name " INTEGER NOT NULL"
#include "study_count.def"
#undef COUNT
    ", PRIMARY KEY (job, interval)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS latency (job TEXT PRIMARY KEY, walks TEXT NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS effort (job TEXT PRIMARY KEY, seconds REAL NOT NULL,"
    " finished TEXT NOT NULL, host TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE VIEW IF NOT EXISTS rows AS SELECT point.label, point.bits, row.point, row.deps,"
    " row.seed, row.ideal, result.* FROM row JOIN point USING (point) JOIN result USING (job);";

#define COUNT(name, value, sentence) ",?"
const char study_insert_result[] = "INSERT OR REPLACE INTO result VALUES (?,?,?,?,?,?,?,?"
#include "study_count.def"
#include "study_count.def"
                                   ")";

const char study_insert_interval[] = "INSERT OR REPLACE INTO interval VALUES (?,?"
#include "study_count.def"
                                     ")";
