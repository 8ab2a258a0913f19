/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables of --ps, for people and for programs. Sizes are in KiB, as /proc prints them. In the
 * tables for people a column in which nobody has anything is left out.
 *
 *   after record 5, line 12, sizes in kB: fork 2
 *     Pid  State  VmSize  VmRSS  ...  faults
 *     ...
 *     process 1
 *       Address            Perm  Size  Rss  ...  Mapping  faults
 */
#include "ps.h"
#include "error.h"
#include "json_put.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS = 12, KIB = 1024, PAGE_KIB = PAGE_BYTES / KIB };

struct cell {
    const char *head; /* NULL: there is none */
    uint64_t value;
    uint64_t dull; /* a column in which nothing is more is left out */
};

struct line {
    char left[64];
    struct cell cell[CELLS];
    const char *name; /* "": none */
    const char *made; /* NULL: not asked for */
    const uint64_t *faults;
};

#define ALWAYS UINT64_MAX

/* ---- The words of /proc -------------------------------------------------------------------- */

static void smaps_cells(struct cell *c, const struct os_smaps *v) {
    const struct cell cells[CELLS] = {
        {"Size", (v->end - v->start) / KIB, ALWAYS},
        {"Rss", v->rss * PAGE_KIB, ALWAYS},
        {"Pss", v->pss / KIB, ALWAYS},
        {"Shared_Clean", v->shared_clean * PAGE_KIB, 0},
        {"Shared_Dirty", v->shared_dirty * PAGE_KIB, 0},
        {"Private_Clean", v->private_clean * PAGE_KIB, 0},
        {"Private_Dirty", v->private_dirty * PAGE_KIB, 0},
        {"Anonymous", v->anonymous * PAGE_KIB, 0},
        {"LazyFree", v->lazyfree * PAGE_KIB, 0},
        {"AnonHugePages", v->anon_huge * PAGE_KIB, 0},
        {"Swap", v->swap * PAGE_KIB, 0},
        {"Locked", v->locked / KIB, 0},
    };
    memcpy(c, cells, sizeof cells);
}

static void status_cells(struct cell *c, const struct os_status *s) {
    const struct cell cells[CELLS] = {
        {"VmSize", s->vm_size * PAGE_KIB, ALWAYS},
        {"VmLck", s->vm_lck * PAGE_KIB, 0},
        {"VmRSS", (s->rss_anon + s->rss_file + s->rss_shmem) * PAGE_KIB, ALWAYS},
        {"RssAnon", s->rss_anon * PAGE_KIB, 0},
        {"RssFile", s->rss_file * PAGE_KIB, 0},
        {"RssShmem", s->rss_shmem * PAGE_KIB, 0},
        {"VmPTE", s->vm_pte * PAGE_KIB, ALWAYS},
        {"VmSwap", s->vm_swap * PAGE_KIB, 0},
        {"Threads", s->threads, 1},
        {"minor", s->minor, ALWAYS},
        {"major", s->major, ALWAYS},
    };
    memcpy(c, cells, sizeof cells);
}

/* ---- Tables -------------------------------------------------------------------------------- */

static bool shown(const struct line *l, size_t lines, unsigned cell) {
    if (!l->cell[cell].head) return false;
    for (size_t i = 0; i < lines; i++)
        if (l[i].cell[cell].value > l[i].cell[cell].dull) return true;
    return l->cell[cell].dull == ALWAYS;
}

static int width(const struct line *l, size_t lines, unsigned cell) {
    int most = (int)strlen(l->cell[cell].head);
    for (size_t i = 0; i < lines; i++) {
        int n = snprintf(NULL, 0, "%" PRIu64, l[i].cell[cell].value);
        if (n > most) most = n;
    }
    return most;
}

static int text_width(const struct line *l, size_t lines, bool name) {
    int most = 0;
    for (size_t i = 0; i < lines; i++) {
        int n = (int)strlen(name ? l[i].name : l[i].left);
        if (n > most) most = n;
    }
    return most;
}

static int made_width(const struct line *l, size_t lines) {
    int most = 2;
    for (size_t i = 0; i < lines; i++) {
        int n = (int)strlen(l[i].made);
        if (n > most) most = n;
    }
    return most;
}

static bool any_fault(const uint64_t *faults) {
    uint64_t sum = 0;
    for (unsigned k = 0; k < KFAULT_COUNT; k++) sum += faults[k];
    return sum;
}

static void print_faults(FILE *out, const uint64_t *faults) {
    const char *before = "";
    for (unsigned k = 0; k < KFAULT_COUNT; k++) {
        if (!faults[k]) continue;
        fprintf(out, "%s%" PRIu64 " %s", before, faults[k], kfault_word(k));
        before = ", ";
    }
}

static void print_head(FILE *out, const char *left, const struct line *l, size_t lines,
                       const char *indent) {
    int names = text_width(l, lines, true), lefts = text_width(l, lines, false);
    fprintf(out, "%s%-*s", indent, lefts, left);
    for (unsigned c = 0; c < CELLS; c++)
        if (shown(l, lines, c)) fprintf(out, "  %*s", width(l, lines, c), l->cell[c].head);
    if (names) fprintf(out, "  %-*s", names > 7 ? names : 7, "Mapping");
    if (l->made) fprintf(out, "  %-*s", made_width(l, lines), "by");
    fputs("  faults\n", out);
}

static void print_line(FILE *out, const struct line *me, const struct line *l, size_t lines,
                       const char *indent) {
    int names = text_width(l, lines, true), lefts = text_width(l, lines, false);
    bool faults = any_fault(me->faults);
    fprintf(out, "%s%-*s", indent, lefts, me->left);
    for (unsigned c = 0; c < CELLS; c++)
        if (shown(l, lines, c)) fprintf(out, "  %*" PRIu64, width(l, lines, c), me->cell[c].value);
    bool more = faults || (me->made && *me->made);
    if (*me->name || (names && more))
        fprintf(out, "  %-*s", !more ? 0 : names > 7 ? names : 7, me->name);
    if (me->made && more) fprintf(out, "  %-*s", faults ? made_width(l, lines) : 0, me->made);
    if (faults) fputs("  ", out);
    print_faults(out, me->faults);
    fputc('\n', out);
}

static void print_table(FILE *out, const char *left, const struct line *l, size_t lines,
                        const char *indent) {
    print_head(out, left, l, lines, indent);
    for (size_t i = 0; i < lines; i++) print_line(out, &l[i], l, lines, indent);
}

static struct line *lines_of(size_t count) {
    struct line *l = calloc(count + 1, sizeof *l);
    if (!l) internal_error("out of memory");
    return l;
}

static void print_processes(FILE *out, const struct ps_state *s) {
    struct line *l = lines_of(s->processes);
    for (size_t i = 0; i < s->processes; i++) {
        const struct os_status *p = &s->process[i].status;
        l[i].name = "";
        l[i].faults = p->faults;
        snprintf(l[i].left, sizeof l[i].left, "%7" PRIu32 " %c", p->pid, p->state);
        status_cells(l[i].cell, p);
    }
    print_table(out, "    Pid S", l, s->processes, "");
    free(l);
}

static void print_vmas(FILE *out, const struct ps_process *p) {
    struct line *l = lines_of(p->vmas);
    for (size_t i = 0; i < p->vmas; i++) {
        const struct os_smaps *v = &p->vma[i];
        l[i].name = v->name;
        l[i].made = p->made ? p->made[i].text : NULL;
        l[i].faults = v->faults;
        snprintf(l[i].left, sizeof l[i].left, "%08" PRIx64 "-%08" PRIx64 " %s", v->start, v->end,
                 v->perm);
        smaps_cells(l[i].cell, v);
    }
    fprintf(out, "  process %" PRIu32 "\n", p->status.pid);
    print_table(out, "Address", l, p->vmas, "    ");
    free(l);
}

void ps_print(FILE *out, const struct ps *p) {
    for (size_t i = 0; i < p->states; i++) {
        const struct ps_state *s = &p->state[i];
        if (!s->taken) continue;
        fprintf(out, "\nafter record %" PRIu64, s->record);
        if (s->line) fprintf(out, ", line %" PRIu32, s->line);
        fprintf(out, ", sizes in kB: %s\n", s->text ? s->text : "the end");
        if (s->processes) print_processes(out, s);
        for (size_t k = 0; k < s->processes; k++)
            if (s->process[k].vmas) print_vmas(out, &s->process[k]);
    }
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static void put_cells(json_t *o, const struct cell *c, const uint64_t *faults) {
    json_t *kinds = json_object();
    for (unsigned i = 0; i < CELLS && c[i].head; i++)
        json_put(o, c[i].head, json_integer((json_int_t)c[i].value));
    for (unsigned k = KFAULT_NONE + 1; k < KFAULT_COUNT; k++)
        json_put(kinds, kfault_word(k), json_integer((json_int_t)faults[k]));
    json_put(o, "faults", kinds);
}

static json_t *vma_object(const struct os_smaps *v, const struct ps_made *made) {
    struct cell cells[CELLS];
    char range[64], offset[24];
    json_t *o = json_object();
    snprintf(range, sizeof range, "%08" PRIx64 "-%08" PRIx64, v->start, v->end);
    snprintf(offset, sizeof offset, "%08" PRIx64, v->offset);
    json_put(o, "range", json_string(range));
    json_put(o, "perm", json_string(v->perm));
    json_put(o, "offset", json_string(offset));
    json_put(o, "name", json_string(v->name));
    if (made && *made->text) json_put(o, "by", json_string(made->text));
    smaps_cells(cells, v);
    put_cells(o, cells, v->faults);
    return o;
}

static json_t *process_object(const struct ps_process *p) {
    struct cell cells[CELLS];
    json_t *o = json_object(), *list = json_array();
    json_put(o, "pid", json_integer(p->status.pid));
    json_put(o, "state", json_stringn(&p->status.state, 1));
    status_cells(cells, &p->status);
    put_cells(o, cells, p->status.faults);
    for (size_t i = 0; i < p->vmas; i++)
        json_push(list, vma_object(&p->vma[i], p->made ? &p->made[i] : NULL));
    json_put(o, "vmas", list);
    return o;
}

json_t *ps_json(const struct ps *p) {
    json_t *all = json_array();
    for (size_t i = 0; i < p->states; i++) {
        const struct ps_state *s = &p->state[i];
        if (!s->taken) continue;
        json_t *o = json_object(), *list = json_array();
        json_put(o, "record", json_integer((json_int_t)s->record));
        for (size_t k = 0; k < s->processes; k++) json_push(list, process_object(&s->process[k]));
        json_put(o, "processes", list);
        json_push(all, o);
    }
    return all;
}
