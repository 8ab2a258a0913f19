/* SPDX-License-Identifier: Apache-2.0
 *
 * When no record can go, what the records say becomes simpler: mappings as long as the pages that
 * are reached, anonymous where the file does not matter; then the configuration, knob by knob back
 * to its default. A knob of the RTL moves only to a build that is in build/dut already, since
 * Verilating one takes longer than all the rest.
 */
#include "reduce.h"
#include "config_file.h"
#include "dut.h"
#include "error.h"
#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

/* ---- Mappings -------------------------------------------------------------------------------- */

struct reach {
    vaddr_t start, end;
};

static void widen(struct reach *r, vaddr_t start, uint64_t bytes) {
    vaddr_t end = (start + bytes + PAGE_BYTES - 1) & ~(vaddr_t)(PAGE_BYTES - 1);
    start &= ~(vaddr_t)(PAGE_BYTES - 1);
    if (r->start == r->end) *r = (struct reach){start, end};
    if (start < r->start) r->start = start;
    if (end > r->end) r->end = end;
}

/* What the items that need item `n` reach of it. */
static struct reach reach_of(const struct items *l, size_t n) {
    const struct os_call *map = &l->at[n].record->call;
    struct needs *needs = items_needs(l);
    struct reach r = {0, 0};
    for (size_t k = n + 1; k < l->count; k++) {
        const struct item *i = &l->at[k];
        if (needs[k].item[1] != n + 1 && needs[k].item[2] != n + 1) continue;
        if (!i->record)
            widen(&r, i->va, i->bytes);
        else if (i->record->kind == TRACE_CALL)
            widen(&r, i->record->call.arg[0], i->record->call.arg[1]);
    }
    free(needs);
    vaddr_t end = map->arg[0] + map->arg[1];
    if (r.start < map->arg[0]) r.start = map->arg[0];
    if (r.end > end) r.end = end;
    return r;
}

/* Item n with another call in its place. */
static bool try_call(struct reduce *r, size_t n, const struct os_call *call) {
    struct items l;
    uint8_t *none = calloc(r->best.count + 1, 1);
    struct trace_record record = *r->best.at[n].record;
    if (!none) internal_error("out of memory");
    record.call = *call;
    items_keep(&r->best, none, false, &l);
    free(none);
    l.at[n].record = items_record(&record);
    return reduce_try(r, &l);
}

static bool try_extent(struct reduce *r, size_t n, vaddr_t start, vaddr_t end) {
    struct os_call k = r->best.at[n].record->call;
    if (start >= end || end - start >= k.arg[1]) return false;
    if (k.file) k.arg[4] += start - k.arg[0];
    k.arg[0] = start;
    k.arg[1] = end - start;
    return try_call(r, n, &k);
}

/* Both ends at once, else one of them. */
static bool shorter_mapping(struct reduce *r, size_t n) {
    const struct os_call *k = &r->best.at[n].record->call;
    const vaddr_t start = k->arg[0], end = start + k->arg[1];
    const struct reach reach = reach_of(&r->best, n);
    return try_extent(r, n, reach.start, reach.end) || try_extent(r, n, reach.start, end) ||
           try_extent(r, n, start, reach.end);
}

static bool simpler_mapping(struct reduce *r, size_t n) {
    bool simpler = shorter_mapping(r, n);
    struct os_call k = r->best.at[n].record->call;
    if (k.arg[3] & MAP_F_POPULATE) {
        k.arg[3] &= ~(uint64_t)MAP_F_POPULATE;
        simpler |= try_call(r, n, &k);
    }
    k = r->best.at[n].record->call;
    if (k.file || (k.arg[3] & (MAP_F_SHARED | MAP_F_GROWSDOWN))) {
        k.file = 0;
        k.arg[3] = MAP_F_PRIVATE | MAP_F_ANON | MAP_F_FIXED;
        k.arg[4] = 0;
        simpler |= try_call(r, n, &k);
    }
    return simpler;
}

bool reduce_mappings(struct reduce *r) {
    bool simpler = false;
    for (size_t n = 0; n < r->best.count && !reduce_stopped(r); n++) {
        if (item_calls(&r->best.at[n], CALL_MMAP)) simpler |= simpler_mapping(r, n);
    }
    return simpler;
}

/* ---- Configuration --------------------------------------------------------------------------- */

static bool of_rtl(const struct config_knob *k) {
    return !strcmp(k->class, "RTL");
}

static unsigned unlike(struct config c, struct config base) {
    unsigned count = 0;
    for (size_t n = 0; n < CONFIG_KNOBS; n++) {
        const struct config_knob *k = &config_knobs[n];
        count += *config_field(&c, k) != *config_field(&base, k);
    }
    return count;
}

size_t reduce_header(const struct reduce *r, const struct config *c) {
    enum { NOTES = 3 };
    return NOTES + unlike(*c, r->base);
}

uint64_t reduce_period(const struct reduce *r) {
    enum { MOST = 1 << 16 }; /* beyond, it is hardly the moment that makes a failure */
    struct config c = r->config;
    uint64_t period = 1;
    for (size_t n = 0; n < CONFIG_KNOBS; n++) {
        uint64_t every = *config_field(&c, &config_knobs[n]), multiple = period;
        if (!every || strcmp(config_knobs[n].unit, "records")) continue;
        while (multiple % every && multiple <= MOST) multiple += period;
        if (multiple > MOST) return 1;
        period = multiple;
    }
    return period;
}

/* One that contradicts itself, or whose MMU is not built, is none. */
static bool try_config(struct reduce *r, const struct config *c) {
    bool built = !strcmp(r->engine, "model") || dut_built(c);
    return built && reduce_try_config(r, c, r->config_name, r->options.seed);
}

/* The knobs of a class, or the k-th alone, at their defaults. */
static bool try_default(struct reduce *r, bool rtl, const struct config_knob *only) {
    struct config c = r->config;
    for (size_t n = 0; n < CONFIG_KNOBS; n++) {
        const struct config_knob *k = &config_knobs[n];
        if (only ? k == only : of_rtl(k) == rtl) *config_field(&c, k) = k->def;
    }
    return memcmp(&c, &r->config, sizeof c) && try_config(r, &c);
}

static bool each_knob(struct reduce *r, bool rtl) {
    bool simpler = try_default(r, rtl, NULL);
    for (size_t n = 0; n < CONFIG_KNOBS && !reduce_stopped(r); n++) {
        if (of_rtl(&config_knobs[n]) == rtl) simpler |= try_default(r, rtl, &config_knobs[n]);
    }
    return simpler;
}

/* NAME=VALUE, a line each, as dut.sh leaves it beside a build. */
static bool read_parameters(const char *path, struct config *c) {
    char line[128];
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) {
        for (size_t n = 0; n < CONFIG_KNOBS; n++) {
            const char *field = config_knobs[n].field;
            size_t length = strlen(field);
            if (!strncasecmp(line, field, length) && line[length] == '=')
                *config_field(c, &config_knobs[n]) = (uint32_t)strtoul(line + length + 1, NULL, 10);
        }
    }
    return f && !fclose(f);
}

/* Builds that are there, of a configuration that is more like the default. */
static bool other_builds(struct reduce *r) {
    char path[4096];
    bool simpler = false;
    struct dirent *e;
    struct config plain;
    config_defaults(&plain);
    snprintf(path, sizeof path, "%s/build/dut", dut_root());
    DIR *d = opendir(path);
    while (d && (e = readdir(d)) && !reduce_stopped(r)) {
        struct config c = r->config;
        if (e->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/build/dut/%.64s/parameters", dut_root(), e->d_name);
        if (!read_parameters(path, &c) || unlike(c, plain) >= unlike(r->config, plain)) continue;
        simpler |= try_config(r, &c);
    }
    if (d) closedir(d);
    return simpler;
}

/* `expect cycles` alone asks for the name of a configuration; else its knobs are all there is. */
static void forget_name(struct reduce *r) {
    const struct config base = r->base;
    if (!r->config_file) return;
    config_defaults(&r->base);
    if (reduce_try_config(r, &r->config, "default", r->options.seed))
        r->config_file = NULL;
    else
        r->base = base;
}

bool reduce_config(struct reduce *r) {
    uint32_t plain = 1; /* the seed without --seed */
    forget_name(r);
    if (r->options.seed != plain) reduce_try_config(r, &r->config, r->config_name, plain);
    if (r->config_file) return false;
    bool simpler = each_knob(r, false);
    if (!strcmp(r->engine, "model"))
        simpler |= each_knob(r, true);
    else
        simpler |= other_builds(r);
    return simpler;
}
