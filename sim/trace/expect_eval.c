/* SPDX-License-Identifier: Apache-2.0
 *
 * Expectations, evaluated. By then the record they are about has retired and nothing younger has
 * been issued, so the kernel half and memory stand as that record left them. Each kind is one
 * function that answers with a sentence: what there is instead. docs/trace-format.md has the table.
 */
#include "config_file.h"
#include "core.h"
#include "error.h"
#include "token.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { SAID = 512, DISK_BYTES = 8, MAPS_BYTES = 1 << 20 };

struct evaluation {
    struct core *c;
    const struct expect *e;
    const struct entry *a; /* the record it is about */
    char said[SAID];       /* what is the case, if the expectation does not hold */
};

static bool __attribute__((format(printf, 3, 4)))
holds(struct evaluation *v, bool ok, const char *what, ...) {
    va_list args;
    va_start(args, what);
    if (!ok) vsnprintf(v->said, sizeof v->said, what, args);
    va_end(args);
    return ok;
}

/* ---- Faults, counts ------------------------------------------------------------------------ */

static bool fault(struct evaluation *v) {
    return holds(v, v->a->traps && v->a->kfault == v->e->fault, "%u faults, the last one %s",
                 v->a->traps, v->a->traps ? kfault_word(v->a->kfault) : "none");
}

/* A name that is neither a shipped configuration nor this one would be skipped for ever. */
static void known_configuration(const struct core *c, const char *name, const char *current) {
    char near[256];
    size_t n = strlen(name);
    bool current_base = !strncmp(name, current, n) && (!current[n] || current[n] == '+');
    if (current_base || config_is_shipped(name, near, sizeof near)) return;
    if (c->next.line)
        input_error(c->path, c->next.line, 0, near, "there is no configuration `%s`", name);
    record_error(c->path, c->next.index, 0, near, "there is no configuration `%s`", name);
}

static bool cycles(struct evaluation *v) {
    const struct part *p = &v->a->part[0];
    const char *current = v->c->opt->config_name ? v->c->opt->config_name : "default";
    known_configuration(v->c, v->e->name, current);
    if (strcmp(v->e->name, current) || !v->c->timed) {
        v->c->res->expectations_skipped++;
        return true;
    }
    v->c->res->expectations++;
    return holds(v, p->done - p->issue == v->e->count,
                 "%" PRIu64 " cycles, from %" PRIu64 " to %" PRIu64, p->done - p->issue, p->issue,
                 p->done);
}

static bool rss(struct evaluation *v) {
    uint64_t n = os_rss(v->c->os, v->c->running);
    return holds(v, n == v->e->count, "%" PRIu64 " resident pages", n);
}

static bool pages(struct evaluation *v, uint64_t n, const char *what) {
    return holds(v, n == v->e->count, "%" PRIu64 " %s", n, what);
}

static bool mincore_is(struct evaluation *v) {
    char got[sizeof v->e->name];
    size_t n = strlen(v->e->name);
    for (size_t i = 0; i < n; i++)
        got[i] = os_mincore(v->c->os, v->c->running, v->e->va + i * PAGE_BYTES) ? '1' : '0';
    return holds(v, !memcmp(got, v->e->name, n), "%.*s", (int)n, got);
}

static bool frames(struct evaluation *v) {
    uint64_t after = os_frames_used(v->c->os), before = v->a->framed ? v->a->frames : after;
    int64_t more = (int64_t)(after - before);
    return holds(v, more == v->e->frames, "%+" PRId64 " frames", more);
}

/* ---- Bytes --------------------------------------------------------------------------------- */

static void bytes_wanted(const struct evaluation *v, uint8_t *out, size_t n) {
    const struct expect *e = v->e;
    memset(out, 0, n);
    if (e->bytes == EXPECT_BYTES_STORE) core_store_bytes(e->count, 0, out, n);
    if (e->bytes != EXPECT_BYTES_FILE) return;
    for (size_t i = 0; i < n; i++) out[i] = token_file_byte(e->file, e->offset + i);
}

static bool same_bytes(struct evaluation *v, const uint8_t *got, const uint8_t *want, size_t n) {
    char g[2 * DISK_BYTES + 1], w[2 * DISK_BYTES + 1];
    size_t i = 0;
    while (i < n && got[i] == want[i]) i++;
    for (size_t k = 0; k < DISK_BYTES && i + k < n; k++) {
        sprintf(g + 2 * k, "%02x", got[i + k]);
        sprintf(w + 2 * k, "%02x", want[i + k]);
    }
    return holds(v, i == n, "from byte %zu of %zu: %s, not %s", i, n, g, w);
}

static bool value(struct evaluation *v) {
    const struct core *c = v->c;
    uint8_t want[VALUE_BYTES];
    for (size_t i = 0; i < c->value_count; i++) {
        const struct load_value *l = &c->values[i];
        if (l->pid != v->a->pid) continue;
        if (v->e->bytes != EXPECT_BYTES_SAME) {
            bytes_wanted(v, want, l->bytes[0]);
            return same_bytes(v, l->byte[0], want, l->bytes[0]);
        }
        if (!l->bytes[1]) return holds(v, false, "no load before this one");
        return same_bytes(v, l->byte[0], l->byte[1],
                          l->bytes[0] < l->bytes[1] ? l->bytes[0] : l->bytes[1]);
    }
    return holds(v, false, "no load");
}

/* On disk: as many bytes as the store wrote, or eight of the original; fewer at the end of the
 * file. */
static bool disk(struct evaluation *v) {
    const struct core *c = v->c;
    uint8_t got[PAGE_BYTES], want[PAGE_BYTES];
    size_t n = DISK_BYTES;
    if (v->e->bytes == EXPECT_BYTES_STORE) {
        if (v->e->count > c->stores_read) return holds(v, false, "no such store record so far");
        n = c->store_bytes[v->e->count - 1];
    }
    n = os_disk_read(c->os, v->e->file, v->e->offset, got, n);
    bytes_wanted(v, want, n);
    return n ? same_bytes(v, got, want, n) : holds(v, false, "the file ends before");
}

/* A hart without Svnapot has none. */
static bool napot(struct evaluation *v) {
    uint64_t n = os_napot(v->c->os, v->c->running);
    uint64_t want = v->c->cfg->hart_svnapot ? v->e->count : 0;
    return holds(v, n == want, "%" PRIu64 " leaves of 64 KiB", n);
}

/* ---- Page tables and maps ------------------------------------------------------------------ */

static void pte_text(pte_t pte, char out[16]) {
    snprintf(out, 16, "%c%c%c%c a%dd%d", pte & PTE_R ? 'r' : '-', pte & PTE_W ? 'w' : '-',
             pte & PTE_X ? 'x' : '-', pte & PTE_U ? 'u' : '-', !!(pte & PTE_A), !!(pte & PTE_D));
}

static bool pte_is(struct evaluation *v) {
    pte_t pte;
    int level;
    char text[16];
    bool there = os_pte(v->c->os, v->c->running, v->e->va, &pte, &level);
    if (v->e->none || !there)
        return holds(v, v->e->none && !there, there ? "a leaf PTE" : "no leaf PTE");
    pte_text(pte, text);
    bool types = v->c->cfg->hart_svpbmt && v->c->cfg->os_mode != MODE_SV32;
    unsigned type = pte >> PTE_PBMT_SHIFT & 3;
    bool ok = (pte & (PTE_R | PTE_W | PTE_X | PTE_U)) == v->e->perm &&
              (v->e->accessed < 0 || !!(pte & PTE_A) == v->e->accessed) &&
              (v->e->dirty < 0 || !!(pte & PTE_D) == v->e->dirty) &&
              (!types || v->e->type < 0 || v->e->type == (int)type);
    return holds(v, ok, "%s at level %d, memory type %s", text, level, pbmt_word(type));
}

static bool frame(struct evaluation *v) {
    pte_t pte;
    int level;
    if (!os_pte(v->c->os, v->e->pid, v->e->va, &pte, &level)) {
        return holds(v, false, "process %u has no leaf PTE there", v->e->pid);
    }
    uint64_t low = (1ull << (LEVEL_BITS * level)) - 1;
    ppn_t other =
        (pte >> PTE_PPN_SHIFT & ((1ull << PTE_PPN_BITS) - 1)) | (v->e->va >> PAGE_SHIFT & low);
    ppn_t mine = v->a->part[0].pa >> PAGE_SHIFT;
    return holds(v, (mine == other) == v->e->same, "frames 0x%" PRIx64 " here, 0x%" PRIx64 " there",
                 mine, other);
}

/* One line of /proc/PID/maps: START-END PERM OFFSET DEVICE INODE NAME. */
static bool maps_line(const struct expect *e, const char *line, size_t n) {
    uint64_t start, end;
    char copy[512], flags[8] = "";
    int at = 0;
    if (n >= sizeof copy) n = sizeof copy - 1;
    memcpy(copy, line, n);
    copy[n] = 0;
    if (sscanf(copy, "%" SCNx64 "-%" SCNx64 " %7s%n", &start, &end, flags, &at) < 3) return false;
    while (n && copy[n - 1] == ' ') copy[--n] = 0;
    const char *last = strrchr(copy + at, ' ');
    return start == e->va && end == e->end && !strcmp(flags, e->flags) &&
           (!*e->name || (last && !strcmp(last + 1, e->name)));
}

static bool maps(struct evaluation *v) {
    char *text = calloc(1, MAPS_BYTES);
    uint64_t lines = 0;
    bool found = false;
    if (!text) internal_error("out of memory");
    os_maps(v->c->os, v->c->running, text, MAPS_BYTES);
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        found |= maps_line(v->e, line, (size_t)(end - line));
        lines++;
    }
    bool ok = v->e->kind == EXPECT_MAPS
                  ? holds(v, found, "no such line in:\n%.400s", text)
                  : holds(v, lines == v->e->count, "%" PRIu64 " lines:\n%.400s", lines, text);
    free(text);
    return ok;
}

/* ---- One expectation ----------------------------------------------------------------------- */

static bool evaluate(struct evaluation *v) {
    switch (v->e->kind) {
    case EXPECT_FAULT: return fault(v);
    case EXPECT_FAULTS: return holds(v, v->a->traps == v->e->count, "%u faults", v->a->traps);
    case EXPECT_CYCLES: return cycles(v);
    case EXPECT_VALUE: return value(v);
    case EXPECT_RSS: return rss(v);
    case EXPECT_SWAP:
        return pages(v, os_swapents(v->c->os, v->c->running), "swap entries in its PTEs");
    case EXPECT_SLOTS: return pages(v, os_swap_used(v->c->os), "swap slots in use");
    case EXPECT_LOCKED: return pages(v, os_locked(v->c->os, v->c->running), "locked pages");
    case EXPECT_MINCORE: return mincore_is(v);
    case EXPECT_HUGE: return pages(v, os_huge(v->c->os, v->c->running), "leaves of 2 MiB");
    case EXPECT_NAPOT: return napot(v);
    case EXPECT_EIO: return holds(v, os_eio(v->c->os), "the last call did not end in EIO");
    case EXPECT_ENOMEM:
        return holds(v, core_expect_enomem(v->c), "the last call did not end in ENOMEM");
    case EXPECT_COMMITTED:
        return pages(v, os_committed(v->c->os), "pages are promised (Committed_AS)");
    case EXPECT_SIGKILL:
        return holds(v, core_expect_kill(v->c, v->e->pid), "process %u was not killed by it",
                     v->e->pid);
    case EXPECT_FRAMES: return frames(v);
    case EXPECT_PTE: return pte_is(v);
    case EXPECT_FRAME: return frame(v);
    case EXPECT_MAPS:
    case EXPECT_MAPS_LINES: return maps(v);
    default: return disk(v);
    }
}

/* Does the expectation speak of this configuration? */
static bool speaks_of(const struct config *c, uint8_t only) {
    switch (only) {
    case EXPECT_SVADE: return !c->os_svadu;
    case EXPECT_SVADU: return c->os_svadu;
    case EXPECT_ASIDS: return c->os_asids;
    case EXPECT_NO_ASIDS: return !c->os_asids;
    case EXPECT_SV32: return c->os_mode == MODE_SV32;
    case EXPECT_SV39: return c->os_mode == MODE_SV39;
    case EXPECT_SV48: return c->os_mode == MODE_SV48;
    case EXPECT_SV57: return c->os_mode == MODE_SV57;
    case EXPECT_RV64: return c->os_mode != MODE_SV32;
    default: return true;
    }
}

bool core_expect(struct core *c, const char *text) {
    struct expect e;
    if (!expect_parse(text, &e))
        internal_error("an expectation that the reader passed does not parse: %s", text);
    if (!speaks_of(c->cfg, e.only)) {
        c->res->expectations_skipped++;
        return true;
    }
    c->res->expectations += e.kind != EXPECT_CYCLES;
    if (e.kind == EXPECT_SIGNAL) return core_announce(c, e.sig, e.code, false);
    struct evaluation v = {.c = c, .e = &e, .a = c->subject};
    return evaluate(&v) ||
           core_fail(c, OPINION_TRACE, c->subject, "`expect %s` does not hold: %s", text, v.said);
}
