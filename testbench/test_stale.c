/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel-side check, shown to catch what it is for: on tables written by hand, each of its
 * three demands, and what must not alarm it; then on the kernel half, each rule of os.skip_fence.
 * A rule that is needed is reported; one that is eager changes nothing but spurious faults, on a
 * hart that caches all it may.
 */
#include "os_hart.h"

/* ---- By hand: a root, a table below it, a leaf table below that ------------------------ */
enum { ROOT = 0x80000, MIDDLE, LEAVES, FRAME, OTHER };
#define VA   0x40201000ull /* index 1, 1, 1 */
#define LEAF (((paddr_t)LEAVES << 12) + 8)
#define RWD  (PTE_V | PTE_R | PTE_W | PTE_U | PTE_A | PTE_D)
#define ASID 7

struct bench {
    struct mem *mem;
    struct stale *stale;
    uint8_t prot;
    bool vma;
};

static bool bench_vma(const void *who, ppn_t root, vaddr_t va, uint8_t *prot) {
    const struct bench *b = who;
    (void)root;
    (void)va;
    *prot = b->prot;
    return b->vma;
}

static void put(struct bench *b, paddr_t pa, pte_t pte) {
    stale_pte_write(b->stale, pa, mem_read64(b->mem, pa), pte);
    mem_write64(b->mem, pa, pte);
}

static pte_t to(ppn_t ppn, pte_t bits) {
    return ppn << PTE_PPN_SHIFT | bits;
}

static uint64_t satp(ppn_t root, uint64_t asid) {
    return (uint64_t)MODE_SV39 << SATP_MODE_SHIFT | asid << SATP_ASID_SHIFT | root;
}

static struct bench *bench_new(void) {
    struct bench *b = calloc(1, sizeof *b);
    b->mem = mem_new(1 << 20);
    b->stale = stale_new(b->mem, MODE_SV39, bench_vma, b);
    b->vma = true;
    b->prot = PROT_R | PROT_W;
    put(b, ((paddr_t)ROOT << 12) + 8, to(MIDDLE, PTE_V));
    put(b, ((paddr_t)MIDDLE << 12) + 8, to(LEAVES, PTE_V));
    put(b, LEAF, to(FRAME, RWD));
    stale_satp(b->stale, satp(ROOT, ASID));
    return b;
}

/* 16 PTEs of one run, from VA's run on; the frame is a multiple of 16. */
enum { RUN_FRAME = 0x80040 };
#define RUN (LEAF & ~127ull)
static void run_is(struct bench *b, pte_t bits, unsigned from, unsigned to_) {
    for (unsigned i = from; i < to_; i++)
        put(b, RUN + 8 * i, bits ? to(RUN_FRAME + NAPOT_ENCODING, bits | PTE_N) : 0);
}

static void bench_end(struct bench *b, const char *found) {
    const char *why = stale_found(b->stale);
    if (!found != !why || (found && !strstr(why, found)))
        fail_msg("want %s, found %s", found ? found : "nothing", why ? why : "nothing");
    stale_delete(b->stale);
    mem_delete(b->mem);
    free(b);
}

#define BENCH struct bench *b = bench_new()

static void test_freed(void **state) {
    (void)state;
    BENCH;
    put(b, LEAF, 0);
    stale_freed(b->stale, OTHER);
    stale_freed(b->stale, FRAME);
    bench_end(b, "frame 0x80003 is free, and ASID 7 may still translate 0x40201000 (4 KiB)");
    b = bench_new();
    put(b, ((paddr_t)MIDDLE << 12) + 8, 0);
    stale_fence(b->stale, FENCE_SFENCE_VMA, true, true, VA, ASID); /* rs1: leaf entries only */
    stale_freed(b->stale, LEAVES);
    bench_end(b, "frame 0x80002 is free, and ASID 7 may still walk 0x40200000 by the table");
    b = bench_new();
    stale_freed(b->stale, ROOT);
    bench_end(b, "it is the root table in satp");
}

static void test_cleaned(void **state) {
    (void)state;
    BENCH;
    put(b, LEAF, to(FRAME, RWD & ~(PTE_W | PTE_D)));
    stale_cleaned(b->stale, FRAME);
    bench_end(b, "the page in frame 0x80003 counts as clean, and ASID 7");
    b = bench_new();
    put(b, LEAF, to(FRAME, RWD & ~PTE_D));
    stale_user(b->stale);
    bench_end(b, "a store to 0x40201000 would not set D again");
}

static void test_user(void **state) {
    (void)state;
    BENCH;
    put(b, LEAF, to(FRAME, RWD & ~PTE_W));
    stale_user(b->stale);
    bench_end(b, "VMA and page table allow no writes at 0x40201000");
    b = bench_new();
    put(b, LEAF, to(OTHER, RWD));
    stale_user(b->stale);
    bench_end(b, "the page table maps 0x40201000 to frame 0x80004");
    b = bench_new();
    put(b, LEAF, 0);
    stale_user(b->stale);
    bench_end(b, "the page table maps 0x40201000 to nothing");
    b = bench_new();
    put(b, LEAF, 0);
    b->vma = false;
    stale_user(b->stale);
    bench_end(b, "no VMA is left");
    b = bench_new();
    put(b, LEAF, to(FRAME, (RWD & ~PTE_R & ~PTE_W) | PTE_X));
    b->prot = PROT_X;
    stale_user(b->stale);
    bench_end(b, "allow no reads");
}

/* Two address spaces, one ASID. */
static void test_alias(void **state) {
    (void)state;
    BENCH;
    stale_satp(b->stale, satp(OTHER, ASID));
    stale_user(b->stale);
    bench_end(b, "the page table maps 0x40201000 to nothing");
    b = bench_new();
    stale_satp(b->stale, satp(OTHER, ASID));
    stale_fence(b->stale, FENCE_SFENCE_VMA, false, true, 0, ASID);
    stale_user(b->stale);
    bench_end(b, NULL);
    b = bench_new();
    stale_satp(b->stale, satp(OTHER, ASID + 1));
    stale_user(b->stale);
    bench_end(b, NULL);
}

static void test_silent(void **state) {
    (void)state;
    BENCH;
    put(b, LEAF, to(FRAME, RWD | PTE_X));            /* more than before */
    put(b, LEAF, to(FRAME, (RWD | PTE_X) & ~PTE_A)); /* aging */
    stale_user(b->stale);
    assert_int_equal(stale_kept(b->stale), 0);
    put(b, LEAF, to(OTHER, RWD));
    stale_fence(b->stale, FENCE_SFENCE_VMA, true, true, VA + 1, ASID);
    stale_freed(b->stale, FRAME);
    put(b, LEAF, 0);
    stale_fence(b->stale, FENCE_SFENCE_VMA, true, false, VA, 0);
    put(b, ((paddr_t)MIDDLE << 12) + 8, 0);
    stale_fence(b->stale, FENCE_SFENCE_VMA, false, true, 0, ASID);
    stale_freed(b->stale, OTHER);
    stale_freed(b->stale, LEAVES);
    stale_user(b->stale);
    stale_satp(b->stale, satp(OTHER, 0)); /* ROOT is live no longer once fenced */
    stale_fence(b->stale, FENCE_SFENCE_VMA, false, false, 0, 0);
    put(b, ((paddr_t)MIDDLE << 12) + 8, to(LEAVES, PTE_V));
    put(b, ((paddr_t)MIDDLE << 12) + 8, 0);
    stale_freed(b->stale, LEAVES);
    bench_end(b, NULL);
}

/* A fence of another address or ASID, or too early, covers nothing. */
static void test_uncovered(void **state) {
    (void)state;
    BENCH;
    stale_fence(b->stale, FENCE_SFENCE_VMA, false, false, 0, 0);
    put(b, LEAF, 0);
    stale_fence(b->stale, FENCE_SFENCE_VMA, true, true, VA + 4096, ASID);
    stale_fence(b->stale, FENCE_SFENCE_VMA, false, true, 0, ASID + 1);
    stale_freed(b->stale, FRAME);
    bench_end(b, "frame 0x80003 is free");
}

/* A 2 MiB leaf split into pages: lawful as it stands, unlawful once one page goes. */
static void test_large(void **state) {
    (void)state;
    const paddr_t middle = ((paddr_t)MIDDLE << 12) + 8;
    BENCH;
    put(b, middle, to(0x80200, RWD));
    stale_fence(b->stale, FENCE_SFENCE_VMA, false, true, 0, ASID);
    for (unsigned i = 0; i < 512; i++) put(b, ((paddr_t)OTHER << 12) + i * 8, to(0x80200 + i, RWD));
    put(b, middle, to(OTHER, PTE_V));
    stale_user(b->stale);
    assert_null(stale_found(b->stale));
    put(b, ((paddr_t)OTHER << 12) + 5 * 8, 0);
    stale_fence(b->stale, FENCE_SFENCE_VMA, true, true, 0x40205000, ASID);
    stale_user(b->stale);
    bench_end(b, NULL);
}

/* Of one PTE with N a hart may have made entries for all 16 pages, and fences take them one by one:
 * all is well only if the 16 go together and each page is fenced. */
static void test_napot(void **state) {
    (void)state;
    for (unsigned missing = 0; missing <= 2; missing++) {
        BENCH;
        put(b, LEAF, 0);
        stale_fence(b->stale, FENCE_SFENCE_VMA, false, true, 0, ASID);
        run_is(b, RWD & ~(PTE_A | PTE_D), 0, 16);
        stale_user(b->stale);
        put(b, RUN + 8 * 3, to(RUN_FRAME + NAPOT_ENCODING, RWD | PTE_N)); /* A and D of one alone */
        stale_user(b->stale);
        assert_null(stale_found(b->stale));
        run_is(b, 0, 0, missing == 1 ? 15 : 16);
        for (vaddr_t page = 0; page < 16; page++)
            if (missing != 2 || page != 7)
                stale_fence(b->stale, FENCE_SFENCE_VMA, true, true, (VA & ~0xffffull) + page * PAGE,
                            ASID);
        if (missing != 1) stale_freed(b->stale, RUN_FRAME + 7);
        stale_user(b->stale);
        bench_end(b, missing == 2   ? "frame 0x80047 is free, and ASID 7 may still translate "
                                      "0x40200000 (64 KiB)"
                     : missing == 1 ? "1 of the 16 PTEs from 0x80002000 on have N"
                                    : NULL);
    }
    BENCH;
    run_is(b, RWD, 0, 16);
    stale_fence(b->stale, FENCE_SFENCE_VMA, false, true, 0, ASID);
    put(b, RUN, to(RUN_FRAME + NAPOT_ENCODING, (RWD & ~PTE_D) | PTE_N));
    stale_fence(b->stale, FENCE_SFENCE_VMA, false, true, 0, ASID);
    stale_cleaned(b->stale, RUN_FRAME + 1);
    bench_end(b, "the page in frame 0x80041 counts as clean, and a PTE of its run has D");
}

/* A word below a pointer that went without a fence: it may have been cached before. */
static void test_below(void **state) {
    (void)state;
    BENCH;
    put(b, ((paddr_t)MIDDLE << 12) + 8, 0);
    put(b, LEAF, 0);
    stale_fence(b->stale, FENCE_SFENCE_VMA, true, true, VA + 4096, ASID); /* of another leaf */
    stale_freed(b->stale, FRAME);
    bench_end(b, "frame 0x80003 is free, and ASID 7 may still translate 0x40201000 (4 KiB)");
    b = bench_new();
    put(b, ((paddr_t)ROOT << 12) + 8, 0); /* two levels up */
    put(b, LEAF, 0);
    stale_freed(b->stale, FRAME);
    bench_end(b, "frame 0x80003 is free, and ASID 7 may still translate 0x40201000 (4 KiB)");
    b = bench_new();
    put(b, ((paddr_t)MIDDLE << 12) + 8, 0);
    stale_fence(b->stale, FENCE_SFENCE_VMA, false, true, 0, ASID);
    put(b, LEAF, 0);
    stale_freed(b->stale, FRAME);
    bench_end(b, NULL);
}

/* Svinval: all three, in their order, between the store and who relies on it. */
static void test_svinval(void **state) {
    static const struct {
        const char *order; /* p: the store; w, i, o (another page), r: Svinval */
        bool safe;
    } row[] = {{"pwir", true},  {"pir", false},  {"pwi", false},   {"pwr", false},
               {"piwr", false}, {"wpir", false}, {"pwor", false},  {"pwoir", true},
               {"pwri", false}, {"wpwir", true}, {"pwirir", true}, {"pwrir", true}};
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        BENCH;
        for (const char *at = row[i].order; *at; at++) {
            vaddr_t va = *at == 'o' ? VA + 4096 : VA;
            if (*at == 'p') put(b, LEAF, 0);
            if (*at == 'w') stale_fence(b->stale, FENCE_SFENCE_W_INVAL, false, false, 0, 0);
            if (*at == 'i' || *at == 'o')
                stale_fence(b->stale, FENCE_SINVAL_VMA, true, true, va, ASID);
            if (*at == 'r') stale_fence(b->stale, FENCE_SFENCE_INVAL_IR, false, false, 0, 0);
        }
        stale_freed(b->stale, FRAME);
        bench_end(b, row[i].safe ? NULL : "frame 0x80003 is free");
    }
}

/* ---- The kernel half ------------------------------------------------------------------ */
static void napot(struct world *w) { /* where a hart has Svnapot and os.thp64 is not never */
    const vaddr_t at = AT + (1 << 20);
    MMAP(1, at, 32 * PAGE, RW, ANON);
    store(w, 1, at, 1);
    store(w, 1, at + 20 * PAGE, 2);
    MPROTECT(1, at, 16 * PAGE, PROT_R);
    MPROTECT(1, at, 16 * PAGE, RW);
    MPROTECT(1, at + 5 * PAGE, PAGE, PROT_R);
    load_is(w, 1, at + 6 * PAGE, 0);
    ok(w, CALL_MADVISE, 1, 0, at + 16 * PAGE, 16 * PAGE, 20, 0, 0); /* cold */
    load_is(w, 1, at + 20 * PAGE, 2);
    ok(w, CALL_MREMAP, 1, 0, at + 16 * PAGE, 16 * PAGE, 16 * PAGE, 3, at + 64 * PAGE);
    load_is(w, 1, at + 68 * PAGE, 2);
    MUNMAP(1, at + 64 * PAGE, 16 * PAGE);
}

static void busy(struct world *w) { /* meets every rule that its configuration can meet */
    EXEC(1);
    FILE_OF(1, 16 * PAGE);
    MMAP(1, AT, 8 * PAGE, RW, ANON);
    for (unsigned i = 0; i < 8; i++) store(w, 1, AT + i * PAGE, (uint8_t)i);
    MPROTECT(1, AT + 7 * PAGE, PAGE, PROT_R);
    ok(w, CALL_MADVISE, 1, 0, AT + 6 * PAGE, PAGE, 4, 0, 0);
    load_is(w, 1, AT + 6 * PAGE, 0);
    store(w, 1, AT + 6 * PAGE, 6);
    ok(w, CALL_MREMAP, 1, 0, AT + 5 * PAGE, PAGE, PAGE, 3, AT + 16 * PAGE);
    load_is(w, 1, AT + 16 * PAGE, 5);
    napot(w);
    MMAP(1, AT + (2 << 20), 2 << 20, RW, ANON);
    store(w, 1, AT + (2 << 20), 7);
    ok(w, CALL_MADVISE, 1, 0, AT + (2 << 20), 2 << 20, 25, 0, 0); /* collapse */
    load_is(w, 1, AT + (2 << 20), 7);
    FORK(1, 2);
    load_is(w, 1, AT, 0);
    store(w, 1, AT, 9);
    store(w, 2, AT + PAGE, 8);
    load_is(w, 1, AT + PAGE, 1);
    MMAP_FILE(1, AT + (2ull << 30), 4 * PAGE, RW, SHARED, 1, 0);
    store(w, 1, AT + (2ull << 30), 1);
    ok(w, CALL_MSYNC, 1, 0, AT + (2ull << 30), PAGE, 0, 0, 0);
    store(w, 1, AT + (2ull << 30), 2);
    MUNMAP(1, AT + (2ull << 30), 4 * PAGE);
    for (uint32_t pid = 3; pid < 8; pid++) {
        EXEC(pid);
        MMAP(pid, AT, PAGE, RW, ANON);
        store(w, pid, AT, (uint8_t)pid);
    }
    for (uint32_t pid = 3; pid < 8; pid++) load_is(w, pid, AT, (uint8_t)pid);
    for (uint32_t pid = 1; pid < 8; pid++) EXIT(pid);
}

static struct config with(uint32_t rule) {
    struct config cfg;
    config_defaults(&cfg);
    cfg.mem_mib = 64;
    cfg.os_skip_fence = rule;
    cfg.os_svvptc = rule == RULE_COW; /* else the eager fence of the same page covers it */
    cfg.os_asids = rule != RULE_SWITCH;
    cfg.asid_bits = rule == RULE_ROLLOVER ? 2 : 16;
    return cfg;
}

static void test_needed(void **state) {
    static const uint32_t needed[] = {RULE_UNMAP,  RULE_TABLES,  RULE_MPROTECT, RULE_FORK,
                                      RULE_MREMAP, RULE_COW,     RULE_MKCLEAN,  RULE_ROLLOVER,
                                      RULE_SWITCH, RULE_COLLAPSE};
    (void)state;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        struct config cfg = with(needed[i]);
        for (int skip = 0; skip < 2; skip++) {
            if (!skip) cfg.os_skip_fence = RULE_NONE;
            cfg.os_thp64 = i % 2 ? THP_ALWAYS : THP_NEVER;
            struct world *w = world_of(&cfg);
            busy(w);
            assert_int_equal(!stale_found(w->stale), !skip);
            world_end(w);
            cfg.os_skip_fence = needed[i];
        }
    }
}

static uint64_t spurious(uint32_t rule, bool svadu) {
    struct config cfg = with(rule);
    cfg.os_svadu = svadu;
    struct world *w = world_of(&cfg);
    w->stubborn = true;
    busy(w);
    assert_null(stale_found(w->stale));
    uint64_t n = os_get_stats(w->os)->spurious;
    world_end(w);
    return n;
}

static void test_eager(void **state) {
    (void)state;
    for (int svadu = 0; svadu < 2; svadu++) {
        assert_int_equal(spurious(RULE_NONE, svadu), 0);
        assert_true(spurious(RULE_VALID, svadu) > 0);
        assert_true(spurious(RULE_ACCESS, svadu) > 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_freed),   cmocka_unit_test(test_cleaned),
        cmocka_unit_test(test_user),    cmocka_unit_test(test_alias),
        cmocka_unit_test(test_silent),  cmocka_unit_test(test_uncovered),
        cmocka_unit_test(test_large),   cmocka_unit_test(test_needed),
        cmocka_unit_test(test_eager),   cmocka_unit_test(test_below),
        cmocka_unit_test(test_svinval), cmocka_unit_test(test_napot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
