/* SPDX-License-Identifier: Apache-2.0
 *
 * Between two clock edges: the VMA of the address, the fault as the kernel half is told of it, what
 * it did, each store to a page table while it did, and the fences that follow. Here, too, a fault
 * that was asked for by number or kind is found.
 */
#include "explain_private.h"
#include "error.h"
#include <stdio.h>
#include <string.h>

enum { STORES_KEPT = 24 }; /* beside those on the way of the address; the others are counted */

/* ---- The VMA ------------------------------------------------------------------------------- */

static bool vma_of(const struct core *c, uint32_t pid, vaddr_t va, struct os_smaps *out) {
    for (size_t i = 0; os_alive(c->os, pid) && os_smaps(c->os, pid, i, out); i++) {
        if (va >= out->start && va < out->end) return true;
    }
    return false;
}

void explain_vma(struct core *c, const struct entry *a, unsigned part) {
    struct explain *x = c->opt->explain;
    vaddr_t va = a->part[part].va;
    if (!x->begun) {
        x->begun = true;
        x->pid = a->pid;
        x->access = a->type;
        x->va = a->va;
        x->bytes = a->bytes;
    }
    if (x->vma_told[part]) return;
    x->vma_told[part] = true;
    struct explain_step *s = explain_add(c, EXPLAIN_VMA, part);
    s->vma.there = vma_of(c, a->pid, va, &s->vma.smaps);
    if (!s->vma.there) return;
    snprintf(s->vma.name, sizeof s->vma.name, "%s", s->vma.smaps.name);
    s->vma.class = vmakind_word(os_vma_class(c->os, a->pid, va));
    s->vma.smaps.name = NULL;
}

/* ---- Page-table stores --------------------------------------------------------------------- */

static void stored(struct explain *x, paddr_t pa, pte_t from, pte_t to) {
    if (from == to) return;
    struct explain_step *s = explain_room(&x->stored, &x->stores, &x->stored_room);
    s->kind = EXPLAIN_STORE;
    s->store.pa = pa;
    s->store.from = from;
    s->store.to = to;
}

/* The one watcher of memory: what opinion 2 wants to know goes on to it. */
static void word_written(void *who, paddr_t pa, uint64_t old, uint64_t now) {
    struct core *c = who;
    struct explain *x = c->opt->explain;
    if (c->judge) judge_pte_write(c->judge, pa, old, now);
    if (!x->watching) return;
    if (!c->hart.rv32) {
        stored(x, pa, old, now);
        return;
    }
    stored(x, pa, (uint32_t)old, (uint32_t)now);
    stored(x, pa + SV32_PTE_BYTES, old >> 32, now >> 32);
}

void explain_watch(struct core *c) {
    mem_set_watch(c->mem, word_written, c);
}

/* Where on the way of the address the word lies, the page tables being as they are now. */
static void place(const struct spec_answer *way, const struct core *c, vaddr_t va, unsigned top,
                  struct explain_step *s) {
    unsigned bytes = c->port.pte_bytes;
    s->store.level = -1;
    for (unsigned n = 0; n < way->reads; n++) {
        paddr_t at = way->read_pa[n];
        unsigned level = top - n;
        if (at == s->store.pa) s->store.level = (int)level;
        if ((at ^ s->store.pa) >> PAGE_SHIFT || level || s->store.level >= 0) continue;
        int64_t pages = ((int64_t)s->store.pa - (int64_t)at) / bytes;
        s->store.va = (va & ~(vaddr_t)(PAGE_BYTES - 1)) + (vaddr_t)pages * PAGE_BYTES;
    }
}

static void tell_stores(struct core *c, const struct entry *a, vaddr_t va) {
    struct explain *x = c->opt->explain;
    struct spec_answer way = {.level = -1};
    struct part p = {.va = va, .bytes = 1};
    if (os_alive(c->os, a->pid)) way = explain_spec(c, a, &p);
    unsigned mode = explain_mode(c->cfg, x->satp), kept = 0;
    unsigned top = mode == MODE_SV32 ? 1 : mode - MODE_SV39 + 2;
    for (size_t i = 0; i < x->stores; i++) {
        place(&way, c, va, top, &x->stored[i]);
        bool far = x->stored[i].store.level < 0;
        if (far && kept++ >= STORES_KEPT) continue;
        struct explain_step *s = explain_add(c, EXPLAIN_STORE, 0);
        s->store = x->stored[i].store;
    }
}

/* ---- The fault ----------------------------------------------------------------------------- */

bool explain_page_at(const struct core *c, uint32_t pid, vaddr_t va, struct explain_page *p,
                     struct os_smaps *vma) {
    *p = (struct explain_page){.alive = os_alive(c->os, pid), .stats = *os_get_stats(c->os)};
    if (!p->alive || !vma_of(c, pid, va, vma)) return false;
    p->there = os_page(c->os, pid, va, &p->page);
    p->swapped = os_swapped(c->os, pid, va) || os_shmem_swapped(c->os, pid, va);
    os_pte(c->os, pid, va, &p->pte, &p->level);
    return true;
}

static struct explain_page page_of(const struct core *c, uint32_t pid, vaddr_t va) {
    struct explain_page p;
    struct os_smaps vma;
    explain_page_at(c, pid, va, &p, &vma);
    return p;
}

static unsigned part_at(const struct entry *a, vaddr_t va) {
    return a->parts == 2 && va == a->part[1].va;
}

void explain_trapping(struct core *c, const struct entry *a, vaddr_t va) {
    struct explain *x = c->opt->explain;
    struct os_smaps vma;
    x->handling = x->watching = explain_mine(x, a);
    if (!x->watching) return;
    explain_vma(c, a, part_at(a, va));
    x->stores = 0;
    x->before = page_of(c, a->pid, va);
    struct os_backing backing;
    os_backing(c->os, a->pid, va, &backing);
    if (x->before.swapped) x->came = backing.slot;
    x->vma_start = vma_of(c, a->pid, va, &vma) ? vma.start : 0;
}

static bool is_word(const struct os_outcome *o, const char *word) {
    if (o->sig) return !strcmp(word, signal_word(o->sig)) || !strcmp(word, sicode_word(o->code));
    return !strcmp(word, o->efault ? "efault" : kfault_word(o->kind));
}

/* Is this the fault that was asked for? Then its record is what the next replay explains. */
static void seek(struct core *c, const struct entry *a, vaddr_t va, const struct os_outcome *o) {
    struct explain *x = c->opt->explain;
    const struct explain_ask *ask = &x->ask;
    x->fault_number++;
    bool found = ask->fault  ? ask->fault == x->fault_number
                 : ask->kind ? is_word(o, ask->kind)
                             : !a->kernel;
    if (!found) return;
    x->at = a->index;
    x->kernel = a->kernel;
    x->gup = a->gup;
    x->va = va;
    x->over = true;
}

void explain_trap(struct core *c, const struct entry *a, uint8_t cause, vaddr_t va,
                  const struct os_outcome *o) {
    struct explain *x = c->opt->explain;
    struct os_smaps vma;
    if (!x->at && c->timed) seek(c, a, va, o);
    if (!x->watching) return;
    x->watching = false;
    x->faults++;
    unsigned part = part_at(a, va);
    struct explain_step *s;
    if (!a->gup) { /* it is no trap */
        s = explain_add(c, EXPLAIN_FAULT, part);
        s->fault.cause = cause;
        s->fault.tval = va;
    }
    s = explain_add(c, EXPLAIN_KERNEL, part);
    s->kernel.outcome = *o;
    x->by = fault_by(a->kernel, a->gup);
    s->kernel.before = x->before;
    s->kernel.after = page_of(c, a->pid, va);
    s->kernel.stores = x->stores;
    if (vma_of(c, a->pid, va, &vma) && vma.start != x->vma_start) s->kernel.grown = vma.start;
    if (!o->sig) tell_stores(c, a, va);
    if (!o->sig && !o->efault) return;
    x->sig = o->sig;
    x->code = o->code;
    x->efault = o->efault;
}

/* ---- What the hart is then asked to do ----------------------------------------------------- */

void explain_fence(struct core *c, const struct os_op *op, bool done) {
    struct explain *x = c->opt->explain;
    if (!x->handling) return;
    if (done)
        x->step[x->steps - 1].fence.done = c->cycle - 1;
    else
        explain_add(c, EXPLAIN_FENCE, 0)->fence.op = *op;
}

/* A fault is repaired without a switch of address spaces: this is of another record. */
void explain_csr(struct core *c, uint16_t csr, uint64_t value) {
    if (csr == CSR_SATP) c->opt->explain->satp = value;
}

/* ---- The end ------------------------------------------------------------------------------- */

static void value(struct core *c, const struct entry *a) {
    struct explain_step *s = explain_add(c, EXPLAIN_VALUE, 0);
    uint8_t *to = s->value.byte;
    s->value.bytes = a->bytes;
    s->value.shown = a->bytes < EXPLAIN_VALUE_BYTES ? a->bytes : EXPLAIN_VALUE_BYTES;
    s->value.pa = a->part[0].pa;
    s->value.loaded = access_reads(a->type);
    s->value.store = a->store;
    unsigned left = s->value.shown;
    for (unsigned n = 0; n < a->parts && left; n++) {
        unsigned bytes = a->part[n].bytes < left ? a->part[n].bytes : left;
        if (mem_has(c->mem, a->part[n].pa, bytes)) mem_read(c->mem, a->part[n].pa, to, bytes);
        to += bytes;
        left -= bytes;
    }
    if (a->store) core_store_bytes(a->store, 0, s->value.stored, s->value.shown);
}

void explain_retired(struct core *c, const struct entry *a) {
    struct explain *x = c->opt->explain;
    if (!explain_mine(x, a)) return;
    for (unsigned n = 0; n < a->parts; n++) {
        if (!a->part[n].rode || a->part[n].state != PART_OK) continue;
        explain_vma(c, a, n);
        struct explain_step *s = explain_add(c, EXPLAIN_WAIT, n);
        s->wait.why = "rides";
        s->wait.pa = a->part[n].pa;
    }
    struct explain_step *end = NULL;
    if (a->sig || a->efault)
        end = explain_add(c, EXPLAIN_SIGNAL, 0);
    else if (a->type != ACCESS_FETCH && !a->kernel)
        value(c, a);
    if (end) {
        end->signal.sig = a->sig;
        end->signal.code = a->code;
        end->signal.efault = a->efault;
        end->signal.then = a->caught ? "has a handler"
                           : a->forgiven
                               ? "goes on: the access races, and in the trace it succeeded"
                               : "ends";
        end->signal.frame = a->kernel && c->next.call.nr == CALL_SIGFRAME;
    }
    explain_behind(c, a);
    x->over = true;
}
