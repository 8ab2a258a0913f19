/* SPDX-License-Identifier: Apache-2.0
 *
 * What runner and kernel half share: the plan of a trace, the containers of what was seen, and the
 * one way to print a row. Frames have no names here: their numbers differ between kernels and from
 * run to run. What remains is identity: with the frame before, and with other pages now.
 */
#include "row.h"
#include "error.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* ---- The plan of a trace --------------------------------------------------------------------- */

bool plan_performed(const struct trace_record *r) {
    return r->kind == TRACE_ACCESS || r->kind == TRACE_SWITCH ||
           (r->kind == TRACE_CALL && r->call.nr != CALL_FILE);
}

static void plan_file(struct plan *p, const struct trace_record *r) {
    if (p->files == sizeof p->file / sizeof *p->file)
        input_error(p->path, r->line, 0, "declare fewer", "a trace with so many files has no rows");
    p->file[p->files] = *r;
    p->file[p->files++].call.path = strdup(r->call.path);
}

/* A bit a record so far; the last row is what the signal is about. */
static void plan_catch(struct plan *p) {
    size_t words = p->records / 64 + 1;
    if (words > p->caught_words) {
        p->caught = realloc(p->caught, words * sizeof *p->caught);
        if (!p->caught) internal_error("out of memory");
        memset(p->caught + p->caught_words, 0, (words - p->caught_words) * sizeof *p->caught);
        p->caught_words = words;
    }
    p->caught[p->records / 64] |= 1ull << p->records % 64;
}

bool plan_caught(const struct plan *p, uint64_t row) {
    return row / 64 < p->caught_words && p->caught[row / 64] >> row % 64 & 1;
}

static void plan_fetch(struct plan *p, vaddr_t va) {
    if (!plan_fetched(p, va) && p->fetches < sizeof p->fetched / sizeof *p->fetched)
        p->fetched[p->fetches++] = (uint16_t)(va % PAGE_BYTES);
}

bool plan_shmem(const struct plan *p, const char *name) {
    for (size_t i = 0; i < p->files; i++)
        if (!strcmp(p->file[i].call.path, name) && p->file[i].call.arg[1] == STORE_TMPFS)
            return true;
    return !strncmp(name, "/dev/zero", 9);
}

bool plan_fetched(const struct plan *p, vaddr_t va) {
    for (size_t i = 0; i < p->fetches; i++)
        if (p->fetched[i] == va % PAGE_BYTES) return true;
    return false;
}

void plan_make(struct plan *p, const char *path) {
    struct trace *t = trace_open(path);
    struct trace_record r;
    char line[TRACE_TEXT_MAX + 256];
    *p = (struct plan){.path = path};
    XXH64_state_t *hash = XXH64_createState();
    XXH64_reset(hash, 0);
    while (trace_next(t, &r)) {
        if (r.kind == TRACE_CALL && r.call.nr == CALL_FILE) plan_file(p, &r);
        if (r.kind == TRACE_ACCESS && r.access == ACCESS_FETCH) {
            plan_fetch(p, r.va);
            if (r.va % PAGE_BYTES + r.bytes > PAGE_BYTES) plan_fetch(p, 0);
        }
        p->records += plan_performed(&r);
        if (r.kind == TRACE_SIGNAL && r.caught) plan_catch(p);
        if (r.kind == TRACE_EXPECT || r.kind == TRACE_NOTE || r.kind == TRACE_SIGNAL) continue;
        XXH64_update(hash, line, trace_print(&r, line, sizeof line));
        XXH64_update(hash, "\n", 1);
    }
    p->hash = XXH64_digest(hash);
    XXH64_freeState(hash);
    trace_close(t);
}

/* ---- Containers ------------------------------------------------------------------------------ */

static void *room(void *array, size_t count, size_t *have, size_t bytes) {
    if (count < *have) return array;
    *have = *have ? 2 * *have : 32;
    array = realloc(array, *have * bytes);
    if (!array) internal_error("out of memory");
    return array;
}

void seen_add_vma(struct seen_mm *m, const struct seen_vma *v) {
    m->vma = room(m->vma, m->vmas, &m->vma_room, sizeof *m->vma);
    m->vma[m->vmas++] = *v;
}

void seen_add_page(struct seen_mm *m, const struct seen_page *p) {
    m->page = room(m->page, m->pages, &m->page_room, sizeof *m->page);
    m->page[m->pages++] = *p;
}

void seen_clear(struct seen_mm *m) {
    m->vmas = m->pages = 0;
    memset(m->smaps, 0, sizeof m->smaps);
}

const struct seen_mm *seen_find(const struct seen *s, uint32_t pid) {
    for (size_t i = 0; i < s->count; i++)
        if (s->mm[i].pid == pid) return &s->mm[i];
    return NULL;
}

struct seen_mm *seen_of(struct seen *s, uint32_t pid) {
    size_t i = 0;
    while (i < s->count && s->mm[i].pid < pid) i++;
    if (i < s->count && s->mm[i].pid == pid) return &s->mm[i];
    if (s->count == ROW_PROCESSES) internal_error("a trace with so many processes has no rows");
    memmove(&s->mm[i + 1], &s->mm[i], (s->count++ - i) * sizeof *s->mm);
    s->mm[i] = (struct seen_mm){.pid = pid};
    return &s->mm[i];
}

const struct seen_page *seen_page_at(const struct seen_mm *m, vaddr_t va) {
    va -= va % PAGE_BYTES;
    for (size_t i = 0; m && i < m->pages; i++)
        if (m->page[i].va == va) return &m->page[i];
    return NULL;
}

const struct seen_vma *seen_vma_at(const struct seen_mm *m, vaddr_t va) {
    for (size_t i = 0; m && i < m->vmas; i++)
        if (m->vma[i].start <= va && va < m->vma[i].end) return &m->vma[i];
    return NULL;
}

void seen_free(struct seen *s) {
    for (size_t i = 0; i < s->count; i++) {
        free(s->mm[i].vma);
        free(s->mm[i].page);
    }
    s->count = 0;
}

/* START-END PERM OFFSET DEVICE INODE NAME: device and inode are each kernel's own. */
static bool maps_line(const char *line, struct seen_vma *v) {
    int at = 0;
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*s %*s%n", &v->start, &v->end,
               v->perm, &v->offset, &at) < 4)
        return false;
    at += (int)strspn(line + at, " ");
    size_t n = strcspn(line + at, "\n");
    snprintf(v->name, sizeof v->name, "%.*s", (int)n, line + at);
    return true;
}

void seen_maps(struct seen_mm *m, const char *text) {
    for (const char *line = text; line && *line; line = strchr(line, '\n')) {
        struct seen_vma v = {0};
        line += *line == '\n';
        if (maps_line(line, &v)) seen_add_vma(m, &v);
    }
}

/* ---- Printing -------------------------------------------------------------------------------- */

struct row_state {
    struct text {
        uint32_t pid;
        char *text;
    } of[ROW_PROCESSES];
    size_t count;
};

struct owner { /* the first page, in order of process and address, of a frame */
    uint32_t pid;
    vaddr_t va;
};

static struct owner owner_of(const struct seen *s, const struct seen_page *p, uint32_t pid) {
    for (size_t i = 0; i < s->count; i++)
        for (size_t k = 0; k < s->mm[i].pages; k++) {
            const struct seen_page *q = &s->mm[i].page[k];
            if (q->frame == p->frame && q->kind != 'S') return (struct owner){s->mm[i].pid, q->va};
        }
    return (struct owner){pid, p->va};
}

static void print_vmas(FILE *f, const struct seen_mm *m) {
    for (size_t i = 0; i < m->vmas; i++) {
        const struct seen_vma *v = &m->vma[i];
        fprintf(f, " %" PRIx64 "-%" PRIx64 " %s", v->start, v->end, v->perm);
        if (v->offset) fprintf(f, " @%" PRIx64, v->offset);
        if (*v->name) fprintf(f, " %s", v->name);
        fputc(',', f);
    }
}

static void print_smaps(FILE *f, const struct seen_mm *m) {
    static const char *const name[] = {"rss",  "sc",   "sd",   "pc",     "pd",
                                       "anon", "lazy", "swap", "locked", "huge"};
    for (int i = 0; i < SMAPS_FIELDS; i++)
        if (i <= SMAPS_ANONYMOUS || m->smaps[i]) fprintf(f, " %s %" PRIu64, name[i], m->smaps[i]);
}

/* A frame that a call freed may be the next it takes, and what compaction moves is each kernel's
 * own affair: only an access tells of the frame before. */
static void print_pages(FILE *f, const struct row *r, const struct seen_mm *m,
                        const struct seen *before, const struct seen *after) {
    uint8_t nr = r->record->kind == TRACE_CALL ? r->record->call.nr : CALL_NONE;
    bool call = nr != CALL_NONE && (nr < CALL_READ || nr == CALL_COMPACT);
    const struct seen_mm *was = call ? NULL : seen_find(before, m->pid);
    char last[64] = "";
    vaddr_t end = 0;
    for (size_t i = 0; i < m->pages; i++) {
        const struct seen_page *p = &m->page[i], *old = seen_page_at(was, p->va);
        struct owner o = owner_of(after, p, m->pid);
        char word[64], twin[40] = "";
        if (p->kind != 'Z' && p->kind != 'S' && (o.pid != m->pid || o.va != p->va))
            snprintf(twin, sizeof twin, "=%u:%+" PRId64, o.pid, (int64_t)(o.va - p->va));
        snprintf(word, sizeof word, "%s%c%s%s", p->huge ? "2" : "", p->kind,
                 old && old->frame != p->frame ? "'" : "", twin);
        if (p->huge && p->va % LEAF_BYTES) continue; /* of the leaf before it */
        if (p->va == end && strcmp(word, last) == 0) {
            fputc('.', f); /* one page more of the same */
        } else {
            fprintf(f, " %" PRIx64 " %s", p->va, word);
        }
        strcpy(last, word);
        end = p->va + PAGE_BYTES;
    }
}

static char *text_of(const struct row *r, const struct seen_mm *m, const struct seen *before,
                     const struct seen *after) {
    char *text;
    size_t bytes;
    FILE *f = open_memstream(&text, &bytes);
    if (!f) internal_error("out of memory");
    if (m->alive) {
        print_vmas(f, m);
        fputc(';', f);
        print_smaps(f, m);
        fputc(';', f);
        print_pages(f, r, m, before, after);
    } else {
        fputs(" gone", f);
    }
    fclose(f);
    return text;
}

static bool text_changed(struct row_state *s, uint32_t pid, char *text) {
    size_t i = 0;
    while (i < s->count && s->of[i].pid != pid) i++;
    if (i == s->count) s->of[s->count++] = (struct text){.pid = pid};
    bool changed = !s->of[i].text || strcmp(s->of[i].text, text) != 0;
    free(s->of[i].text);
    s->of[i].text = text;
    return changed;
}

/* Of kload and kstore only all or nothing is said: which call makes the access is not, and calls
 * differ in what they make of half a copy. */
static void print_end(FILE *f, const struct row *r) {
    uint8_t nr = r->record->kind == TRACE_CALL ? r->record->call.nr : CALL_NONE;
    bool some = nr == CALL_KLOAD || nr == CALL_KSTORE || nr == CALL_SIGFRAME;
    if (r->sig)
        fprintf(f, "%s %s", signal_word(r->sig), sicode_word(r->code));
    else if (r->efault || (some && r->done < r->record->call.arg[1]))
        fputs("efault", f);
    else if (r->eio)
        fputs("eio", f);
    else if (call_copies(nr))
        fprintf(f, "%" PRIu64, r->done);
    else
        fputs("ok", f);
}

/* Bytes the runner had to replace, to be able to fetch there, are no one's opinion. */
static void print_value(FILE *f, const struct plan *p, const struct row *r) {
    vaddr_t va = r->record->kind == TRACE_CALL ? r->record->call.arg[0] : r->record->va;
    for (size_t i = 0; i < r->values; i++) {
        if (plan_fetched(p, va + i))
            fputs("..", f);
        else
            fprintf(f, "%02x", r->value[i]);
    }
    if (!r->values) fputc('-', f);
}

void row_print(FILE *f, const struct plan *p, const struct row *r, const struct seen *before,
               const struct seen *after, struct row_state **state) {
    char record[TRACE_TEXT_MAX + 256];
    size_t n = trace_print(r->record, record, sizeof record);
    fprintf(f, "%" PRIu64 " | %.*s |", r->number, (int)n, record);
    for (size_t i = 0; i < r->faults; i++) {
        const struct seen_fault *t = &r->fault[i];
        fprintf(f, " %c %c %" PRIx64 " p%d %s", t->kernel ? 'k' : 'u', t->access, t->va, t->present,
                kfault_word(t->kind));
    }
    bool gup = r->record->kind == TRACE_CALL && r->record->call.nr == CALL_GUP;
    if (gup && !r->faults) fputs(" -", f); /* get_user_pages: faults of the task, no exceptions */
    if (r->faults || gup)
        fprintf(f, " | minor %" PRIu64 " major %" PRIu64 " | ", r->minor, r->major);
    else
        fputs(" - | - | ", f);
    print_end(f, r);
    fputs(" | ", f);
    print_value(f, p, r);
    fputs(" |", f);
    if (!*state) *state = calloc(1, sizeof **state);
    for (size_t i = 0; i < after->count; i++) {
        char *text = text_of(r, &after->mm[i], before, after);
        if (text_changed(*state, after->mm[i].pid, text))
            fprintf(f, " {%u:%s}", after->mm[i].pid, text);
    }
    fputc('\n', f);
}

void row_state_free(struct row_state *s) {
    for (size_t i = 0; s && i < s->count; i++) free(s->of[i].text);
    free(s);
}
