/* SPDX-License-Identifier: Apache-2.0
 *
 * What lies behind a file (store.c): its time, its read-around, and where it ends; and devices.
 */
#ifndef PW_OS_STORE_H
#define PW_OS_STORE_H
#include "os.h"

struct object;
struct vma;

enum { IO_READ = 1, IO_WRITE = 2 };
bool object_shmem(const struct object *);
uint64_t shmem_pages(const struct object *); /* allocated, in memory or in swap */
uint64_t object_ra_pages(const struct os *, const struct object *);
uint64_t store_read_cost(const struct os *, const struct object *);
uint64_t store_write_cost(const struct os *, const struct object *);       /* of a page */
bool store_room(const struct os *, const struct object *, uint64_t index); /* no ENOSPC */
bool store_fails(const struct object *, uint64_t index); /* the page must be read, and cannot be */
bool call_ioerror(struct os *, const struct os_call *);
bool store_check(const struct os *, char *why, size_t bytes); /* no more taken than there is */

/* ---- device.c ------------------------------------------------------------------------ */
bool store_device(enum store);
bool store_special(enum store); /* [vdso], [vvar] */
bool device_new(struct os *, struct object *);
const char *device_denies(const struct object *, const struct vma *); /* mmap: NULL: it does not */
bool device_map(struct os *, struct vma *); /* remap_pfn_range; false: no memory for tables */
pte_t device_type(const struct os *, const struct vma *); /* PBMT of its VMA's vm_page_prot */
pte_t device_pte(const struct os *, const struct vma *, vaddr_t);
/* Of the kernel's own: may the VMA have these PROT flags? No call leaves a part of one (refuses).
 */
bool special_may(const struct vma *, uint32_t flags);
bool special_whole(struct os *, const char *call, const struct mm *, vaddr_t start, vaddr_t end);
enum { VVAR_TIMENS = 1 }; /* VDSO_TIMENS_PAGE_OFFSET: nothing, outside a time namespace */
bool vvar_timens(const struct object *, uint64_t index);

#endif
