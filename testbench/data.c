/* SPDX-License-Identifier: Apache-2.0
 *
 * Opinion 3, the accesses: must this one succeed, and what does it return or leave behind. The
 * rules are those of the riscv fault handler (do_page_fault, access_error, expand_downwards) and of
 * filemap_fault, read as semantics: no fault is counted here, and whether a page was present before
 * makes no difference.
 *
 * Every access of a trace passes twice, for its verdict and for its bytes, so each process keeps a
 * direct-mapped table of the pages it looked at last (struct glance). An entry holds until the
 * epoch steps, which every call makes it do. Between calls a page's bytes move only when this
 * process takes its own copy, and that rewrites the entry.
 */
#include "data_internal.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { GUARD_GAP = 256 }; /* stack_guard_gap, pages */

static const uint8_t zero_page[PAGE_BYTES];

/* Where user space ends: TASK_SIZE of Linux on RISC-V. */
static vaddr_t task_end(uint32_t mode) {
    switch (mode) {
    case MODE_SV32: return 0x9d800000;
    case MODE_SV39: return 1ull << 38;
    case MODE_SV48: return 1ull << 47;
    default: return 1ull << 56;
    }
}

struct data *data_new(const struct config *config) {
    struct data *d = data_alloc(sizeof *d);
    d->config = *config;
    d->epoch = 1;
    /* TASK_SIZE of riscv: half of what the mode can address */
    d->task_end = task_end(config->os_mode) >> PAGE_SHIFT;
    return d;
}

void data_delete(struct data *d) {
    if (!d) return;
    while (d->tasks) data_task_end(d, d->task[0].pid);
    for (size_t i = 0; i < d->files; i++) data_object_drop(d->file[i]);
    free(d->space);
    free(d->task);
    free(d->file);
    free(d);
}

const char *data_error(const struct data *d) {
    return d->error;
}

void data_killed(struct data *d, uint32_t pid) {
    data_group_end(d, data_task_group(d, pid));
}

/* ---- Verdict --------------------------------------------------------------------------------- */

/* Access kinds that a mapping of these permissions allows, a bit each (access_error; PROT_WRITE
 * implies read, PROT_EXEC alone does not). */
static uint8_t allowed_by(uint8_t prot) {
    unsigned fetch = 1u << ACCESS_FETCH;
    unsigned load = 1u << ACCESS_LOAD | 1u << ACCESS_LR | 1u << ACCESS_CBO;
    unsigned store = 1u << ACCESS_STORE | 1u << ACCESS_AMO | 1u << ACCESS_SC | 1u << ACCESS_CBOZ;
    return (uint8_t)((prot & PROT_X ? fetch : 0) | (prot & (PROT_R | PROT_W) ? load : 0) |
                     (prot & PROT_W ? store : 0));
}

/* expand_downwards: may mapping i grow down to vpn? The guard gap is kept to the next lower
 * mapping, unless that one is a stack itself or can not be accessed at all. */
static bool stack_grow(const struct data *d, struct space *s, size_t i, vpn_t vpn) {
    struct mapping *m = &s->map[i];
    if (!m->grows || vpn < (d->config.os_mmap_min_addr + PAGE_BYTES - 1u) / PAGE_BYTES)
        return false;
    if (m->end - vpn > d->config.os_stack_limit / PAGE_BYTES) return false;
    const struct mapping *below = i ? m - 1 : NULL;
    if (below && below->prot && !below->grows && vpn - below->end < GUARD_GAP) return false;
    m->start = vpn;
    return true;
}

static struct glance *glance_at(struct space *s, vpn_t vpn) {
    return &s->glance[vpn % GLANCES];
}

static struct space *space_of(struct data *d, uint32_t pid) {
    return d->last && d->last_pid == pid ? d->last : data_space(d, pid);
}

static bool glance_holds(const struct data *d, const struct glance *g, vpn_t vpn) {
    return g->vpn == vpn && g->epoch == d->epoch;
}

/* The entry of a page whose verdict is good, made again if another page has taken its place. */
static struct glance *glance_make(const struct data *d, struct space *s, const struct mapping *m,
                                  vpn_t vpn) {
    struct glance *g = glance_at(s, vpn);
    if (!glance_holds(d, g, vpn)) {
        uint8_t prot = m->prot;
        if (data_store_needs(d, s, m, vpn, true)) prot &= (uint8_t)~PROT_W; /* asked each time */
        *g = (struct glance){.allowed = allowed_by(prot), .epoch = d->epoch};
        g->vpn = vpn & ((1ull << 52) - 1);
    }
    return g;
}

/* Its page lies before the end of what is mapped, and has a place there (else ENOSPC). */
static bool backed(struct data *d, struct space *s, const struct mapping *m, vpn_t vpn,
                   bool write) {
    uint64_t index = m->offset + (vpn - m->start);
    if (m->object && m->object->store == STORE_VVAR && index == 1)
        return false; /* no time namespace */
    return (!m->object || index < data_object_pages(m->object)) &&
           (!data_store_needs(d, s, m, vpn, write) || data_store_place(d, m->object, index));
}

static uint8_t verdict_page(struct data *d, struct space *s, uint8_t access, vpn_t vpn,
                            uint8_t *code) {
    size_t i = data_space_find(s, vpn);
    *code = SICODE_SEGV_MAPERR;
    if (i == s->count) return SIGNAL_SEGV;
    if (s->map[i].start > vpn && !stack_grow(d, s, i, vpn)) return SIGNAL_SEGV;
    const struct mapping *m = &s->map[i];
    *code = SICODE_SEGV_ACCERR;
    if (!(allowed_by(m->prot) >> access & 1)) return SIGNAL_SEGV;
    *code = SICODE_BUS_ADRERR;
    bool write = allowed_by(PROT_W) >> access & 1 && !(allowed_by(PROT_R) >> access & 1);
    if (!backed(d, s, m, vpn, write)) return SIGNAL_BUS;
    *code = SICODE_NONE;
    glance_make(d, s, m, vpn);
    return SIGNAL_NONE;
}

static size_t bytes_in_page(vaddr_t va, size_t bytes) {
    size_t room = PAGE_BYTES - (size_t)(va % PAGE_BYTES);
    return bytes < room ? bytes : room;
}

uint8_t data_verdict(struct data *d, uint32_t pid, uint8_t access, vaddr_t va, size_t bytes,
                     uint8_t *code) {
    struct space *s = space_of(d, pid);
    *code = SICODE_SEGV_MAPERR;
    if (!s) return SIGNAL_SEGV;
    *code = SICODE_BUS_ADRALN; /* raised by the core, before translation */
    if ((access == ACCESS_AMO || access == ACCESS_LR || access == ACCESS_SC) && bytes && va % bytes)
        return SIGNAL_BUS;
    *code = SICODE_NONE;
    size_t pages = bytes ? (va % PAGE_BYTES + bytes - 1) / PAGE_BYTES + 1 : 0;
    for (size_t i = 0; i < pages; i++) {
        vpn_t vpn = va / PAGE_BYTES + i;
        const struct glance *g = glance_at(s, vpn);
        if (glance_holds(d, g, vpn) && (g->allowed >> access & 1)) continue;
        uint8_t sig = verdict_page(d, s, access, vpn, code);
        if (sig) return sig;
    }
    return SIGNAL_NONE;
}

/* get_user_pages asks what the mapping was made for, not what the hardware lets pass: writable
 * alone is not readable, unless the page is there already and nobody asks the mapping. A debugger
 * may do anything to private memory, and read everything. A futex is in
 * memory that may be written, or that others may write. Nobody gets at a device. */
static bool may_get(struct data *d, uint32_t pid, vaddr_t va, uint32_t how, bool got) {
    struct space *s = space_of(d, pid);
    vpn_t vpn = va / PAGE_BYTES;
    size_t i = s ? data_space_find(s, vpn) : 0;
    bool force = how & GUP_FORCE;
    if (!s || i == s->count) return false;
    if (s->map[i].start > vpn && !(force && stack_grow(d, s, i, vpn))) return false;
    const struct mapping *m = &s->map[i];
    bool may_read = m->prot & PROT_R || force, may_write = m->prot & PROT_W;
    if (m->object && m->object->device) return false;
    if (how & GUP_FUTEX) {
        bool own = !m->shared && (!m->object || data_pages_get(&s->own, vpn));
        return (may_write && backed(d, s, m, vpn, true)) ||
               (may_read && !own && backed(d, s, m, vpn, false));
    }
    if (how & GUP_WRITE) return (may_write || (force && !m->shared)) && backed(d, s, m, vpn, true);
    return (may_read || (may_write && !how && got)) && backed(d, s, m, vpn, false);
}

bool data_gup(struct data *d, uint32_t pid, vaddr_t va, uint32_t how, bool got) {
    return may_get(d, pid, va, how, got) == got;
}

/* ---- Bytes ----------------------------------------------------------------------------------- */

/* memcpy, with the usual sizes of an access known to the compiler. */
static void copy(uint8_t *to, const uint8_t *from, size_t bytes) {
    switch (bytes) {
    case 1: *to = *from; break;
    case 4: memcpy(to, from, 4); break;
    case 8: memcpy(to, from, 8); break;
    default: memcpy(to, from, bytes);
    }
}

static const uint8_t *bytes_to_load(struct data *d, struct space *s, vpn_t vpn) {
    const struct mapping *m = data_space_at(s, vpn);
    assert(m && "a load whose verdict was not asked");
    struct page *own = m->shared ? NULL : data_pages_get(&s->own, vpn);
    struct page *shown =
        own || !m->object ? own : data_object_page(m->object, m->offset + (vpn - m->start));
    if (shown && shown->others) return shown->byte; /* the next load may see another */
    struct glance *g = glance_make(d, s, m, vpn);
    g->read = shown ? shown->byte : zero_page;
    return g->read;
}

/* The page; remembered if there is only one thing that it can hold. */
static struct page *page_to_store(struct data *d, struct space *s, vpn_t vpn) {
    const struct mapping *m = data_space_at(s, vpn);
    assert(m && "a store whose verdict was not asked");
    struct page *page = m->shared ? data_object_page(m->object, m->offset + (vpn - m->start))
                                  : data_space_own(s, m, vpn);
    struct glance *g = glance_make(d, s, m, vpn);
    page->dirty = true;
    g->read = g->write = page->others ? NULL : page->byte;
    return page;
}

void data_store(struct data *d, uint32_t pid, vaddr_t va, const uint8_t *in, size_t bytes) {
    struct space *s = space_of(d, pid);
    assert(s && "a store of a process that is not alive");
    for (size_t n; bytes; va += n, in += n, bytes -= n) {
        const struct glance *g = glance_at(s, va / PAGE_BYTES);
        bool known = glance_holds(d, g, va / PAGE_BYTES) && g->write;
        struct page *page = known ? NULL : page_to_store(d, s, va / PAGE_BYTES);
        n = bytes_in_page(va, bytes);
        if (known)
            copy(g->write + va % PAGE_BYTES, in, n);
        else
            data_page_write(page, va % PAGE_BYTES, in, n);
    }
}

void data_load(struct data *d, uint32_t pid, vaddr_t va, uint8_t *out, size_t bytes) {
    struct space *s = space_of(d, pid);
    assert(s && "a load of a process that is not alive");
    for (size_t n; bytes; va += n, out += n, bytes -= n) {
        const struct glance *g = glance_at(s, va / PAGE_BYTES);
        bool known = glance_holds(d, g, va / PAGE_BYTES) && g->read;
        const uint8_t *page = known ? g->read : bytes_to_load(d, s, va / PAGE_BYTES);
        n = bytes_in_page(va, bytes);
        copy(out, page + va % PAGE_BYTES, n);
    }
}
