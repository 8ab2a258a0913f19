/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's own accesses to user memory: read(2), write(2), and what other calls load or store
 * on a program's behalf (copy_to_user, copy_from_user). A page at a time: the page cache first,
 * then one translated access, then the bytes. A fault that cannot be repaired ends the copy where
 * it is, as a short count does in Linux. get_user_pages finds its page without a translation.
 */
#include "core.h"
#include "error.h"
#include <stdlib.h>
#include <string.h>

static void begin(struct core *c, struct entry *a, uint8_t type, vaddr_t va, size_t bytes) {
    a->index = c->call.index;
    a->line = c->call.line;
    a->pid = c->running;
    a->va = va;
    a->bytes = (uint16_t)bytes;
    a->type = type;
    a->kernel = true;
    core_split(a, c->hart.rv32);
}

/* Translates one page part. False: stop the run; *pa is valid unless *efault. */
static bool touch(struct core *c, uint8_t type, vaddr_t va, size_t bytes, paddr_t *pa,
                  bool *efault) {
    struct entry *a = core_push(c);
    begin(c, a, type, va, bytes);
    if (c->timed) {
        if (!core_flush(c) || !core_settle(c)) return false;
    } else {
        if (!core_functional_access(c, a)) return false;
        c->head++;
    }
    *efault = a->efault || a->sig; /* killed: the copy ends here, too */
    *pa = a->part[0].pa;
    if (*efault) return true;
    if (!mem_has(c->mem, *pa, bytes))
        return core_fail(c, OPINION_SPEC, a, "the physical address is no memory");
    return !c->judge ||
           judge_verdict(c->judge, a->pid, type, va, bytes, SIGNAL_NONE, SICODE_NONE) ||
           core_fail(c, OPINION_DATA, a, "%s", c->judge->why);
}

/* get_user_pages: looked up in the page tables, and faulted in until it is there. */
static bool follow(struct core *c, uint8_t type, vaddr_t va, size_t bytes, paddr_t *pa,
                   bool *efault) {
    const uint32_t how = (uint32_t)c->next.call.arg[2];
    struct entry a = {.gup = true};
    begin(c, &a, type, va, bytes);
    for (bool again = true; again;) {
        if (c->opt->explain) explain_trapping(c, &a, va);
        struct os_outcome o = os_gup(c->os, a.pid, va, how, pa);
        a.efault = o.efault;
        again = o.kind || o.sig;
        if (again && !core_handled(c, &a, CAUSE_NONE, va, &o, &again)) return false;
        if (!core_ops(c)) return false;
    }
    if (c->opt->explain) explain_retired(c, &a);
    *efault = a.efault || a.sig;
    if (!c->judge || a.sig || data_gup(c->judge->data, a.pid, va, how, !a.efault)) return true;
    return (a.efault && data_may_break(c->judge->data, a.pid, va, bytes)) ||
           core_fail(c, OPINION_DATA, &a, "get_user_pages must %s",
                     a.efault ? "succeed; it failed (EFAULT)" : "fail (EFAULT); it succeeded");
}

struct copy {
    const struct os_call *call;
    vaddr_t va;
    uint64_t done;
    size_t bytes; /* of this page */
    uint8_t got[PAGE_BYTES], want[PAGE_BYTES];
};

static bool compared(struct core *c, struct copy *s, const char *what, size_t got, size_t want) {
    return judge_copied(c->judge, what, s->got, got, s->want, want) ||
           core_fail(c, OPINION_DATA, &c->call, "%s", c->judge->why);
}

/* What the file has to say before user memory is touched, for it bounds the count: bytes that come
 * from it, or that it is full or broken. A token's bytes, too. */
static bool source(struct core *c, struct copy *s) {
    const struct os_call *k = s->call;
    bool breaks = c->judge && data_file_breaks(c->judge->data, k->file);
    if (k->nr == CALL_WRITE && os_file_refuses(c->os, k->file, k->arg[2] + s->done, s->bytes)) {
        size_t want = s->bytes;
        s->bytes = 0;
        return !c->judge || breaks ||
               compared(
                   c, s, "bytes written to the page cache", 0,
                   data_file_write(c->judge->data, k->file, k->arg[2] + s->done, s->got, want));
    }
    if (call_stores(k)) core_store_bytes(c->call.store, s->done, s->got, s->bytes);
    if (k->nr != CALL_READ) return true;
    uint64_t cost;
    size_t n = os_file_read(c->os, k->file, k->arg[2] + s->done, s->got, s->bytes,
                            k->arg[2] + k->arg[1], &cost);
    c->res->os_cycles += cost;
    if (!core_news(c, c->call.index)) return false;
    if (c->judge) {
        size_t m = data_file_read(c->judge->data, k->file, k->arg[2] + s->done, s->want, s->bytes);
        if (breaks && n < m) m = n;
        if (!compared(c, s, "bytes read from the page cache", n, m)) return false;
    }
    s->bytes = n;
    return true;
}

static bool to_user(struct core *c, struct copy *s, paddr_t pa) {
    mem_write(c->mem, pa, s->got, s->bytes);
    if (c->judge) data_store(c->judge->data, c->running, s->va + s->done, s->got, s->bytes);
    return true;
}

static bool from_user(struct core *c, struct copy *s, paddr_t pa) {
    const struct os_call *k = s->call;
    mem_read(c->mem, pa, s->got, s->bytes);
    core_digest(c, s->got, s->bytes);
    if (c->judge && !judge_load(c->judge, c->running, s->va + s->done, s->got, s->bytes)) {
        return core_fail(c, OPINION_DATA, &c->call, "%s", c->judge->why);
    }
    if (k->nr != CALL_WRITE) return true;
    uint64_t cost;
    size_t n = os_file_write(c->os, k->file, k->arg[2] + s->done, s->got, s->bytes, &cost);
    c->res->os_cycles += cost;
    if (!core_news(c, c->call.index)) return false;
    if (c->judge) {
        size_t m = data_file_write(c->judge->data, k->file, k->arg[2] + s->done, s->got, s->bytes);
        memcpy(s->want, s->got, s->bytes);
        if (!compared(c, s, "bytes written to the page cache", n, m)) return false;
    }
    s->bytes = n;
    return true;
}

/* One page part. *more: go on. */
static bool page(struct core *c, struct copy *s, bool *more) {
    bool gup = s->call->nr == CALL_GUP, key = gup && (s->call->arg[2] & GUP_FUTEX), efault;
    bool store = s->call->nr == CALL_READ || call_stores(s->call);
    uint8_t type = store ? ACCESS_STORE : ACCESS_LOAD;
    size_t whole = s->bytes;
    paddr_t pa;
    if (!source(c, s)) return false;
    *more = s->bytes == whole;
    if (!s->bytes) return true;
    if (!(gup ? follow : touch)(c, type, s->va + s->done, s->bytes, &pa, &efault)) return false;
    if (efault) {
        c->call.efault = c->running; /* 0: it was killed */
        *more = false;
        return true;
    }
    if (key) return true; /* the page is a futex's key: its bytes stay */
    return (store ? to_user(c, s, pa) : from_user(c, s, pa)) && core_ops(c);
}

bool core_copy_user(struct core *c, const struct os_call *k) {
    struct copy s = {.call = k, .va = k->arg[0]};
    bool more = true;
    core_reaches(c, k->arg[0], k->arg[1]);
    if (call_stores(k)) {
        c->call.bytes = (uint16_t)(k->arg[1] < PAGE_BYTES ? k->arg[1] : PAGE_BYTES);
        core_number_store(c, &c->call);
    }
    while (more && s.done < k->arg[1]) {
        uint64_t left = k->arg[1] - s.done, room = PAGE_BYTES - (s.va + s.done) % PAGE_BYTES;
        s.bytes = (size_t)(left < room ? left : room);
        if (!page(c, &s, &more)) return false;
        s.done += s.bytes;
    }
    if (k->nr == CALL_READ) os_file_read_done(c->os, k->file, k->arg[2] + s.done);
    return true;
}

/* Every pid there was: at the end the kernel half must own nothing if all are gone. */
void core_know(struct core *c, uint32_t pid) {
    for (size_t i = 0; i < c->pid_count; i++) {
        if (c->pids[i] == pid) return;
    }
    c->pids = realloc(c->pids, (c->pid_count + 1) * sizeof *c->pids);
    if (!c->pids) internal_error("out of memory");
    c->pids[c->pid_count++] = pid;
}
