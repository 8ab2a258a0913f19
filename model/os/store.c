/* SPDX-License-Identifier: Apache-2.0
 *
 * What lies behind a file: a disk, flash, a server (nfs), RAM with a file system on it; or nothing
 * (tmpfs). Each has its own time for a read that a fault waits for, its own read-around, and its
 * own cost of a page written back; bytes and faults are the same for all that have a store.
 *
 * tmpfs is the kernel's shmem, as are memfd_create, SysV shared memory, /dev/zero and
 * MAP_SHARED|MAP_ANONYMOUS: the page cache is all there is. A page nobody wrote is allocated by its
 * first fault, reads of a hole by read(2) allocate nothing, and nobody cleans a page. An object
 * with a name (a file of the trace) outlives its mappings.
 *
 * A store may be full. A page of tmpfs takes its place when it is allocated, by whatever
 * (shmem_inode_acct_blocks), in swap as well; a page of a disk when it becomes dirty where the file
 * has a hole (ext4_da_reserve_space, or a block at once where little is left). What is taken is
 * counted from the pages and blocks themselves.
 */
#include "kernel.h"
#include <stdio.h>

bool object_shmem(const struct object *o) {
    return !o->id || o->store == STORE_TMPFS;
}

uint64_t object_ra_pages(const struct os *os, const struct object *o) {
    switch (object_shmem(o) ? STORE_TMPFS : o->store) {
    case STORE_DISK: return os->cfg.os_ra_pages;
    case STORE_FLASH: return os->cfg.os_flash_ra;
    case STORE_NFS: return os->cfg.os_nfs_ra;
    case STORE_RAM: return os->cfg.os_ram_ra;
    default: return 0;
    }
}

/* Of one read that is waited for, whatever its length. */
uint64_t store_read_cost(const struct os *os, const struct object *o) {
    switch (object_shmem(o) ? STORE_TMPFS : o->store) {
    case STORE_DISK: return os->cfg.os_cost_major;
    case STORE_FLASH: return os->cfg.os_flash_read;
    case STORE_NFS: return os->cfg.os_nfs_read;
    case STORE_RAM: return os->cfg.os_ram_read;
    default: return 0;
    }
}

/* Of a page that is written back. */
uint64_t store_write_cost(const struct os *os, const struct object *o) {
    switch (object_shmem(o) ? STORE_TMPFS : o->store) {
    case STORE_DISK: return os->cfg.os_disk_write;
    case STORE_FLASH: return os->cfg.os_flash_write;
    case STORE_NFS: return os->cfg.os_nfs_write;
    case STORE_RAM: return os->cfg.os_ram_write;
    default: return 0;
    }
}

uint64_t shmem_pages(const struct object *o) {
    return HASH_COUNT(o->pages) + HASH_COUNT(o->swapped);
}

/* ---- Full -------------------------------------------------------------------------------- */
static uint64_t limit(const struct os *os, const struct object *o) {
    if (!o->id || o->device || store_special(o->store))
        return 0; /* the kernel's own mount has none */
    return object_shmem(o) ? os->cfg.os_tmpfs_pages : os->cfg.os_store_free;
}

static bool has_place(const struct object *o, uint64_t index) {
    const struct page *p = page_find(o, index);
    if (object_shmem(o)) return p || swap_find(o, index);
    return !page_hole(o, index) || (p && p->dirty);
}

static uint64_t taken(const struct object *o) {
    if (object_shmem(o)) return shmem_pages(o);
    uint64_t born = (o->original + PAGE_BYTES - 1) / PAGE_BYTES, n = born;
    for (const struct block *b = o->disk; b; b = b->hh.next) n += !b->hole - (b->index < born);
    for (const struct page *p = o->pages; p; p = p->hh.next)
        n += p->dirty && page_hole(o, p->index);
    return n;
}

/* Pages that are left on the store of `o`. */
static uint64_t left(const struct os *os, const struct object *o) {
    uint64_t all = limit(os, o), used = 0;
    for (const struct object *each = os->objects; each; each = each->next) {
        if (!each->id || each->store != o->store) continue;
        all += each->declared;
        used += taken(each);
    }
    return all - used;
}

bool store_room(const struct os *os, const struct object *o, uint64_t index) {
    return !limit(os, o) || has_place(o, index) || left(os, o);
}

bool store_check(const struct os *os, char *why, size_t bytes) {
    for (const struct object *o = os->objects; o; o = o->next) {
        if (!limit(os, o) || left(os, o) <= INT64_MAX) continue;
        snprintf(why, bytes, "the store of %s holds more pages than it has", o->name);
        return false;
    }
    return true;
}

/* ---- I/O errors -------------------------------------------------------------------------- */
bool store_fails(const struct object *o, uint64_t index) {
    const struct page *p = page_find(o, index);
    return (o->broken & IO_READ) && (!p || p->blank) && !page_hole(o, index);
}

bool call_ioerror(struct os *os, const struct os_call *c) {
    struct object *o = c->file ? object_find(os, c->file) : NULL;
    if (!o || object_shmem(o))
        return refuse(os, "ioerror: file %u is %s", c->file,
                      o ? "of tmpfs, which reads and writes nothing" : "not declared");
    o->broken = (uint8_t)c->arg[0];
    return true;
}
