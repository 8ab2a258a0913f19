/* SPDX-License-Identifier: Apache-2.0
 *
 * A small hart for the unit tests of the kernel half, in place of core driver and MMU. It walks the
 * page tables, caches every translation it ever used (for ever, as an endless TLB would), performs
 * the queue of fences and satp writes, and complains if a cached translation that no fence took
 * away names another frame or grants more than the PTE does. It may also cache that an entry was
 * invalid. Of a PTE with N it makes entries for all 16 pages, as the specification lets it [priv,
 * Svnapot]. Beside it the kernel-side check listens. Below, the words the tests are written in.
 */
#ifndef PW_OS_HART_H
#define PW_OS_HART_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <uthash.h>
#include "os/os.h"
#include "token.h"
#include "stale.h"

enum { PAGE = 4096, RW = PROT_R | PROT_W, PRIV = MAP_F_PRIVATE, SHARED = MAP_F_SHARED };
enum { ANON = MAP_F_PRIVATE | MAP_F_ANON, STACK = ANON | MAP_F_GROWSDOWN };
#define AT 0x10000000ull

/* ---- The hart ------------------------------------------------------------------------ */
struct entry {
    struct {
        uint64_t vpn, asid;
    } key;
    pte_t pte;
    int level; /* of the leaf it was made of */
    UT_hash_handle hh;
};

struct world {
    struct config cfg;
    struct mem *mem;
    struct os *os;
    uint64_t satp;
    struct entry *tlb;
    struct stale *stale;
    bool stubborn; /* what it has cached stands until a fence, that an entry was invalid, too */
    uint64_t satp_writes, fences, full_fences;
    struct os_outcome last; /* of the last trap */
    unsigned faults;        /* of the last access */
    bool kernel;            /* accesses are the kernel's own: refused ones end in EFAULT */
};

static inline void perform(struct world *w) {
    size_t n;
    const struct os_op *op = os_ops(w->os, &n);
    for (size_t i = 0; i < n; i++) {
        struct entry *e, *next;
        if (op[i].kind == OS_OP_SATP) {
            w->satp = op[i].satp;
            w->satp_writes++;
            continue;
        }
        w->fences++;
        if (op[i].fence == FENCE_SFENCE_W_INVAL || op[i].fence == FENCE_SFENCE_INVAL_IR) continue;
        w->full_fences += !op[i].rs1;
        HASH_ITER(hh, w->tlb, e, next) {
            if ((op[i].rs1 && (op[i].va / PAGE ^ e->key.vpn) >> 9 * e->level) ||
                (op[i].rs2 && op[i].asid != e->key.asid))
                continue;
            HASH_DEL(w->tlb, e);
            free(e);
        }
    }
    os_ops_done(w->os);
    stale_user(w->stale);
    if (stale_found(w->stale) && !w->cfg.os_skip_fence) fail_msg("%s", stale_found(w->stale));
}

/* ---- What the kernel-side check is told ---------------------------------------------- */
static inline void told_op(void *who, const struct os_op *op) {
    struct world *w = who;
    if (op->kind == OS_OP_SATP)
        stale_satp(w->stale, op->satp);
    else
        stale_fence(w->stale, op->fence, op->rs1, op->rs2, op->va, op->asid);
}
static inline void told_freed(void *who, ppn_t ppn) {
    stale_freed(((struct world *)who)->stale, ppn);
}
static inline void told_cleaned(void *who, ppn_t ppn) {
    stale_cleaned(((struct world *)who)->stale, ppn);
}
static inline void told_store(void *who, paddr_t pa, uint64_t old, uint64_t now) {
    stale_pte_write(((struct world *)who)->stale, pa, old, now);
}
static inline bool told_vma(const void *who, ppn_t root, vaddr_t va, uint8_t *prot) {
    return os_vma_prot(((const struct world *)who)->os, root, va, prot);
}

static inline struct world *world_of(const struct config *cfg) {
    struct world *w = calloc(1, sizeof *w);
    struct os_watch watch = {w, told_op, told_freed, told_cleaned};
    w->cfg = *cfg;
    w->mem = mem_new((uint64_t)w->cfg.mem_mib << 20);
    w->stale = stale_new(w->mem, cfg->os_mode, told_vma, w);
    mem_set_watch(w->mem, told_store, w);
    w->os = os_new(&w->cfg, w->mem);
    os_set_watch(w->os, &watch);
    return w;
}

static inline struct world *world_new(uint32_t mode, bool svadu, bool asids, uint32_t asid_bits) {
    struct config cfg;
    config_defaults(&cfg);
    cfg.os_mode = mode;
    cfg.os_svadu = svadu;
    cfg.os_asids = asids;
    cfg.asid_bits = asid_bits;
    cfg.mem_mib = 64;
    cfg.os_ra_pages = 0;
    return world_of(&cfg);
}

static inline void check(struct world *w) {
    char why[256] = "";
    if (!os_check(w->os, why, sizeof why)) fail_msg("os_check: %s", why);
}

static inline void world_end(struct world *w) {
    struct entry *e, *next;
    check(w);
    HASH_ITER(hh, w->tlb, e, next) {
        HASH_DEL(w->tlb, e);
        free(e);
    }
    os_delete(w->os);
    stale_delete(w->stale);
    mem_delete(w->mem);
    free(w);
}

static inline bool permits(const struct world *w, pte_t pte, uint8_t access) {
    pte_t need = PTE_V | PTE_U | (w->cfg.os_svadu ? 0 : PTE_A);
    need |= access == ACCESS_FETCH ? PTE_X : access == ACCESS_LOAD ? PTE_R : PTE_W;
    if (access == ACCESS_STORE && !w->cfg.os_svadu) need |= PTE_D;
    return (pte & need) == need;
}

static inline bool rv32(const struct world *w) {
    return w->cfg.os_mode == MODE_SV32;
}
static inline int levels(const struct world *w) {
    return rv32(w) ? 2 : w->cfg.os_mode == MODE_SV39 ? 3 : w->cfg.os_mode == MODE_SV48 ? 4 : 5;
}
static inline uint64_t asid_of(const struct world *w) {
    return rv32(w) ? w->satp >> 22 & 0x1ff : w->satp >> SATP_ASID_SHIFT & 0xffff;
}
static inline pte_t pte_read(const struct world *w, paddr_t slot) {
    pte_t pte = 0;
    mem_read(w->mem, slot, &pte, rv32(w) ? 4 : 8);
    return pte;
}
static inline void pte_write(const struct world *w, paddr_t slot, pte_t pte) {
    mem_write(w->mem, slot, &pte, rv32(w) ? 4 : 8);
}

/* Where the walk of the hart's satp ends, and at which level. */
static inline paddr_t slot_of(const struct world *w, vaddr_t va, int *at) {
    ppn_t table = w->satp & (rv32(w) ? (1ull << 22) - 1 : SATP_PPN_MASK);
    unsigned bits = rv32(w) ? 10 : 9;
    for (int level = levels(w) - 1;; level--) {
        uint64_t index = va >> (12 + bits * (unsigned)level) & ((1u << bits) - 1);
        paddr_t slot = (table << 12) + index * (rv32(w) ? 4 : 8);
        pte_t pte = pte_read(w, slot);
        *at = level;
        if (level == 0 || !(pte & PTE_V) || (pte & (PTE_R | PTE_X))) return slot;
        table = pte >> PTE_PPN_SHIFT;
    }
}

/* A PTE with N as that of one page, with A and D that any of the 16 has. */
static inline pte_t of_page(const struct world *w, paddr_t slot, pte_t pte, vaddr_t va) {
    const pte_t low = (pte_t)(NAPOT_PTES - 1) << PTE_PPN_SHIFT;
    if (rv32(w) || (pte & (PTE_N | PTE_V)) != (PTE_N | PTE_V)) return pte;
    for (paddr_t i = 0, first = slot & ~127ull; i < NAPOT_PTES; i++) {
        pte_t other = pte_read(w, first + 8 * i);
        if (other & PTE_N) pte |= other & (PTE_A | PTE_D);
    }
    return (pte & ~(PTE_N | low)) | (va / PAGE % NAPOT_PTES << PTE_PPN_SHIFT);
}

static inline struct entry *cached(struct world *w, vaddr_t va, pte_t pte, int level) {
    struct entry *e, find = {.key = {va / PAGE, asid_of(w)}};
    HASH_FIND(hh, w->tlb, &find.key, sizeof find.key, e);
    if (e) return e;
    e = malloc(sizeof *e);
    *e = (struct entry){.key = find.key, .pte = pte, .level = level};
    HASH_ADD(hh, w->tlb, key, sizeof e->key, e);
    return e;
}

/* One try: the physical address, or 0 for a page fault. */
static inline paddr_t translate(struct world *w, uint8_t access, vaddr_t va) {
    if (va >> (rv32(w) ? 32 : 11 + 9 * levels(w))) return 0;
    struct entry *e, find = {.key = {va / PAGE, asid_of(w)}};
    int level;
    paddr_t slot = slot_of(w, va, &level);
    pte_t raw = pte_read(w, slot), pte = of_page(w, slot, raw, va);
    pte_t inside = va / PAGE & ((1ull << 9 * level) - 1);
    bool leaf = (pte & PTE_V) && (pte & (PTE_R | PTE_X));
    inside = leaf ? inside << PTE_PPN_SHIFT : 0; /* cached as a page of 4 KiB */
    pte += inside;
    HASH_FIND(hh, w->tlb, &find.key, sizeof find.key, e);
    if (e && (e->pte & PTE_V) && !w->cfg.os_skip_fence) {
        assert_int_equal(e->pte >> PTE_PPN_SHIFT, pte >> PTE_PPN_SHIFT);
        assert_int_equal(e->pte & ~pte & (PTE_V | PTE_R | PTE_W | PTE_X | PTE_U | PTE_D), 0);
        assert_true(pte & PTE_V);
    }
    if (e && w->stubborn) pte = e->pte & PTE_V ? (pte & (PTE_A | PTE_D)) | e->pte : 0;
    bool ok = permits(w, pte, access);
    if (!ok && !w->stubborn) return 0;
    if (ok && w->cfg.os_svadu) {
        pte_t bits = PTE_A | (access == ACCESS_STORE ? PTE_D : 0);
        pte |= bits;
        pte_write(w, slot, raw | bits);
    }
    e = cached(w, va, pte, 0);
    e->pte = pte;
    e->level = leaf ? level : 0;
    for (vaddr_t at = va & ~0xffffull; leaf && raw & PTE_N && at < (va | 0xffff); at += PAGE)
        cached(w, at, of_page(w, slot, raw, at), 0);
    return ok ? (pte >> PTE_PPN_SHIFT << 12) + va % PAGE : 0;
}

/* The access as the hart makes it, faults and all. 0: a signal (w->last has it). */
static inline paddr_t touch(struct world *w, uint32_t pid, uint8_t access, vaddr_t va) {
    static const uint8_t cause[] = {CAUSE_INSTRUCTION_PAGE, CAUSE_LOAD_PAGE, CAUSE_STORE_PAGE};
    assert_true(os_switch(w->os, pid));
    perform(w);
    assert_int_equal(w->satp, os_satp(w->os, pid));
    w->last = (struct os_outcome){0};
    for (w->faults = 0; w->faults < 4; w->faults++) {
        paddr_t pa = translate(w, access, va);
        if (pa) return pa;
        struct os_trap t = {
            .pid = pid, .va = va, .access = access, .cause = cause[access], .kernel = w->kernel};
        w->last = os_trap(w->os, &t);
        perform(w);
        if (w->last.sig || w->last.efault) return 0;
    }
    fail_msg("0x%llx faults for ever", (unsigned long long)va);
    return 0;
}

/* ---- Words for tests ----------------------------------------------------------------- */
static inline bool ask(struct world *w, uint8_t nr, uint32_t pid, uint32_t file, uint64_t a,
                       uint64_t b, uint64_t c, uint64_t d, uint64_t e) {
    struct os_call call = {nr, pid, file, {a, b, c, d, e}, "data"};
    bool ok = os_call(w->os, &call);
    perform(w);
    return ok;
}

#define ok(...)                           assert_true(ask(__VA_ARGS__))
#define EXEC(pid)                         ok(w, CALL_EXEC, pid, 0, 0, 0, 0, 0, 0)
#define EXIT(pid)                         ok(w, CALL_EXIT, pid, 0, 0, 0, 0, 0, 0)
#define FORK(pid, child)                  ok(w, CALL_FORK, pid, 0, child, 0, 0, 0, 0)
#define MMAP(pid, va, bytes, prot, flags) ok(w, CALL_MMAP, pid, 0, va, bytes, prot, flags, 0)
#define MMAP_FILE(pid, va, bytes, prot, flags, file, off)                                          \
    ok(w, CALL_MMAP, pid, file, va, bytes, prot, flags, off)
#define MUNMAP(pid, va, bytes)         ok(w, CALL_MUNMAP, pid, 0, va, bytes, 0, 0, 0)
#define MPROTECT(pid, va, bytes, prot) ok(w, CALL_MPROTECT, pid, 0, va, bytes, prot, 0, 0)
#define FILE_OF(id, size)              ok(w, CALL_FILE, 0, id, size, 0, 0, 0, 0)

static inline void load_is(struct world *w, uint32_t pid, vaddr_t va, uint8_t byte) {
    paddr_t pa = touch(w, pid, ACCESS_LOAD, va);
    uint8_t got;
    assert_true(pa);
    mem_read(w->mem, pa, &got, 1);
    assert_int_equal(got, byte);
}

static inline void store(struct world *w, uint32_t pid, vaddr_t va, uint8_t byte) {
    paddr_t pa = touch(w, pid, ACCESS_STORE, va);
    assert_true(pa);
    mem_write(w->mem, pa, &byte, 1);
}

static inline void kind_is(const struct world *w, unsigned faults, uint8_t kind, bool major) {
    assert_int_equal(w->faults, faults);
    assert_int_equal(w->last.kind, kind);
    assert_int_equal(w->last.major, major);
}

static inline void dies(struct world *w, uint32_t pid, uint8_t access, vaddr_t va, uint8_t sig,
                        uint8_t code) {
    assert_int_equal(touch(w, pid, access, va), 0);
    assert_int_equal(w->last.sig, sig);
    assert_int_equal(w->last.code, code);
    assert_false(os_alive(w->os, pid));
    EXIT(pid);
    check(w);
}

static inline void maps_are(const struct world *w, uint32_t pid, unsigned lines, const char *line) {
    char text[8192];
    os_maps(w->os, pid, text, sizeof text);
    unsigned n = 0;
    for (const char *c = text; *c; c++) n += *c == '\n';
    if (n != lines || (line && !strstr(text, line)))
        fail_msg("want %u lines with %s, have:\n%s", lines, line ? line : "anything", text);
}

static inline void pte_is(const struct world *w, uint32_t pid, vaddr_t va, pte_t bits) {
    pte_t pte;
    int level;
    os_pte(w->os, pid, va, &pte, &level);
    assert_int_equal(pte & (PTE_V | PTE_R | PTE_W | PTE_X | PTE_U | PTE_A | PTE_D), bits);
}

static inline struct world *one_process(void **state) {
    struct world *w = world_new(MODE_SV39, true, true, 16);
    *state = w;
    EXEC(1);
    return w;
}

#endif
