/* SPDX-License-Identifier: Apache-2.0
 *
 * Configurations: files in the syntax of libconfig (`l2 = { sets = 64; ways = 4; };`, comments,
 * @include), one group a prefix of the knobs of params.def. libconfig reads; this file is strict
 * about what was read: every key must be a knob, every value of its type and in its range, and
 * pairs of knobs must make sense together. The same checks serve `--set K=V` and the `set` lines of
 * traces, so a value is legal everywhere or nowhere.
 */
#include "config_file.h"
#include "config_scan.h"
#include "dut.h"
#include "error.h"
#include "lex.h"
#include "mem.h"
#include "preset.h"
#include <errno.h>
#include <inttypes.h>
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

/* Where each knob was given its value last, for the pairs that contradict each other. */
struct place {
    char file[256];
    uint64_t line;
};
static struct place places[CONFIG_KNOBS];

static void set_field(struct config *c, const struct config_knob *k, uint32_t value,
                      const char *file, uint64_t line) {
    struct place *p = &places[k - config_knobs];
    snprintf(p->file, sizeof p->file, "%s", file);
    p->line = line;
    *config_field(c, k) = value;
}

static size_t knob_of_offset(size_t offset) {
    for (size_t i = 0; i < CONFIG_KNOBS; i++) {
        if (config_knobs[i].offset == offset) return i;
    }
    internal_error("no knob has offset %zu", offset);
}

/* ---- One knob
 * ------------------------------------------------------------------------------------ */

const struct config_knob *config_find(const char *key) {
    for (size_t i = 0; i < CONFIG_KNOBS; i++) {
        if (!strcmp(config_knobs[i].key, key)) return &config_knobs[i];
    }
    return NULL;
}

static uint32_t knob_read(const struct config *c, const struct config_knob *k) {
    uint32_t value;
    memcpy(&value, (const char *)c + k->offset, sizeof value);
    return value;
}

const char *config_value(const struct config *c, const struct config_knob *k, char *out,
                         size_t bytes) {
    uint32_t value = knob_read(c, k);
    for (const struct config_word *w = k->words; w && w->word; w++) {
        if (w->value == value) {
            snprintf(out, bytes, "%s", w->word);
            return out;
        }
    }
    snprintf(out, bytes, "%" PRIu32, value);
    return out;
}

/* "1 to 64 ways", "1 to 256 sets, a power of two", "lru plru fifo random" */
static const char *knob_range(const struct config_knob *k, char *out, size_t bytes) {
    if (!k->words) {
        snprintf(out, bytes, "%" PRIu32 " to %" PRIu32 "%s%s%s", k->min, k->max,
                 *k->unit ? " " : "", k->unit, k->pow2 ? ", a power of two" : "");
        return out;
    }
    size_t at = 0;
    out[0] = 0;
    for (const struct config_word *w = k->words; w->word && at < bytes; w++) {
        at += (size_t)snprintf(out + at, bytes - at, "%s%s", at ? " " : "", w->word);
    }
    return out;
}

static _Noreturn void unknown_key(const char *key, const char *file, uint64_t line) {
    const char *keys[CONFIG_KNOBS + 1] = {NULL};
    for (size_t i = 0; i < CONFIG_KNOBS; i++) keys[i] = config_knobs[i].key;
    const char *near = nearest_word(key, strlen(key), keys);
    char remedy[128];
    snprintf(remedy, sizeof remedy, "%s", near ? near : "`pagewalk config` prints every knob");
    input_error(file, line, 0, remedy, "there is no knob `%s`", key);
}

static void assign_number(struct config *c, const struct config_knob *k, long long value,
                          const char *file, uint64_t line) {
    char range[160], remedy[192];
    snprintf(remedy, sizeof remedy, "%s", knob_range(k, range, sizeof range));
    if (value < (long long)k->min || value > (long long)k->max) {
        input_error(file, line, 0, remedy, "%s = %lld is out of range", k->key, value);
    }
    if (k->pow2 && (value & (value - 1))) {
        input_error(file, line, 0, remedy, "%s = %lld is not a power of two", k->key, value);
    }
    set_field(c, k, (uint32_t)value, file, line);
}

static void assign_word(struct config *c, const struct config_knob *k, const char *value,
                        const char *file, uint64_t line) {
    const char *words[17] = {NULL};
    size_t count = 0;
    for (const struct config_word *w = k->words; w->word; w++) {
        if (!strcmp(w->word, value)) {
            set_field(c, k, w->value, file, line);
            return;
        }
        if (count < 16) words[count++] = w->word;
    }
    char range[160], remedy[256];
    const char *near = nearest_word(value, strlen(value), words);
    snprintf(remedy, sizeof remedy, "%s%sone of: %s", near ? near : "", near ? "; " : "",
             knob_range(k, range, sizeof range));
    input_error(file, line, 0, remedy, "%s = `%s`: no such word", k->key, value);
}

void config_assign(struct config *c, const char *key, const char *value, const char *file,
                   uint64_t line) {
    const struct config_knob *k = config_find(key);
    if (!k) unknown_key(key, file, line);
    if (k->words) {
        assign_word(c, k, value, file, line);
        return;
    }
    char *end, range[160];
    errno = 0;
    long long number = strtoll(value, &end, 0);
    if (end == value || *end) {
        input_error(file, line, 0, knob_range(k, range, sizeof range),
                    "%s = `%s` is not a whole number", key, value);
    }
    if (errno) number = value[0] == '-' ? -1 : INT64_MAX; /* either is out of every range */
    assign_number(c, k, number, file, line);
}

/* ---- A file
 * ---------------------------------------------------------------------------------------- */

static void assign_setting(struct config *c, const config_setting_t *s, const char *key,
                           const char *path) {
    uint64_t line = config_setting_source_line(s);
    const struct config_knob *k = config_find(key);
    if (!k) unknown_key(key, path, line);
    char range[160], remedy[224];
    knob_range(k, range, sizeof range);
    switch (config_setting_type(s)) {
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        if (k->words) break;
        assign_number(c, k, config_setting_get_int64(s), path, line);
        return;
    case CONFIG_TYPE_STRING:
        if (!k->words) break;
        assign_word(c, k, config_setting_get_string(s), path, line);
        return;
    default: break;
    }
    snprintf(remedy, sizeof remedy,
             k->words ? "a word in quotes, one of: %s" : "a whole number, %s", range);
    input_error(path, line, 0, remedy, "%s: wrong type of value", key);
}

/* Groups nest; their names joined by dots are the key. */
static void assign_group(struct config *c, const config_setting_t *group, const char *prefix,
                         const char *path) {
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *s = config_setting_get_elem(group, (unsigned)i);
        char key[128];
        snprintf(key, sizeof key, "%s%s%s", prefix, *prefix ? "." : "", config_setting_name(s));
        if (config_setting_is_group(s)) {
            assign_group(c, s, key, path);
        } else {
            assign_setting(c, s, key, path);
        }
    }
}

static void load_file(struct config *c, const char *path) {
    char *text = config_text(path, "`pagewalk config --list` names the shipped configurations");
    config_scan(text, path);
    config_t tree;
    config_init(&tree);
    if (!config_read_string(&tree, text)) {
        input_error(path, (uint64_t)config_error_line(&tree), 0,
                    "GROUP = { KEY = VALUE; }; words in quotes, comments from # on", "%s",
                    config_error_text(&tree));
    }
    free(text);
    assign_group(c, config_root_setting(&tree), "", path);
    config_destroy(&tree);
}

const char *config_load(struct config *c, const char *name_or_path) {
    static char path[4096];
    config_defaults(c);
    memset(places, 0, sizeof places);
    if (!name_or_path) return "default";
    const char *root = dut_root();
    bool plain = !strchr(name_or_path, '/') && !strchr(name_or_path, '.');
    struct preset preset;
    if (plain && preset_read(&preset, name_or_path)) {
        preset_apply(&preset, c);
        preset_free(&preset);
        config_check(c);
        return name_or_path;
    }
    if (root && plain) snprintf(path, sizeof path, "%s/sim/configs/%s.conf", root, name_or_path);
    load_file(c, root && plain && !access(path, F_OK) ? path : name_or_path);
    config_check(c);
    return name_or_path;
}

/* ---- Pairs that contradict each other
 * --------------------------------------------------------------- */

/* Blames the place where the knob was given its value. */
#define REFUSE(field, ...)                                                                         \
    do {                                                                                           \
        const struct place *p = &places[knob_of_offset(offsetof(struct config, field))];           \
        input_error(p->file[0] ? p->file : "the defaults", p->line, 0, __VA_ARGS__);               \
    } while (0)

void config_check(const struct config *c) {
    if (c->mem_dram_miss < c->mem_dram_hit) {
        REFUSE(mem_dram_miss, "raise mem.dram_miss or lower mem.dram_hit",
               "mem.dram_miss = %u is less than mem.dram_hit = %u", c->mem_dram_miss,
               c->mem_dram_hit);
    }
    if (c->mem_model == MEMMODEL_RANDOM && c->mem_latency_max < c->mem_latency) {
        REFUSE(mem_latency, "raise mem.latency_max or lower mem.latency",
               "mem.latency = %u is more than mem.latency_max = %u", c->mem_latency,
               c->mem_latency_max);
    }
    if (c->os_mode == MODE_BARE) {
        REFUSE(os_mode, "sv39, sv48, sv57, or sv32", "os.mode = bare: a process needs page tables");
    }
    if (c->os_svadu && !c->hart_svadu) {
        REFUSE(os_svadu, "os.svadu = 0, or hart.svadu = 1",
               "os.svadu = 1: the hart has no Svadu to set A and D with");
    }
    if ((c->os_mode == MODE_SV32) != (c->xlen == 32)) {
        REFUSE(os_mode, c->xlen == 32 ? "sv32" : "xlen = 32, or another mode",
               "os.mode = %s: not a mode of xlen = %u", mode_word(c->os_mode), c->xlen);
    }
    if (c->os_mode == MODE_SV32 && c->os_thp64 == THP_ALWAYS) {
        REFUSE(os_thp64, "madvise or never",
               "os.thp64 = always: Sv32 has no huge pages (HAVE_ARCH_TRANSPARENT_HUGEPAGE)");
    }
    if (c->os_mode == MODE_SV32 && c->os_thp == THP_ALWAYS) {
        REFUSE(os_thp, "madvise or never",
               "os.thp = always: Sv32 has no huge pages (HAVE_ARCH_TRANSPARENT_HUGEPAGE if 64BIT)");
    }
    uint64_t end = MEM_BASE + ((uint64_t)c->mem_mib << 20);
    if (end > 1ull << c->pa_bits) {
        REFUSE(mem_mib, "raise pa.bits or lower mem.mib",
               "mem.mib = %u from 0x%llx on does not fit in pa.bits = %u", c->mem_mib, MEM_BASE,
               c->pa_bits);
    }
    if (c->ctx_entries >= 1u << c->ctx_bits) {
        REFUSE(ctx_entries, "raise ctx.bits or lower ctx.entries",
               "ctx.entries = %u address spaces need more numbers than ctx.bits = %u has",
               c->ctx_entries, c->ctx_bits);
    }
}

/* ---- Identity
 * ---------------------------------------------------------------------------------------- */

uint64_t config_hash(const struct config *c) {
    XXH64_state_t *state = XXH64_createState();
    if (!state) internal_error("no memory for a hash");
    XXH64_reset(state, 0);
    for (size_t i = 0; i < CONFIG_KNOBS; i++) {
        char value[32], line[96];
        int n = snprintf(line, sizeof line, "%s=%s\n", config_knobs[i].key,
                         config_value(c, &config_knobs[i], value, sizeof value));
        XXH64_update(state, line, (size_t)n);
    }
    uint64_t hash = XXH64_digest(state);
    XXH64_freeState(state);
    return hash;
}

void config_hash_text(const struct config *c, char out[17]) {
    snprintf(out, 17, "%016" PRIx64, config_hash(c));
}
