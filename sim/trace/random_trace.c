/* SPDX-License-Identifier: Apache-2.0
 *
 * A text trace of lawful random calls and accesses, for real kernel and kernel half alike: mmap in
 * all kinds, munmap, mprotect, madvise, mremap, mlock, mincore, brk, msync, fsync, truncate, read,
 * write, kload, kstore, fork, exec, exit. It keeps of each page only what decides whether an access
 * may be made and a call is granted, for an unannounced signal would end the trace. The pages lie
 * across the border of two page tables; the last ones are the heap.
 *
 * MADV_FREE and swap do not meet (traces/madvise_free_swapped_fork): a seed has one of the two.
 */
#include "random_trace.h"
#include "token.h"
#include "types.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PAGES = 96, HEAP = 24, CELLS = PAGES + HEAP, LIVE = 5, FILES = 2 };
enum { FIRST = 0x101d0000, HEAP_START = 0x18000000, FETCH_AT = 16 };

struct cell {
    uint32_t mapping; /* number of the mmap; 0: nothing there */
    uint8_t prot, file;
    bool shared, locked, left; /* left: by fork, MADV_DONTFORK */
    uint64_t offset, pages;    /* in the object; pages of a shared anonymous one */
};

struct process {
    uint32_t pid;
    unsigned heap; /* pages; 0: no heap yet */
    struct cell cell[CELLS];
};

struct state {
    FILE *out;
    uint64_t seed, drawn;
    uint64_t size[FILES + 1];
    struct process live[LIVE], *now;
    unsigned count;
    uint32_t mappings;
};

static unsigned draw(struct state *s, unsigned below) {
    return (unsigned)(token_mix(s->seed * 0x100000001b3 + s->drawn++) % below);
}

static uint64_t va_of(unsigned cell) {
    return cell < PAGES ? FIRST + cell * (uint64_t)PAGE_BYTES
                        : HEAP_START + (cell - PAGES) * (uint64_t)PAGE_BYTES;
}

static bool allowed(const struct state *s, const struct cell *c, char access) {
    unsigned need = access == 'I' ? 4 : access == 'L' ? 3 : 2;
    if (!c->mapping || !(c->prot & need)) return false;
    if (c->file) return c->offset * PAGE_BYTES < s->size[c->file];
    return !c->pages || c->offset < c->pages;
}

/* A run of mapped cells below `limit`; `alike`: of one mapping and one protection. */
static unsigned run_of(struct state *s, unsigned *first, unsigned limit, bool alike) {
    const struct cell *c = s->now->cell;
    unsigned most = 1 + draw(s, 8), n = 1;
    for (unsigned try = 0; try < 40; try++) {
        *first = draw(s, limit);
        if (c[*first].mapping) break;
    }
    if (!c[*first].mapping) return 0;
    for (; n < most && *first + n < limit; n++) {
        const struct cell *a = &c[*first], *b = &c[*first + n];
        if (!b->mapping || (*first < PAGES) != (*first + n < PAGES)) break;
        if (alike && (a->mapping != b->mapping || a->prot != b->prot)) break;
    }
    return n;
}

/* ---- Accesses -------------------------------------------------------------------------------- */

static void op_access(struct state *s) {
    static const char kind[] = "LLLLSSSSSMI";
    static const unsigned width[] = {1, 4, 8, 8};
    unsigned first;
    if (!run_of(s, &first, CELLS, false)) return;
    char access = kind[draw(s, sizeof kind - 1)];
    if (!allowed(s, &s->now->cell[first], access)) return;
    if (access == 'I') {
        fprintf(s->out, "I %" PRIx64 " 1\n", va_of(first) + FETCH_AT);
        return;
    }
    unsigned bytes = width[draw(s, 4)], at = draw(s, PAGE_BYTES / bytes) * bytes;
    bool next = first + 1 < PAGES && allowed(s, &s->now->cell[first + 1], access);
    if (next && access != 'M' && draw(s, 20) == 0) {
        at = PAGE_BYTES - 4;
        bytes = 8;
    }
    fprintf(s->out, "%c %" PRIx64 " %u\n", access, va_of(first) + at, bytes);
}

/* One page at most: a longer write(2) makes large folios, which the kernel half has not. */
static void op_copy(struct state *s, bool write) {
    unsigned first, file = 1 + draw(s, FILES), n = run_of(s, &first, CELLS, true);
    const struct cell *c = &s->now->cell[first];
    if (!n || c->file == file || !allowed(s, c, write ? 'L' : 'S')) return;
    unsigned at = draw(s, 2) * 8, bytes = draw(s, 2) ? 100 : PAGE_BYTES - at;
    uint64_t offset = draw(s, 12) * (uint64_t)PAGE_BYTES + at;
    fprintf(s->out, "%s %u %" PRIu64 " 0x%" PRIx64 " %u\n", write ? "write" : "read", file, offset,
            va_of(first) + at, bytes);
    if (write && offset + bytes > s->size[file]) s->size[file] = offset + bytes;
}

static void op_kernel(struct state *s) {
    unsigned first;
    if (!run_of(s, &first, CELLS, false)) return;
    fprintf(s->out, "%s 0x%" PRIx64 " %u\n", draw(s, 2) ? "kload" : "kstore",
            va_of(first) + 8 * draw(s, 500), draw(s, 2) ? 8 : PAGE_BYTES);
}

/* A VMA of its own from now on, as far as this program knows: what was split may merge again, or
 * may not, and a range of mremap lies in one VMA. */
static void split(struct state *s, unsigned first, unsigned n) {
    uint32_t was = 0;
    for (unsigned i = 0; i < n; i++) {
        struct cell *c = &s->now->cell[first + i];
        if (!c->mapping) continue;
        s->mappings += c->mapping != was;
        was = c->mapping;
        c->mapping = s->mappings;
    }
}

/* ---- Mappings -------------------------------------------------------------------------------- */

static const char *prot_word(unsigned prot, char out[4]) {
    snprintf(out, 4, "%c%c%c", prot & 1 ? 'r' : '-', prot & 2 ? 'w' : '-', prot & 4 ? 'x' : '-');
    return out;
}

static void op_mmap(struct state *s) {
    static const unsigned length[] = {1, 1, 2, 2, 3, 4, 8, 16};
    static const uint8_t prot[] = {3, 3, 3, 3, 1, 7, 5, 0, 2};
    unsigned n = length[draw(s, 8)], first = draw(s, PAGES - n), p = prot[draw(s, sizeof prot)];
    bool shared = draw(s, 3) == 0, populate = p && draw(s, 8) == 0;
    unsigned file = draw(s, 5) < 2 ? 1 + draw(s, FILES) : 0;
    uint64_t offset = file ? draw(s, (unsigned)(s->size[file] / PAGE_BYTES) + 1) : 0;
    char word[4];
    fprintf(s->out, "mmap 0x%" PRIx64 " %u %s %s ", va_of(first), n * PAGE_BYTES,
            prot_word(p, word), shared ? "shared" : "private");
    if (file)
        fprintf(s->out, "file %u %" PRIu64, file, offset * PAGE_BYTES);
    else
        fprintf(s->out, "anon");
    s->mappings++;
    if (s->mappings % 7 == 3) fputs(" noreserve", s->out); /* must not merge with what is not */
    fputs(populate ? " populate\n" : "\n", s->out);
    for (unsigned i = 0; i < n; i++)
        s->now->cell[first + i] = (struct cell){.mapping = s->mappings,
                                                .prot = (uint8_t)p,
                                                .file = (uint8_t)file,
                                                .shared = shared,
                                                .offset = offset + i,
                                                .pages = shared && !file ? n : 0};
}

static void op_munmap(struct state *s) {
    unsigned n = 1 + draw(s, 6), first = draw(s, PAGES - n);
    fprintf(s->out, "munmap 0x%" PRIx64 " %u\n", va_of(first), n * PAGE_BYTES);
    memset(&s->now->cell[first], 0, n * sizeof(struct cell));
}

static void op_mprotect(struct state *s) {
    static const uint8_t prot[] = {1, 3, 3, 3, 0, 7, 5};
    unsigned first, n = run_of(s, &first, CELLS, false), p = prot[draw(s, sizeof prot)];
    char word[4];
    if (!n) return;
    fprintf(s->out, "mprotect 0x%" PRIx64 " %u %s\n", va_of(first), n * PAGE_BYTES,
            prot_word(p, word));
    for (unsigned i = 0; i < n; i++) s->now->cell[first + i].prot = (uint8_t)p;
    split(s, first, n);
}

static bool anonymous(const struct cell *c) {
    return !c->file && !c->shared;
}

enum what { ANY, UNLOCKED, ANON, LAZY, HOLE, READS, WRITES }; /* that a whole range must be */

static bool is(const struct state *s, const struct cell *c, enum what what) {
    switch (what) {
    case UNLOCKED: return !c->locked;
    case ANON: return anonymous(c);
    case LAZY: return anonymous(c) && !c->locked;
    case HOLE: return c->shared && (c->prot & 2) && !c->locked;
    case READS: return (c->prot & 1) && allowed(s, c, 'L');
    case WRITES: return allowed(s, c, 'S');
    default: return true;
    }
}

/* A call on a range all of which is such; the cells, NULL if there is none. */
static struct cell *op_such(struct state *s, enum what what, const char *call, const char *more,
                            unsigned *n) {
    unsigned first;
    *n = run_of(s, &first, CELLS, false);
    for (unsigned i = 0; i < *n; i++)
        if (!is(s, &s->now->cell[first + i], what)) *n = i;
    if (!*n) return NULL;
    fprintf(s->out, "%s 0x%" PRIx64 " %u%s\n", call, va_of(first), *n * PAGE_BYTES, more);
    return &s->now->cell[first];
}

struct advice {
    const char *word;
    enum what what;
};

static void op_advice(struct state *s) { /* a flag of the VMA, which splits by it */
    static const struct advice advice[] = {
        {" random", ANY}, {" sequential", ANY},  {" normal", ANY},     {" dontfork", ANY},
        {" dofork", ANY}, {" wipeonfork", ANON}, {" keeponfork", ANON}};
    const struct advice *a = &advice[draw(s, sizeof advice / sizeof *advice)];
    unsigned n;
    struct cell *c = op_such(s, a->what, "madvise", a->word, &n);
    if (!c) return;
    for (unsigned i = 0; i < n; i++) {
        if (strcmp(a->word, " dontfork") == 0) c[i].left = true;
        if (strcmp(a->word, " dofork") == 0) c[i].left = false;
    }
    split(s, (unsigned)(c - s->now->cell), n);
}

static void op_pages(struct state *s) { /* advice about what is there */
    static const struct advice advice[] = {
        {" dontneed", UNLOCKED}, {" dontneed", UNLOCKED},   {" dontneed_locked", ANY},
        {" cold", UNLOCKED},     {" populate_read", READS}, {" populate_write", WRITES},
        {" remove", HOLE},       {" free", LAZY},           {" free", LAZY},
        {" free", LAZY},         {" pageout", UNLOCKED},    {" pageout", UNLOCKED},
        {" pageout", UNLOCKED},  {" willneed", ANON}};
    enum { BOTH = 7, LAZILY = 3, SWAPS = 4 };
    bool lazy = s->seed % 2;
    unsigned which = draw(s, BOTH + (lazy ? LAZILY : SWAPS));
    const struct advice *a = &advice[which < BOTH || lazy ? which : which + LAZILY];
    op_such(s, a->what, "madvise", a->word, &(unsigned){0});
}

static void op_lock(struct state *s) {
    bool unlock = draw(s, 3) == 0, onfault = !unlock && draw(s, 2);
    unsigned n;
    struct cell *c = op_such(s, unlock || onfault ? ANY : READS, unlock ? "munlock" : "mlock",
                             onfault ? " onfault" : "", &n);
    if (!c) return;
    for (unsigned i = 0; i < n; i++) c[i].locked = !unlock;
    split(s, (unsigned)(c - s->now->cell), n);
}

static void op_mremap(struct state *s) {
    struct cell moved[64] = {0};
    unsigned first, n = run_of(s, &first, PAGES, true), m = draw(s, 2) ? n : 1 + draw(s, n + 2);
    unsigned to = draw(s, PAGES - 12);
    if (!n || (to < first + n && first < to + m)) return;
    for (unsigned i = 0; i < m; i++) {
        const struct cell *c = &s->now->cell[first];
        moved[i] = *c;
        if (c->file || c->pages) moved[i].offset = c->offset + i;
    }
    bool leave = m == n && !s->now->cell[first].locked && draw(s, 4) == 0;
    fprintf(s->out, "mremap 0x%" PRIx64 " %u %u 0x%" PRIx64 "%s\n", va_of(first), n * PAGE_BYTES,
            m * PAGE_BYTES, va_of(to), leave ? " dontunmap" : "");
    if (!leave) memset(&s->now->cell[first], 0, n * sizeof(struct cell));
    memcpy(&s->now->cell[to], moved, m * sizeof(struct cell));
    split(s, to, m);
}

static void op_brk(struct state *s) {
    struct process *p = s->now;
    if (!p->heap) fprintf(s->out, "brk 0x%x\n", HEAP_START);
    unsigned pages = 1 + draw(s, HEAP - 1), from = p->heap, left = pages;
    while (left < from && !p->cell[PAGES + left].mapping) left++;
    if (pages < from && left == from) return; /* nothing that could go: MADV_DONTFORK */
    fprintf(s->out, "brk 0x%" PRIx64 "\n", va_of(PAGES + pages));
    s->mappings++;
    for (unsigned i = from; i < pages; i++)
        p->cell[PAGES + i] = (struct cell){.mapping = s->mappings, .prot = 3};
    for (unsigned i = pages; i < from; i++) p->cell[PAGES + i] = (struct cell){0};
    p->heap = pages;
}

/* ---- Files and processes --------------------------------------------------------------------- */

static void op_truncate(struct state *s) {
    unsigned file = 1 + draw(s, FILES);
    s->size[file] = draw(s, 2) ? 1 + draw(s, 90000) : PAGE_BYTES * (uint64_t)draw(s, 20);
    fprintf(s->out, "truncate %u %" PRIu64 "\n", file, s->size[file]);
}

/* The number of one that has ended, if there is any. */
static uint32_t new_pid(const struct state *s) {
    for (uint32_t pid = 1;; pid++) {
        unsigned i = 0;
        while (i < s->count && s->live[i].pid != pid) i++;
        if (i == s->count) return pid;
    }
}

static void op_fork(struct state *s) {
    if (s->count == LIVE) return;
    uint32_t pid = new_pid(s);
    struct process *child = &s->live[s->count++];
    *child = *s->now;
    child->pid = pid;
    for (struct cell *c = child->cell; c < child->cell + CELLS; c++) {
        if (c->left) *c = (struct cell){0};
        c->locked = false;
    }
    fprintf(s->out, "fork %u\n", child->pid);
}

static void op_run(struct state *s) {
    s->now = &s->live[draw(s, s->count)];
    fprintf(s->out, "run %u\n", s->now->pid);
}

static void op_end(struct state *s) {
    if (s->count < 2) return;
    if (draw(s, 2))
        fputs("exit\n", s->out);
    else
        fputs("L 30000000 8\nexpect sigsegv maperr\n", s->out);
    *s->now = s->live[--s->count];
    op_run(s);
}

static void op_exec(struct state *s) {
    uint32_t pid = s->now->pid;
    *s->now = (struct process){.pid = pid};
    fprintf(s->out, "process %u\n", pid);
}

static void op_msync(struct state *s) {
    op_such(s, ANY, "msync", "", &(unsigned){0});
}

static void op_mincore(struct state *s) {
    op_such(s, ANY, "mincore", "", &(unsigned){0});
}

static void op_fsync(struct state *s) {
    fprintf(s->out, "fsync %u\n", 1 + draw(s, FILES));
}

static void op_read(struct state *s) {
    op_copy(s, false);
}

static void op_write(struct state *s) {
    op_copy(s, true);
}

static void one(struct state *s) {
    static const struct {
        unsigned weight;
        void (*op)(struct state *);
    } table[] = {{92, op_access},  {18, op_mmap},  {6, op_munmap}, {16, op_mprotect},
                 {8, op_advice},   {10, op_pages}, {6, op_lock},   {8, op_mremap},
                 {4, op_brk},      {5, op_fork},   {12, op_run},   {3, op_end},
                 {1, op_exec},     {4, op_msync},  {2, op_fsync},  {2, op_mincore},
                 {3, op_truncate}, {4, op_read},   {4, op_write},  {8, op_kernel}};
    unsigned weights = 0, i = 0;
    for (size_t n = 0; n < sizeof table / sizeof *table; n++) weights += table[n].weight;
    unsigned what = draw(s, weights);
    for (; what >= table[i].weight; i++) what -= table[i].weight;
    table[i].op(s);
}

void random_trace(FILE *out, uint32_t seed, uint64_t records) {
    struct state s = {.out = out, .seed = seed};
    s.size[1] = draw(&s, 2) ? 5000 : 81920;
    s.size[2] = draw(&s, 2) ? 12345 : 40960;
    fputs("pagewalk-trace 1\n", out);
    for (unsigned f = 1; f <= FILES; f++)
        fprintf(out, "file %u /tmp/f%u size %" PRIu64 "\n", f, f, s.size[f]);
    fputs("process 1\n", out);
    s.now = s.live;
    s.now->pid = s.count = 1;
    for (uint64_t n = records; n; n--) one(&s);
    for (unsigned i = 0; s.seed % 4 < 2 && i < s.count; i++) /* nothing of them may be left */
        fprintf(out, "run %u\nexit\n", s.live[i].pid);
}
