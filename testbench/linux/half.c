/* SPDX-License-Identifier: Apache-2.0
 *
 * half TRACE [KNOB=VALUE...] >ROWS   The rows of a text trace as the kernel half makes them,
 * without an MMU: every access is a walk of the page tables, every page fault goes to the kernel
 * half. A and D are set by the walk (os.svadu=1), as x86-64 sets them.
 */
#include "row.h"
#include "config_args.h"
#include "error.h"
#include "mem.h"
#include "os/os.h"
#include "token.h"
#include <stdlib.h>
#include <string.h>

struct half {
    struct plan plan;
    struct config cfg;
    struct mem *mem;
    struct os *os;
    uint32_t running;
    uint64_t stores;
    uint32_t pid[ROW_PROCESSES];
    size_t pids;
    struct seen seen[2];
    struct row row;
    struct row_state *state;
};

/* ---- What there is to see -------------------------------------------------------------------- */

static void see_page(struct seen_mm *m, vaddr_t va, const struct os_page *p) {
    static const char kind[] = {
        [OS_PAGE_ZERO] = 'Z', [OS_PAGE_ANON] = 'A', [OS_PAGE_CACHE] = 'F', [OS_PAGE_DEVICE] = 'D'};
    seen_add_page(m, &(struct seen_page){va, p->ppn, kind[p->kind], p->huge});
    if (!p->mapped) return; /* vm_normal_page: the zero page, a device */
    m->smaps[SMAPS_RSS]++;
    m->smaps[SMAPS_ANONYMOUS] += p->kind == OS_PAGE_ANON;
    m->smaps[SMAPS_LAZYFREE] += p->lazy;
    m->smaps[SMAPS_HUGE] += p->huge;
    m->smaps[p->mapped > 1 ? (p->dirty ? SMAPS_SHARED_DIRTY : SMAPS_SHARED_CLEAN)
                           : (p->dirty ? SMAPS_PRIVATE_DIRTY : SMAPS_PRIVATE_CLEAN)]++;
}

static void see_swapped(const struct half *h, struct seen_mm *m, vaddr_t va) {
    bool entry = os_swapped(h->os, m->pid, va);
    if (entry) seen_add_page(m, &(struct seen_page){.va = va, .kind = 'S'});
    m->smaps[SMAPS_SWAP] += entry || os_shmem_swapped(h->os, m->pid, va);
}

static void see(struct half *h, struct seen *s) {
    char text[1 << 16];
    for (size_t i = 0; i < h->pids; i++) {
        struct seen_mm *m = seen_of(s, h->pid[i]);
        seen_clear(m);
        m->alive = os_alive(h->os, m->pid);
        if (!m->alive) continue;
        os_maps(h->os, m->pid, text, sizeof text);
        seen_maps(m, text);
        struct os_page p;
        for (size_t k = 0; k < m->vmas; k++) {
            uint64_t locked = 0; /* smaps prints kB of each VMA */
            for (vaddr_t va = m->vma[k].start; va < m->vma[k].end; va += PAGE_BYTES)
                if (os_page(h->os, m->pid, va, &p)) {
                    see_page(m, va, &p);
                    if (p.locked && p.mapped)
                        locked += (PAGE_BYTES << 12) / p.mapped; /* PSS_SHIFT */
                } else {
                    see_swapped(h, m, va);
                }
            m->smaps[SMAPS_LOCKED] += (locked >> 12) / 1024 / 4;
        }
        if (os_rss(h->os, m->pid) != m->smaps[SMAPS_RSS])
            internal_error("process %u: rss and page tables differ", m->pid);
    }
}

static void know(struct half *h, uint32_t pid) {
    for (size_t i = 0; i < h->pids; i++)
        if (h->pid[i] == pid) return;
    if (h->pids == ROW_PROCESSES) internal_error("a trace with so many processes has no rows");
    h->pid[h->pids++] = pid;
}

/* ---- Accesses -------------------------------------------------------------------------------- */

static void refused(const struct half *h) {
    input_error(h->plan.path, h->row.record->line, 0, "correct the trace", "%s", os_error(h->os));
}

static void note_fault(struct row *r, const struct os_trap *t, bool present,
                       const struct os_outcome *o) {
    bool repaired = !o->sig && !o->efault;
    if (r->faults == ROW_FAULTS) internal_error("too many faults in one record");
    r->fault[r->faults++] =
        (struct seen_fault){.kernel = t->kernel,
                            .present = present,
                            .access = t->access == ACCESS_FETCH  ? 'x'
                                      : t->access == ACCESS_LOAD ? 'r'
                                                                 : 'w',
                            .va = t->kernel ? t->va - t->va % PAGE_BYTES : t->va,
                            .kind = o->kind};
    r->minor += repaired && !o->major;
    r->major += repaired && o->major;
}

/* Without a handler it ends the process. */
static void signalled(struct half *h, uint32_t pid, const struct os_outcome *o) {
    h->row.sig = o->sig;
    h->row.code = o->code;
    if (plan_caught(&h->plan, h->row.number)) return;
    struct os_call end = {.nr = CALL_EXIT, .pid = pid};
    if (!os_call(h->os, &end)) refused(h);
    os_ops_done(h->os);
}

/* One fault. False: the access is over. */
static bool fault(struct half *h, const struct os_trap *t) {
    pte_t pte;
    int level;
    bool present = os_pte(h->os, t->pid, t->va, &pte, &level);
    struct os_outcome o = os_trap(h->os, t);
    note_fault(&h->row, t, present, &o);
    os_ops_done(h->os);
    h->row.efault = o.efault;
    if (!o.sig) return !o.efault;
    signalled(h, t->pid, &o);
    return false;
}

/* The tiny hart: the walk of the page tables [priv, Virtual Address Translation Process], without a
 * TLB. A cause, or 0 and the physical address. */
static uint8_t walk(struct half *h, uint8_t access, vaddr_t va, paddr_t *pa) {
    static const uint8_t fault[] = {CAUSE_INSTRUCTION_PAGE, CAUSE_LOAD_PAGE, CAUSE_STORE_PAGE,
                                    CAUSE_STORE_PAGE};
    static const pte_t need[] = {PTE_X, PTE_R, PTE_W, PTE_W | PTE_R};
    unsigned levels = h->cfg.os_mode == MODE_SV48 ? 4 : 3, bits = PAGE_SHIFT + LEVEL_BITS * levels;
    if ((va >> (bits - 1)) != 0 && (va >> (bits - 1)) != UINT64_MAX >> (bits - 1))
        return fault[access]; /* not canonical */
    ppn_t table = os_satp(h->os, h->running) & SATP_PPN_MASK;
    for (unsigned level = levels; level--;) {
        paddr_t slot =
            (table << PAGE_SHIFT) + (va >> (PAGE_SHIFT + LEVEL_BITS * level) & 511) * PTE_BYTES;
        pte_t pte = mem_read64(h->mem, slot);
        if (!(pte & PTE_V)) return fault[access];
        table = pte >> PTE_PPN_SHIFT & ((1ull << PTE_PPN_BITS) - 1);
        if (!(pte & (PTE_R | PTE_X))) continue;
        if (level) table += va >> PAGE_SHIFT & ((1ull << LEVEL_BITS * level) - 1);
        if (pte & PTE_N) /* [priv, Svnapot] */
            table = table / NAPOT_PTES * NAPOT_PTES + (va >> PAGE_SHIFT) % NAPOT_PTES;
        if (!(pte & PTE_U) || (pte & need[access]) != need[access]) return fault[access];
        mem_write64(h->mem, slot, pte | PTE_A | (access >= ACCESS_STORE ? PTE_D : 0));
        *pa = (table << PAGE_SHIFT) + va % PAGE_BYTES;
        return CAUSE_NONE;
    }
    return fault[access];
}

static bool translate(struct half *h, uint8_t access, vaddr_t va, bool kernel, paddr_t *pa) {
    bool caught = plan_caught(&h->plan, h->row.number);
    for (uint8_t cause; (cause = walk(h, access, va, pa));) {
        struct os_trap t = {h->running, va, access, cause, kernel, caught};
        if (!fault(h, &t)) return false;
    }
    return true;
}

static void see_value(struct half *h, const uint8_t *data, size_t bytes) {
    h->row.values = bytes < ROW_VALUE ? bytes : ROW_VALUE;
    memcpy(h->row.value, data, h->row.values);
}

/* A trap on the second page begins the access anew. */
static void access_record(struct half *h, const struct trace_record *r) {
    unsigned first = PAGE_BYTES - (unsigned)(r->va % PAGE_BYTES);
    unsigned bytes[2] = {r->bytes < first ? r->bytes : first, 0};
    bytes[1] = r->bytes - bytes[0];
    paddr_t pa[2] = {0};
    uint8_t data[PAGE_BYTES], token[PAGE_BYTES];
    bool writes = r->access == ACCESS_STORE || r->access == ACCESS_AMO;
    h->stores += writes;
    if (r->access == ACCESS_AMO && r->va % r->bytes) {
        struct os_trap t = {h->running, r->va,
                            r->access,  CAUSE_STORE_MISALIGNED,
                            false,      plan_caught(&h->plan, h->row.number)};
        fault(h, &t);
        return;
    }
    for (size_t faults = SIZE_MAX; faults != h->row.faults;) {
        faults = h->row.faults;
        if (!translate(h, r->access, r->va, false, &pa[0])) return;
        size_t before = h->row.faults;
        if (bytes[1] && !translate(h, r->access, r->va + bytes[0], false, &pa[1])) return;
        faults = before == h->row.faults ? before : SIZE_MAX;
    }
    for (unsigned i = 0; i < r->bytes; i++) token[i] = token_store_byte(h->stores, i);
    for (unsigned i = 0, at = 0; i < 2; at += bytes[i++]) {
        if (r->access != ACCESS_FETCH) mem_read(h->mem, pa[i], data + at, bytes[i]);
        if (writes) mem_write(h->mem, pa[i], token + at, bytes[i]);
    }
    if (r->access != ACCESS_LOAD && r->access != ACCESS_AMO) return;
    see_value(h, data, r->bytes);
}

/* ---- The kernel's own accesses --------------------------------------------------------------- */

/* No exception: the fault is the task's alone. */
static bool follow(struct half *h, const struct os_call *k, vaddr_t va, paddr_t *pa) {
    for (;;) {
        struct os_outcome o = os_gup(h->os, h->running, va, (uint32_t)k->arg[2], pa);
        os_ops_done(h->os);
        h->row.efault = o.efault;
        if (o.efault || !o.kind) return !o.efault;
        h->row.minor += !o.major;
        h->row.major += o.major;
    }
}

/* One page part; false: the copy ends here. */
static bool copy_part(struct half *h, const struct os_call *k, uint64_t done, size_t bytes) {
    bool store = k->nr == CALL_READ || call_stores(k);
    uint8_t data[PAGE_BYTES];
    uint64_t cost;
    paddr_t pa;
    size_t n = bytes;
    if (k->nr == CALL_READ)
        n = os_file_read(h->os, k->file, k->arg[2] + done, data, bytes, k->arg[2] + k->arg[1],
                         &cost);
    if (k->nr == CALL_WRITE && os_file_refuses(h->os, k->file, k->arg[2] + done, n)) n = 0;
    if (call_stores(k))
        for (size_t i = 0; i < n; i++) data[i] = token_store_byte(h->stores, done + i);
    vaddr_t va = k->arg[0] + done;
    uint8_t access = store ? ACCESS_STORE : ACCESS_LOAD;
    if (!n || !(k->nr == CALL_GUP ? follow(h, k, va, &pa) : translate(h, access, va, true, &pa)))
        return false;
    if (store)
        mem_write(h->mem, pa, data, n);
    else
        mem_read(h->mem, pa, data, n);
    if (k->nr == CALL_GUP && !done && !(k->arg[2] & (GUP_WRITE | GUP_FUTEX))) see_value(h, data, n);
    if (k->nr == CALL_WRITE)
        n = os_file_write(h->os, k->file, k->arg[2] + done, data, bytes, &cost);
    h->row.done += n;
    return n == bytes;
}

static void copy_record(struct half *h, const struct os_call *k) {
    h->stores += call_stores(k);
    for (uint64_t done = 0, n; done < k->arg[1]; done += n) {
        uint64_t room = PAGE_BYTES - (k->arg[0] + done) % PAGE_BYTES;
        n = k->arg[1] - done < room ? k->arg[1] - done : room;
        if (!copy_part(h, k, done, n)) break;
    }
    if (k->nr == CALL_READ) os_file_read_done(h->os, k->file, k->arg[2] + h->row.done);
    h->row.efault = h->row.efault && !h->row.done; /* a short count tells of it otherwise */
}

/* ---- Records --------------------------------------------------------------------------------- */

static void see_mincore(struct half *h, const struct os_call *k) {
    uint64_t pages = (k->arg[1] + PAGE_BYTES - 1) / PAGE_BYTES;
    h->row.values = pages < ROW_VALUE ? pages : ROW_VALUE;
    for (size_t i = 0; i < h->row.values; i++)
        h->row.value[i] = os_mincore(h->os, k->pid, k->arg[0] + i * PAGE_BYTES);
}

static void frame_refused(struct half *h, uint32_t pid) {
    struct os_outcome o = os_frame_refused(h->os, pid, plan_caught(&h->plan, h->row.number));
    signalled(h, pid, &o);
}

static void call_record(struct half *h, const struct os_call *k) {
    if (call_copies(k->nr)) {
        copy_record(h, k);
        if (k->nr == CALL_SIGFRAME && h->row.done < k->arg[1]) frame_refused(h, k->pid);
        return;
    }
    if (!os_call(h->os, k)) refused(h);
    h->row.eio = os_eio(h->os);
    if (k->nr == CALL_MINCORE) see_mincore(h, k);
    if (k->nr == CALL_EXEC) know(h, h->running = k->pid);
    if (k->nr == CALL_FORK || k->nr == CALL_CLONE) know(h, (uint32_t)k->arg[0]);
    if (k->nr == CALL_EXEC && !os_switch(h->os, k->pid)) refused(h);
}

static void perform(struct half *h, const struct trace_record *r) {
    struct seen *before = &h->seen[h->row.number % 2], *after = &h->seen[(h->row.number + 1) % 2];
    uint64_t number = h->row.number + 1;
    memset(&h->row, 0, sizeof h->row);
    h->row.number = number;
    h->row.record = r;
    if (h->running && !os_alive(h->os, h->running) && r->kind != TRACE_SWITCH &&
        !(r->kind == TRACE_CALL && r->call.nr == CALL_EXEC))
        input_error(h->plan.path, r->line, 0, "announce the signal", "the process has ended");
    if (r->kind == TRACE_ACCESS)
        access_record(h, r);
    else if (r->kind == TRACE_CALL)
        call_record(h, &r->call);
    else if (!os_switch(h->os, h->running = r->pid))
        refused(h);
    os_ops_done(h->os);
    see(h, after);
    row_print(stdout, &h->plan, &h->row, before, after, &h->state);
}

static void finish(struct half *h) {
    char why[256];
    if (!os_check(h->os, why, sizeof why)) internal_error("%s", why);
    os_delete(h->os);
    mem_delete(h->mem);
    seen_free(&h->seen[0]);
    seen_free(&h->seen[1]);
    row_state_free(h->state);
}

int main(int argc, char **argv) {
    if (argc < 2) usage_error("half TRACE [KNOB=VALUE...]", "name a trace");
    static struct half h;
    struct config_args knobs = {0};
    plan_make(&h.plan, argv[1]);
    knobs.sets = (const char **)argv + 2; /* the kernel's own settings, where they are not ours */
    knobs.count = (size_t)argc - 2;
    config_args_apply(&knobs, argv[1], &h.cfg);
    h.cfg.os_svadu = 1;
    h.mem = mem_new((uint64_t)h.cfg.mem_mib << 20);
    h.os = os_new(&h.cfg, h.mem);
    struct trace *t = trace_open(argv[1]);
    struct trace_record r;
    while (trace_next(t, &r)) {
        if (plan_performed(&r))
            perform(&h, &r);
        else if (r.kind == TRACE_CALL && !os_call(h.os, &r.call))
            input_error(argv[1], r.line, 0, "correct the trace", "%s", os_error(h.os));
    }
    trace_close(t);
    finish(&h);
    return 0;
}
