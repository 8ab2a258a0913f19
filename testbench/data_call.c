/* SPDX-License-Identifier: Apache-2.0
 *
 * What each call of a trace does to the mappings, the files and the bytes. A call that Linux would
 * have refused cannot be in a recording of what Linux granted, so it is refused here by name;
 * munmap of nothing is granted.
 */
#include "data_internal.h"
#include <stdarg.h>
#include <stdio.h>

/* Advice of madvise(2), numbers of Linux. */
enum {
    ADVICE_DONTNEED = 4,
    ADVICE_FREE = 8,
    ADVICE_REMOVE = 9,
    ADVICE_DONTFORK = 10,
    ADVICE_DOFORK = 11,
    ADVICE_WIPEONFORK = 18,
    ADVICE_KEEPONFORK = 19,
    ADVICE_POPULATE_READ = 22,
    ADVICE_POPULATE_WRITE = 23,
    ADVICE_DONTNEED_LOCKED = 24,
    ADVICE_COLLAPSE = 25
};
enum { MREMAP_DONTUNMAP = 4, MREMAP_KNOWN = 7 }; /* MAYMOVE, FIXED: the record says where it went */

bool data_refuse(struct data *d, const char *sentence, ...) {
    va_list list;
    va_start(list, sentence);
    vsnprintf(d->error, sizeof d->error, sentence, list);
    va_end(list);
    return false;
}

static unsigned long long ull(uint64_t x) {
    return x;
}

/* [va, va + bytes) in whole pages: va aligned, all of it below the end of user space. */
static bool range(struct data *d, uint64_t va, uint64_t bytes, vpn_t *first, vpn_t *end) {
    uint64_t limit = d->task_end * PAGE_BYTES;
    if (va % PAGE_BYTES) return data_refuse(d, "address %#llx is not page-aligned", ull(va));
    if (va > limit || bytes > limit - va)
        return data_refuse(d, "%#llx bytes at %#llx reach beyond user space, which ends at %#llx",
                           ull(bytes), ull(va), ull(limit));
    *first = va / PAGE_BYTES;
    *end = (va + bytes + PAGE_BYTES - 1) / PAGE_BYTES;
    return true;
}

/* ---- Address space --------------------------------------------------------------------------- */

static bool call_mmap(struct data *d, struct space *s, const struct os_call *c) {
    uint64_t va = c->arg[0], bytes = c->arg[1], flags = c->arg[3], offset = c->arg[4];
    struct mapping m = {.prot = (uint8_t)(c->arg[2] & (PROT_R | PROT_W | PROT_X)),
                        .shared = (flags & MAP_F_SHARED) != 0,
                        .grows = (flags & MAP_F_GROWSDOWN) != 0};
    if (!range(d, va, bytes, &m.start, &m.end)) return false;
    if (bytes == 0) return data_refuse(d, "mmap of no bytes");
    if (va < d->config.os_mmap_min_addr)
        return data_refuse(d, "mmap at %#llx, below os.mmap_min_addr", ull(va));
    if (!(flags & (MAP_F_SHARED | MAP_F_PRIVATE))) /* both: MAP_SHARED_VALIDATE, which is shared */
        return data_refuse(d, "mmap must be either shared or private");
    if (m.grows && (m.shared || c->file)) return data_refuse(d, "a stack is private and anonymous");
    if (!(flags & MAP_F_FIXED) && !data_space_empty(s, m.start, m.end))
        return data_refuse(d, "mmap at %#llx over a mapping, without MAP_FIXED", ull(va));
    if (c->file) {
        if (!(m.object = data_file(d, c->file)))
            return data_refuse(d, "mmap of file %u, which is not declared", c->file);
        if (offset % PAGE_BYTES || offset > INT64_MAX - bytes)
            return data_refuse(d, "mmap of a file at offset %#llx", ull(offset));
        m.offset = offset / PAGE_BYTES;
        if (!data_special_fits(d, &m)) return false;
        m.object->refs++;
    } else if (m.shared) {
        m.object = data_object_new(0, (m.end - m.start) * PAGE_BYTES, STORE_TMPFS);
    }
    m.held = s->locks && !(m.object && m.object->special);
    if (!data_special_whole(d, s, m.start, m.end)) return false;
    data_space_unmap(s, m.start, m.end);
    data_space_map(s, &m);
    if ((flags & MAP_F_POPULATE) || s->locks)
        data_space_populate(d, s, m.start, m.end, DATA_POPULATE_MAP);
    return true;
}

static bool call_munmap(struct data *d, struct space *s, const struct os_call *c) {
    vpn_t first, end;
    if (!range(d, c->arg[0], c->arg[1], &first, &end)) return false;
    if (first == end) return data_refuse(d, "munmap of no bytes");
    if (!data_special_whole(d, s, first, end)) return false;
    data_space_unmap(s, first, end);
    return true;
}

static bool call_mprotect(struct data *d, struct space *s, const struct os_call *c) {
    vpn_t first, end;
    if (!range(d, c->arg[0], c->arg[1], &first, &end)) return false;
    if (!data_space_covered(s, first, end))
        return data_refuse(d, "mprotect at %#llx of memory that is not mapped", ull(c->arg[0]));
    uint8_t prot = (uint8_t)(c->arg[2] & (PROT_R | PROT_W | PROT_X));
    if (!data_special_may(d, s, first, end, prot)) return false;
    for (vpn_t v = first, next; v < end; v = next) {
        const struct mapping *m = data_space_at(s, v);
        next = m->end < end ? m->end : end;
        bool brings = m->held && !m->shared && !(m->prot & PROT_W) && (prot & PROT_W);
        data_space_protect(s, v, next, prot);
        if (brings) data_space_populate(d, s, v, next, DATA_POPULATE_MAP); /* mprotect_fixup */
    }
    return true;
}

static bool call_brk(struct data *d, struct space *s, const struct os_call *c) {
    uint64_t limit = d->task_end * PAGE_BYTES;
    if (c->arg[0] > limit) return data_refuse(d, "brk %#llx beyond user space", ull(c->arg[0]));
    vpn_t end = (c->arg[0] + PAGE_BYTES - 1) / PAGE_BYTES;
    if (!s->has_heap) {
        if (c->arg[0] < d->config.os_mmap_min_addr)
            return data_refuse(d, "a heap at %#llx, below os.mmap_min_addr", ull(c->arg[0]));
        s->has_heap = true;
        s->heap_start = s->heap_end = end;
    }
    if (end < s->heap_start)
        return data_refuse(d, "brk %#llx below the start of the heap", ull(c->arg[0]));
    if (!data_space_empty(s, s->heap_end, end))
        return data_refuse(d, "brk %#llx runs into another mapping", ull(c->arg[0]));
    struct mapping m = {.start = s->heap_end, .end = end, .prot = PROT_R | PROT_W};
    if (end < s->heap_end) data_space_unmap(s, end, s->heap_end);
    if (end > s->heap_end) data_space_map(s, &m);
    s->heap_end = end;
    return true;
}

/* FREE and REMOVE, of each mapping in the range. */
static bool advise_mappings(struct data *d, struct space *s, vpn_t first, vpn_t end,
                            uint64_t advice) {
    for (size_t i = data_space_find(s, first); i < s->count && s->map[i].start < end; i++) {
        const struct mapping *m = &s->map[i];
        vpn_t low = m->start > first ? m->start : first, high = m->end < end ? m->end : end;
        if (advice == ADVICE_FREE) {
            if (m->object)
                return data_refuse(d, "madvise free of memory that is not private and anonymous");
            data_space_lazy(s, low, high);
        } else {
            if (!m->shared || !(m->prot & PROT_W))
                return data_refuse(d, "madvise remove of memory that is not shared and writable");
            data_object_punch(m->object, m->offset + (low - m->start),
                              m->offset + (high - m->start));
        }
    }
    return true;
}

/* madvise(2) passes over holes and acts on the rest. Only advice that changes what a load returns
 * acts here. */
static bool call_madvise(struct data *d, struct space *s, const struct os_call *c) {
    vpn_t first, end;
    if (!range(d, c->arg[0], c->arg[1], &first, &end)) return false;
    switch (c->arg[2]) {
    case ADVICE_DONTNEED:
    case ADVICE_DONTNEED_LOCKED: data_pages_drop(&s->own, first, end); return true;
    case ADVICE_POPULATE_READ:
        data_space_populate(d, s, first, end, DATA_POPULATE_READ);
        return true;
    case ADVICE_POPULATE_WRITE:
        data_space_populate(d, s, first, end, DATA_POPULATE_WRITE);
        return true;
    case ADVICE_DONTFORK:
    case ADVICE_DOFORK:
        data_space_flag(s, first, end, DATA_STAYS, c->arg[2] == ADVICE_DONTFORK);
        return true;
    case ADVICE_WIPEONFORK:
    case ADVICE_KEEPONFORK:
        data_space_flag(s, first, end, DATA_WIPED, c->arg[2] == ADVICE_WIPEONFORK);
        return true;
    case ADVICE_FREE:
    case ADVICE_REMOVE: return advise_mappings(d, s, first, end, c->arg[2]);
    default:
        if (c->arg[2] <= ADVICE_COLLAPSE) return true;
    }
    return data_refuse(d, "madvise with advice %llu is not supported", ull(c->arg[2]));
}

/* A move that changes no length takes every mapping of the range and leaves the gaps as they are,
 * on both sides. */
static bool mremap_all(struct data *d, struct space *s, vpn_t from, vpn_t end, vpn_t to) {
    if (from < to + (end - from) && to < end) return data_refuse(d, "mremap onto itself");
    for (vpn_t v = from, next; v < end; v = next) {
        size_t i = data_space_find(s, v);
        if (i == s->count || s->map[i].start >= end) break;
        v = s->map[i].start > v ? s->map[i].start : v;
        next = s->map[i].end < end ? s->map[i].end : end;
        data_space_unmap(s, v - from + to, next - from + to);
        data_space_move(s, v, next, v - from + to);
    }
    return true;
}

/* The old mapping stays where it is, with nothing of its own. */
static bool mremap_leave(struct data *d, struct space *s, vpn_t from, vpn_t end, vpn_t to) {
    if (!data_space_covered(s, from, end) || (from < to + (end - from) && to < end))
        return data_refuse(d, "mremap that leaves %#llx", ull(from * PAGE_BYTES));
    data_space_unmap(s, to, to + (end - from));
    struct mapping left = *data_space_at(s, from);
    if (left.end < end) return data_refuse(d, "mremap that leaves several mappings");
    left.offset += from - left.start;
    left.start = from;
    left.end = end;
    left.held = false;
    if (left.object) left.object->refs++;
    data_space_move(s, from, end, to);
    data_space_map(s, &left);
    return true;
}

static bool call_mremap(struct data *d, struct space *s, const struct os_call *c) {
    vpn_t from, from_end, to, to_end;
    if (c->arg[3] & ~(uint64_t)MREMAP_KNOWN)
        return data_refuse(d, "mremap with flags %#llx is not supported", ull(c->arg[3]));
    if (!range(d, c->arg[0], c->arg[1], &from, &from_end)) return false;
    if (!range(d, c->arg[4], c->arg[2], &to, &to_end)) return false;
    if (from == from_end || to == to_end) return data_refuse(d, "mremap of no bytes");
    if (!data_special_whole(d, s, from, from_end)) return false;
    if (c->arg[4] < d->config.os_mmap_min_addr)
        return data_refuse(d, "mremap to %#llx, below os.mmap_min_addr", ull(c->arg[4]));
    if ((c->arg[3] & MREMAP_DONTUNMAP) && from_end - from != to_end - to)
        return data_refuse(d, "mremap that leaves %#llx and changes its length", ull(c->arg[0]));
    if (c->arg[3] & MREMAP_DONTUNMAP) return mremap_leave(d, s, from, from_end, to);
    if (from != to && from_end - from == to_end - to && data_space_at(s, from))
        return mremap_all(d, s, from, from_end, to);
    vpn_t kept = to_end - to < from_end - from ? to_end - to : from_end - from;
    if (!data_space_covered(s, from, from + kept))
        return data_refuse(d, "mremap at %#llx of memory that is not mapped", ull(c->arg[0]));
    if (from != to) {
        if (from < to_end && to < from_end) return data_refuse(d, "mremap onto itself");
        data_space_unmap(s, to, to_end);
    } else if (from_end < to_end && !data_space_empty(s, from_end, to_end)) {
        return data_refuse(d, "mremap at %#llx grows into another mapping", ull(c->arg[0]));
    }
    if (from + kept < from_end) data_space_unmap(s, from + kept, from_end);
    if (from != to) data_space_move(s, from, from + kept, to);
    if (to + kept == to_end) return true;
    const struct mapping *m = data_space_at(s, to + kept - 1);
    if (m->object && m->object->device)
        return data_refuse(d, "mremap at %#llx lets a device grow", ull(c->arg[0]));
    bool held = m->held;
    data_space_extend(s, to + kept, to_end);
    if (held) data_space_populate(d, s, to + kept, to_end, DATA_POPULATE_MAP);
    return true;
}

/* msync(2) passes over holes, and over all but shared mappings of files. */
static bool call_msync(struct data *d, struct space *s, const struct os_call *c) {
    vpn_t first, end;
    if (!range(d, c->arg[0], c->arg[1], &first, &end)) return false;
    size_t i = data_space_find(s, first);
    for (; i < s->count && s->map[i].start < end; i++) {
        const struct mapping *m = &s->map[i];
        if (!m->shared || m->object->shmem) continue;
        vpn_t low = m->start > first ? m->start : first, high = m->end < end ? m->end : end;
        data_object_sync(m->object, m->offset + (low - m->start), m->offset + (high - m->start));
    }
    return true;
}

/* A lock changes no byte, but for the copies that it makes of private pages of files
 * (__mm_populate): now, when the mapping grows, and when it becomes writable. */
static bool call_mapped(struct data *d, struct space *s, const struct os_call *c) {
    uint64_t va = c->arg[0] - (c->nr == CALL_MINCORE ? 0 : c->arg[0] % PAGE_BYTES);
    vpn_t first, end;
    if (!range(d, va, c->arg[1] + (c->arg[0] - va), &first, &end)) return false;
    if (!data_space_covered(s, first, end))
        return data_refuse(d, "%s at %#llx of memory that is not mapped", call_word(c->nr),
                           ull(c->arg[0]));
    bool holds = c->nr == CALL_MLOCK && !c->arg[2];
    if (c->nr != CALL_MINCORE) data_space_flag(s, first, end, DATA_HELD, holds);
    if (holds) data_space_populate(d, s, first, end, DATA_POPULATE_MAP);
    return true;
}

/* MCL_CURRENT 1, MCL_FUTURE 2; MCL_ONFAULT 4 brings nothing in. */
static bool call_mlockall(struct data *d, struct space *s, const struct os_call *c) {
    uint64_t how = c->nr == CALL_MLOCKALL ? c->arg[0] : 0;
    s->locks = (how & 2) && !(how & 4);
    if (how & 1 || c->nr == CALL_MUNLOCKALL)
        data_space_flag(s, 0, d->task_end, DATA_HELD, (how & 1) && !(how & 4));
    if ((how & 1) && !(how & 4)) data_space_populate(d, s, 0, d->task_end, DATA_POPULATE_MAP);
    return true;
}

/* ---- Processes ------------------------------------------------------------------------------- */

static bool call_exec(struct data *d, const struct os_call *c) {
    if (c->pid == 0) return data_refuse(d, "process 0 does not exist");
    if (data_task_group(d, c->pid) != c->pid)
        return data_refuse(d, "exec of %u, a thread of another process", c->pid);
    data_group_end(d, c->pid);
    data_task_new(d, c->pid, c->pid, data_space_new(d));
    return true;
}

static bool call_fork(struct data *d, struct space *s, const struct os_call *c) {
    uint64_t pid = c->arg[0];
    if (pid == 0 || pid > UINT32_MAX || data_task_taken(d, (uint32_t)pid))
        return data_refuse(d, "fork of process %u into %llu, which is alive or no pid", c->pid,
                           ull(pid));
    bool same = c->nr == CALL_CLONE, thread = same && (c->arg[1] & CLONE_F_THREAD);
    struct space *child = same ? s : data_space_new(d);
    if (!same) data_space_fork(child, s);
    data_task_new(d, (uint32_t)pid, thread ? data_task_group(d, c->pid) : (uint32_t)pid, child);
    return true;
}

static bool call_exit(struct data *d, const struct os_call *c) {
    if (c->arg[0])
        data_group_end(d, data_task_group(d, c->pid));
    else
        data_task_end(d, c->pid);
    return true;
}

/* ---- Files ----------------------------------------------------------------------------------- */

static bool call_file(struct data *d, const struct os_call *c) {
    if (c->file == 0) return data_refuse(d, "file 0 does not exist");
    if (data_file(d, c->file)) return data_refuse(d, "file %u is declared twice", c->file);
    if (c->arg[0] > INT64_MAX) return data_refuse(d, "file of %llu bytes", ull(c->arg[0]));
    data_file_add(d, data_object_new(c->file, c->arg[0], (enum store)c->arg[1]));
    return true;
}

/* unmap_mapping_range(even_cows): private copies of pages beyond the new end are lost too. */
static void truncate_copies(struct space *s, const struct object *o) {
    uint64_t pages = data_object_pages(o);
    for (size_t i = 0; i < s->count; i++) {
        const struct mapping *m = &s->map[i];
        if (m->object != o || m->offset + (m->end - m->start) <= pages) continue;
        data_pages_drop(&s->own, m->offset < pages ? m->start + (pages - m->offset) : m->start,
                        m->end);
    }
}

static bool call_on_file(struct data *d, const struct os_call *c) {
    struct object *o = data_file(d, c->file);
    if (!o) return data_refuse(d, "file %u is not declared", c->file);
    if (c->nr == CALL_IOERROR) {
        o->broken = (uint8_t)c->arg[0];
        return true;
    }
    if (c->nr == CALL_FSYNC) {
        data_object_sync(o, 0, UINT64_MAX);
        return true;
    }
    if (c->arg[0] > INT64_MAX) return data_refuse(d, "truncate to %llu bytes", ull(c->arg[0]));
    data_object_resize(o, c->arg[0], false);
    for (size_t i = 0; i < d->spaces; i++) truncate_copies(d->space[i], o);
    return true;
}

/* ---- The switch ------------------------------------------------------------------------------ */

bool data_call(struct data *d, const struct os_call *c) {
    d->epoch++;
    switch (c->nr) {
    case CALL_EXEC: return call_exec(d, c);
    case CALL_FILE: return call_file(d, c);
    case CALL_FSYNC:
    case CALL_IOERROR:
    case CALL_TRUNCATE: return call_on_file(d, c);
    case CALL_RECLAIM:
    case CALL_COMPACT:
    case CALL_MIGRATE: return true; /* nobody can tell */
    case CALL_WRITEBACK:
        for (size_t i = 0; i < d->files; i++) data_object_sync(d->file[i], 0, UINT64_MAX);
        return true;
    default: break;
    }
    struct space *s = data_space(d, c->pid);
    if (!s) return data_refuse(d, "process %u is not alive", c->pid);
    switch (c->nr) {
    case CALL_FORK:
    case CALL_CLONE: return call_fork(d, s, c);
    case CALL_EXIT: return call_exit(d, c);
    case CALL_MMAP: return call_mmap(d, s, c);
    case CALL_MUNMAP: return call_munmap(d, s, c);
    case CALL_MPROTECT: return call_mprotect(d, s, c);
    case CALL_BRK: return call_brk(d, s, c);
    case CALL_MADVISE: return call_madvise(d, s, c);
    case CALL_MREMAP: return call_mremap(d, s, c);
    case CALL_MSYNC: return call_msync(d, s, c);
    case CALL_MLOCK:
    case CALL_MUNLOCK:
    case CALL_MINCORE: return call_mapped(d, s, c);
    case CALL_MLOCKALL:
    case CALL_MUNLOCKALL: return call_mlockall(d, s, c);
    case CALL_KHUGEPAGED:
    case CALL_OOM_ADJ: return true;
    default: return data_refuse(d, "call %u does not change mappings by itself", c->nr);
    }
}
