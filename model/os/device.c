/* SPDX-License-Identifier: Apache-2.0
 *
 * Device mappings (VM_PFNMAP): what a driver's mmap handler maps has no struct page.
 *
 * A device's memory lies at the top of physical memory, above what the kernel hands out: no frame
 * of it is ever counted, cached, locked, reclaimed or given to anybody else. One kind of driver
 * maps all of it in mmap (remap_pfn_range), so no access faults, and no fence follows, for nothing
 * was there before; the other maps a page when it is touched (vmf_insert_pfn). The PTE is special,
 * young and clean, and writable at once where the mapping is shared: nobody writes it back. The
 * private mapping of the first kind is copied on write; the second kind allows none
 * (is_cow_mapping).
 *
 * The memory type is in vm_page_prot, so a private copy, in RAM, has it as well: I/O
 * (pgprot_noncached), or non-cacheable where writes may be combined (pgprot_writecombine), if the
 * hart has Svpbmt. RISC-V has no device mappings of 2 MiB (ARCH_SUPPORTS_HUGE_PFNMAP).
 *
 * What exec maps for the kernel itself is here, too (mm/mmap.c, lib/vdso/datastore.c). [vvar] is
 * such a mapping: no struct page, a page mapped when it is touched, and for good neither writable
 * nor executable, so that it may be private; its second page is there in a time namespace only. The
 * pages of [vdso] have a struct page and are in no page cache: a fault maps one of them, no more
 * (there is no map_pages), reclaim and compaction do not know them, a write to a mapping that was
 * made writable copies one. Neither mapping grows, merges, is locked or is cut in two.
 */
#include "kernel.h"

bool store_device(enum store store) {
    return store >= STORE_DEVICE && store != STORE_VDSO;
}

static bool by_fault(const struct object *o) {
    return o->store == STORE_DEVICE_FAULT || o->store == STORE_DEVICE_FAULT_WC ||
           o->store == STORE_VVAR;
}

static uint64_t pages_of(const struct object *o) {
    return (o->size + PAGE_BYTES - 1) / PAGE_BYTES;
}

/* Its memory, with the bytes that a file of this id has. */
bool device_new(struct os *os, struct object *o) {
    struct frames *f = &os->frames;
    uint64_t top = mem_bytes(os->mem) / PAGE_BYTES - os->device_frames, pages = pages_of(o);
    if (!pages || pages > top || f->touched > top - pages)
        return refuse(os, "file: a device of %llu bytes needs as much untouched memory",
                      (unsigned long long)o->size);
    os->device_frames += pages;
    if (f->total > top - pages) f->total = top - pages;
    for (uint64_t i = 0; i < pages; i++) {
        uint8_t bytes[PAGE_BYTES] = {0};
        os_disk_read(os, o->id, i * PAGE_BYTES, bytes, PAGE_BYTES);
        mem_write(os->mem, (f->base + top - pages + i) << PAGE_SHIFT, bytes, PAGE_BYTES);
    }
    o->device = f->base + top - pages;
    return true;
}

/* ---- [vdso] and [vvar]: _install_special_mapping ------------------------------------- */

bool store_special(enum store store) {
    return store == STORE_VDSO || store == STORE_VVAR;
}

bool vvar_timens(const struct object *o, uint64_t index) {
    return o->store == STORE_VVAR && index == VVAR_TIMENS;
}

static const char *special_denies(const struct object *o, const struct vma *v) {
    if (v->pgoff || vma_pages(v) != pages_of(o) || (v->flags & VMA_SHARED))
        return "the kernel's own pages are mapped whole, and private";
    return special_may(v, v->flags) ? NULL : "vvar is read-only (VM_MAYWRITE, VM_MAYEXEC are off)";
}

bool special_may(const struct vma *v, uint32_t flags) {
    return v->object->store != STORE_VVAR || !(flags & (VMA_W | VMA_X));
}

bool special_whole(struct os *os, const char *call, const struct mm *mm, vaddr_t start,
                   vaddr_t end) {
    for (size_t i = vma_index(mm, start); i < mm->vmas && mm->vma[i]->start < end; i++) {
        const struct vma *v = mm->vma[i];
        if ((v->flags & VMA_SPECIAL) && (v->start < start || v->end > end))
            return refuse(os, "%s: %s is changed whole, or not at all (special_mapping_split)",
                          call, v->object->name);
    }
    return true;
}

/* ---- Devices ------------------------------------------------------------------------- */

const char *device_denies(const struct object *o, const struct vma *v) {
    uint64_t pages = pages_of(o), length = vma_pages(v);
    if (store_special(o->store)) return special_denies(o, v);
    if (v->pgoff > pages || length > pages - v->pgoff) return "it reaches beyond the device";
    return by_fault(o) && !(v->flags & VMA_SHARED)
               ? "a driver that maps by its fault handler has shared mappings only"
               : NULL;
}

pte_t device_type(const struct os *os, const struct vma *v) {
    if (!(v->flags & VMA_DEVICE) || v->object->store == STORE_VVAR || !os->cfg.hart_svpbmt ||
        os->cfg.os_mode == MODE_SV32)
        return 0;
    bool combines =
        v->object->store == STORE_DEVICE_WC || v->object->store == STORE_DEVICE_FAULT_WC;
    return (pte_t)(combines ? PBMT_NC : PBMT_IO) << PTE_PBMT_SHIFT;
}

pte_t device_pte(const struct os *os, const struct vma *v, vaddr_t va) {
    return vma_pte(os, v, v->object->device + vma_page(v, va)) | PTE_SPECIAL;
}

bool device_map(struct os *os, struct vma *v) {
    uint64_t bytes = v->end - v->start, span = pt_span(os, 1);
    if (by_fault(v->object)) return true;
    if (!frames_want(os, bytes / span + 2 * (os->levels - 1) + bytes / span / os->entries))
        return false;
    for (vaddr_t va = v->start; va < v->end; va += PAGE_BYTES)
        pte_set(os, pt_make(os, v->mm, va), device_pte(os, v, va));
    return true;
}
