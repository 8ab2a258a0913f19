/* SPDX-License-Identifier: Apache-2.0
 *
 * random_huge SEED RECORDS [64|64all] >TRACE   As random.c, about huge pages: private anonymous
 * memory in cells of 256 KiB, eight to a leaf, that is mapped, cut, protected, moved, advised,
 * collapsed, paged out and shared by fork. Whether 2 MiB are a leaf hangs on when page tables come
 * and go, so that is compared as well. With 64 about folios of 64 KiB, in cells of 16 KiB, four to
 * a leaf.
 *
 * Left out, for there x86-64 is not RISC-V: MADV_DONTNEED of 2 MiB and more (PT_RECLAIM). MADV_FREE
 * and swap do not meet (traces/madvise_free_swapped_fork): a seed has one of the two. Folios of
 * 64 KiB have neither: Linux brings back 64 KiB at once, and x86-64 has a D bit for each page of
 * what is one leaf here. 64all, for the kernel half alone, has both.
 */
#include "error.h"
#include "token.h"
#include "types.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS = 40, LIVE = 3, PIDS = 10, FIRST = 0x10000000 };

struct process {
    uint32_t pid;
    uint8_t mapping[CELLS], prot[CELLS]; /* mapping 0: nothing there */
};

struct state {
    uint64_t seed, drawn;
    bool folios, all;          /* of 64 KiB */
    unsigned cell_pages, leaf; /* leaf: in cells */
    struct process live[LIVE], *now;
    unsigned count, mappings;
    uint32_t pids;
};

static unsigned draw(struct state *s, unsigned below) {
    return (unsigned)(token_mix(s->seed * 0x100000001b3 + s->drawn++) % below);
}

static uint64_t va_of(const struct state *s, unsigned cell) {
    return FIRST + cell * s->cell_pages * (uint64_t)PAGE_BYTES;
}

static unsigned bytes_of(const struct state *s, unsigned cells) {
    return cells * s->cell_pages * PAGE_BYTES;
}

/* A run of mapped cells, of one mapping and protection if `alike`; often one leaf's, whole. */
static unsigned run_of(struct state *s, unsigned *first, bool alike) {
    const struct process *p = s->now;
    unsigned want = draw(s, 3) ? 1 + draw(s, s->leaf + 4) : s->leaf, n = 1;
    for (unsigned try = 0; try < 40; try++) {
        *first = want == s->leaf ? draw(s, CELLS / s->leaf) * s->leaf : draw(s, CELLS);
        if (p->mapping[*first]) break;
    }
    if (!p->mapping[*first]) return 0;
    for (; n < want && *first + n < CELLS && p->mapping[*first + n]; n++)
        if (alike && (p->mapping[*first + n] != p->mapping[*first] ||
                      p->prot[*first + n] != p->prot[*first]))
            break;
    return n;
}

static void op_access(struct state *s) {
    unsigned first, n = run_of(s, &first, false);
    bool store = draw(s, 2);
    if (!n || !(s->now->prot[first] & (store ? 2 : 3))) return;
    printf("%c %" PRIx64 " 8\n", store ? 'S' : 'L',
           va_of(s, first) + draw(s, s->cell_pages) * (uint64_t)PAGE_BYTES + 8 * draw(s, 512));
}

static void map(struct state *s, unsigned first, unsigned n, bool populate) {
    printf("mmap 0x%" PRIx64 " %u rw- private anon%s\n", va_of(s, first), bytes_of(s, n),
           populate ? " populate" : "");
    s->mappings = s->mappings % 255 + 1;
    memset(s->now->mapping + first, (int)s->mappings, n);
    memset(s->now->prot + first, 3, n);
}

static void advise(const struct state *s, unsigned first, unsigned n, const char *advice) {
    printf("madvise 0x%" PRIx64 " %u %s\n", va_of(s, first), bytes_of(s, n), advice);
}

static void op_mmap(struct state *s) {
    unsigned n = draw(s, 2) ? s->leaf : 1 + draw(s, 2 * s->leaf);
    unsigned first = n == s->leaf ? draw(s, CELLS / s->leaf) * s->leaf : draw(s, CELLS - n);
    map(s, first, n, false);
    if (draw(s, 4)) advise(s, first, n, "hugepage");
}

static void op_collapse(struct state *s) {
    unsigned first = draw(s, CELLS / s->leaf) * s->leaf;
    map(s, first, s->leaf, draw(s, 8) == 0);
    for (unsigned i = draw(s, 5) + 1; i; i--)
        printf("S %" PRIx64 " 8\n",
               va_of(s, first) + draw(s, s->leaf * s->cell_pages) * (uint64_t)PAGE_BYTES);
    if (draw(s, 2)) advise(s, first, s->leaf, "hugepage");
    if (!s->folios) advise(s, first, s->leaf, "collapse"); /* of 2 MiB only */
}

static void op_munmap(struct state *s) {
    unsigned first, n = run_of(s, &first, false);
    if (!n) return;
    printf("munmap 0x%" PRIx64 " %u\n", va_of(s, first), bytes_of(s, n));
    memset(s->now->mapping + first, 0, n);
}

static void op_mprotect(struct state *s) {
    static const uint8_t prot[] = {1, 3, 3, 0};
    unsigned first, n = run_of(s, &first, false), p = prot[draw(s, 4)];
    if (!n) return;
    printf("mprotect 0x%" PRIx64 " %u %c%c-\n", va_of(s, first), bytes_of(s, n), p & 1 ? 'r' : '-',
           p & 2 ? 'w' : '-');
    memset(s->now->prot + first, (int)p, n);
}

static void op_advice(struct state *s) {
    static const char *const flags[] = {"hugepage", "hugepage", "nohugepage"};
    unsigned first, n = run_of(s, &first, false);
    const char *going = s->folios && !s->all ? "cold" : s->seed % 2 ? "free" : "pageout";
    if (!n) return;
    switch (draw(s, 5)) {
    case 0: advise(s, first, n < s->leaf ? n : s->leaf - 1, "dontneed"); break;
    case 1: advise(s, first, n, draw(s, 2) ? "cold" : going); break;
    case 2: advise(s, first, n, going); break;
    default: advise(s, first, n, flags[draw(s, 3)]);
    }
}

static void op_page(struct state *s) { /* about one page, or a few */
    static const char *const call[] = {"dontneed", "cold", "hugepage", "nohugepage"};
    unsigned first, n = run_of(s, &first, false), pages = 1 + draw(s, 3);
    uint64_t va = va_of(s, first) + draw(s, s->cell_pages - 3) * (uint64_t)PAGE_BYTES;
    if (n) printf("madvise 0x%" PRIx64 " %u %s\n", va, pages * PAGE_BYTES, call[draw(s, 4)]);
}

static void op_mremap(struct state *s) {
    unsigned first, n = run_of(s, &first, true), to = draw(s, CELLS - s->leaf - 4);
    if (draw(s, 2)) to = to / s->leaf * s->leaf;
    if (!n || (to < first + n && first < to + n)) return;
    uint8_t mapping = s->now->mapping[first], prot = s->now->prot[first];
    printf("mremap 0x%" PRIx64 " %u %u 0x%" PRIx64 "\n", va_of(s, first), bytes_of(s, n),
           bytes_of(s, n), va_of(s, to));
    memset(s->now->mapping + first, 0, n);
    memset(s->now->mapping + to, mapping, n);
    memset(s->now->prot + to, prot, n);
}

static void op_run(struct state *s) {
    s->now = &s->live[draw(s, s->count)];
    printf("run %u\n", s->now->pid);
}

static void op_fork(struct state *s) {
    if (s->count == LIVE || s->pids == PIDS) return;
    struct process *child = &s->live[s->count++];
    *child = *s->now;
    child->pid = ++s->pids;
    printf("fork %u\n", child->pid);
}

static void op_exit(struct state *s) {
    if (s->count < 2) return;
    puts("exit");
    *s->now = s->live[--s->count];
    op_run(s);
}

static void one(struct state *s) {
    static void (*const op[])(struct state *) = {
        op_access, op_access,   op_access, op_access, op_access,   op_access, op_access,
        op_mmap,   op_collapse, op_munmap, op_advice, op_mprotect, op_mremap, op_page,
        op_advice, op_fork,     op_exit,   op_run,    op_run};
    op[draw(s, sizeof op / sizeof *op)](s);
}

int main(int argc, char **argv) {
    if (argc != 3 && argc != 4)
        usage_error("random_huge SEED RECORDS [64|64all]", "two numbers are needed");
    static struct state s;
    s.seed = strtoull(argv[1], NULL, 0);
    s.folios = argc == 4;
    s.all = s.folios && strcmp(argv[3], "64all") == 0;
    s.leaf = s.folios ? 4 : 8;
    s.cell_pages = (s.folios ? 16 : 512) / s.leaf;
    puts("pagewalk-trace 1");
    if (s.folios) puts("set os.thp64 madvise");
    puts("process 1");
    s.now = s.live;
    s.now->pid = s.pids = s.count = 1;
    for (uint64_t n = strtoull(argv[2], NULL, 0); n; n--) one(&s);
    return 0;
}
