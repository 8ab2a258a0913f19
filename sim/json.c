/* SPDX-License-Identifier: Apache-2.0
 *
 * `--json`: the numbers of a replay under the names of docs/interface.md, by jansson, one object a
 * line. Keys are only ever added. A number that does not apply (a mean of nothing) is null; a count
 * of what this version does not model yet (prefetches) is 0, which is true.
 */
#include "json.h"
#include "config_file.h"
#include "error.h"
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#define JSON_SCHEMA 1

static void put(json_t *object, const char *key, json_t *value) {
    if (json_object_set_new(object, key, value)) internal_error("no memory for --json");
}

static void put_count(json_t *object, const char *key, uint64_t count) {
    put(object, key, json_integer((json_int_t)count));
}

static void put_ratio(json_t *object, const char *key, double part, double whole) {
    put(object, key, whole > 0 ? json_real(part / whole) : json_null());
}

static void print_line(FILE *out, json_t *object) {
    if (json_dumpf(object, out, JSON_COMPACT | JSON_REAL_PRECISION(9))) {
        internal_error("--json could not be written");
    }
    fputc('\n', out);
    json_decref(object);
}

/* ---- Configuration
 * --------------------------------------------------------------------------------- */

static json_t *config_object(const struct config *c, const char *name) {
    json_t *o = json_object();
    char hash[17], value[32];
    config_hash_text(c, hash);
    put(o, "hash", json_string(hash));
    put(o, "name", json_string(name));
    for (size_t i = 0; i < CONFIG_KNOBS; i++) {
        const struct config_knob *k = &config_knobs[i];
        struct config copy = *c;
        if (k->words) {
            put(o, k->key, json_string(config_value(c, k, value, sizeof value)));
        } else {
            put_count(o, k->key, *config_field(&copy, k));
        }
    }
    return o;
}

void json_print_config(FILE *out, const struct config *c, const char *name) {
    json_t *o = json_object();
    put_count(o, "schema", JSON_SCHEMA);
    put(o, "config", config_object(c, name));
    print_line(out, o);
}

/* ---- Sections of a run
 * ----------------------------------------------------------------------------- */

static json_t *tlb_object(const struct replay_tlb *t) {
    json_t *o = json_object();
    put_count(o, "lookups", t->lookups);
    put_count(o, "hits", t->hits);
    put_count(o, "misses", t->misses);
    return o;
}

static json_t *tlbs_object(const struct replay_result *r) {
    json_t *o = json_object();
    put(o, "l1i", tlb_object(&r->l1i));
    put(o, "l1d", tlb_object(&r->l1d));
    put(o, "l2", tlb_object(&r->l2));
    return o;
}

/* Walks by the level of the cached pointer they began below. */
static json_t *pwc_object(const struct replay_result *r) {
    json_t *o = json_object();
    put_count(o, "l1_hits", r->pwc_hits[1]);
    put_count(o, "l2_hits", r->pwc_hits[2]);
    put_count(o, "l3_hits", r->pwc_hits[3]);
    put_count(o, "l4_hits", r->pwc_hits[4]);
    put_count(o, "misses", r->pwc_hits[0]);
    return o;
}

static json_t *walks_object(const struct replay_result *r) {
    json_t *o = json_object();
    put_count(o, "count", r->walks);
    put_count(o, "pte_reads", r->pte_reads);
    put_count(o, "ad_writes", r->ad_writes);
    put_count(o, "cas_retries", r->cas_retries);
    put_count(o, "holds", r->holds);
    put_count(o, "latency_min", r->walk_latency_min);
    put_ratio(o, "latency_mean", (double)r->walk_latency_sum, (double)r->walks_ended);
    put_count(o, "latency_max", r->walk_latency_max);
    return o;
}

static json_t *faults_object(const struct replay_result *r) {
    json_t *o = json_object();
    put_count(o, "instruction_page", r->faults_instruction_page);
    put_count(o, "load_page", r->faults_load_page);
    put_count(o, "store_page", r->faults_store_page);
    put_count(o, "access", r->faults_access);
    return o;
}

static json_t *os_object(const struct os_stats *s) {
    json_t *o = json_object();
#define OS(name) put_count(o, #name, s->name)
    OS(minor);
    OS(major);
    OS(zero_page);
    OS(anon_alloc);
    OS(thp_zero);
    OS(thp_alloc);
    OS(cow_file);
    OS(cow_copy);
    OS(cow_reuse);
    OS(file_map);
    OS(shmem_alloc);
    OS(fault_around);
    OS(mkwrite);
    OS(migration);
    OS(swap_in);
    OS(swap_out);
    OS(writeback);
    OS(ad_update);
    OS(sigsegv);
    OS(sigbus);
    OS(reclaimed);
    OS(lazyfree);
    OS(oom_kill);
    OS(spurious);
    OS(kernel);
#undef OS
    return o;
}

/* Who was killed for memory, and what of its trace was passed over. */
static json_t *oom_object(const struct replay_result *r) {
    json_t *o = json_object(), *list = json_array();
    put_count(o, "killed", r->oom_kills);
    put_count(o, "skipped", r->oom_skipped);
    for (uint64_t i = 0; i < r->oom_listed; i++) {
        const struct replay_kill *k = &r->oom[i];
        json_t *one = json_object();
        put_count(one, "pid", k->pid);
        put_count(one, "record", k->record);
        put_count(one, "skipped", k->skipped);
        put(one, "points", json_integer((json_int_t)k->points));
        put(one, "born", json_boolean(k->born));
        json_array_append_new(list, one);
    }
    put(o, "processes", list);
    return o;
}

static json_t *pages_object(const struct replay_result *r) {
    json_t *o = json_object();
    put_count(o, "4k", r->pages[SIZE_4K]);
    put_count(o, "64k", r->pages[SIZE_64K]);
    put_count(o, "2m", r->pages[SIZE_2M]);
    put_count(o, "4m", r->pages[SIZE_4M]);
    put_count(o, "1g", r->pages[SIZE_1G]);
    put_count(o, "512g", r->pages[SIZE_512G]);
    put_count(o, "256t", r->pages[SIZE_256T]);
    return o;
}

/* Part of the object that every engine must print alike: docs/interface.md. */
static void put_counts(json_t *o, const struct replay_result *r, const struct run_facts *facts) {
    put_count(o, "fences", r->fences);
    put_count(o, "csr_writes", r->csr_writes);
    put_count(o, "active_cycles", r->active_cycles);
    put_count(o, "os_cycles", r->os_cycles);
    put(o, "instructions",
        r->instructions_known ? json_integer((json_int_t)r->instructions) : json_null());
    put_count(o, "splits", r->splits);
    put_count(o, "retries", r->retries);
    put_count(o, "killed_lookups", r->killed_lookups);
    put_count(o, "merged", r->merged);
    json_t *prefetch = json_object();
    put_count(prefetch, "issued", 0);
    put_count(prefetch, "used", 0);
    put_count(prefetch, "unused", 0);
    put(o, "prefetch", prefetch);
    put(o, "pages", pages_object(r));
    json_t *warmup = json_object();
    put_count(warmup, "records", facts->from > 1 ? facts->from - 1 : 0);
    put_count(warmup, "cycles", 0); /* records before the window run without a clock */
    put(o, "warmup", warmup);
    put_count(o, "signals", r->signals);
    put(o, "oom", oom_object(r));
    json_t *frames = json_object();
    put_count(frames, "total", r->frames_total);
    put_count(frames, "peak", r->frames_peak);
    put_count(frames, "tables", r->frames_tables);
    put(o, "frames", frames);
    put_count(o, "expectations", r->expectations);
    put_count(o, "expectations_skipped", r->expectations_skipped);
    put_count(o, "first_fault_cycle", r->first_fault_cycle);
}

void json_print_run(FILE *out, const struct config *c, const struct run_facts *facts,
                    const struct replay_result *r) {
    json_t *o = json_object();
    put_count(o, "schema", JSON_SCHEMA);
    put(o, "trace", json_string(facts->trace));
    put(o, "engine", json_string(facts->engine));
    put(o, "config", config_object(c, facts->config_name));
    put_count(o, "accesses", r->accesses);
    put_count(o, "fetches", r->fetches);
    put_count(o, "loads", r->loads);
    put_count(o, "stores", r->stores);
    put_count(o, "amos", r->amos);
    put_count(o, "cycles", r->cycles);
    put_count(o, "mismatches", r->mismatches);
    put_count(o, "compared_cycles", r->compared_cycles);
    put_count(o, "compared_responses", r->compared_responses);
    put(o, "tlb", tlbs_object(r));
    put(o, "pwc", pwc_object(r));
    put(o, "walks", walks_object(r));
    put(o, "faults", faults_object(r));
    put(o, "os", os_object(&r->os));
    put_counts(o, r, facts);
    char values[17];
    snprintf(values, sizeof values, "%016" PRIx64, r->values);
    put(o, "values", r->checked ? json_string(values) : json_null());
    put(o, "checked", json_boolean(r->checked));
    put(o, "exit_code", json_integer(r->exit_code));
    put(o, "seconds", json_real(r->seconds));
    put_ratio(o, "accesses_per_second", (double)r->accesses, r->seconds);
    print_line(out, o);
}
