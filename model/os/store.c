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
 */
#include "kernel.h"

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
