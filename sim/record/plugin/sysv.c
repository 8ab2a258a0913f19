/* SPDX-License-Identifier: Apache-2.0
 *
 * SysV shared memory. A segment is a file of tmpfs, as in the kernel (ipc/shm.c): shmat maps all of
 * it, shared; what holds no page any longer, because it was marked (IPC_RMID) and nobody has it
 * attached, is cut to nothing. Segments are the host's own, under the same ids.
 */
#include "enums.h"
#include "numbers.h"
#include "os/call.h"
#include "plugin.h"
#include <stdio.h>
#include <sys/shm.h>

enum { ATTACHED = 32 }; /* as many as qemu-user keeps (N_SHM_REGIONS) */
static struct attached {
    uint64_t va, bytes; /* 0 bytes: none */
    int id;
} attached[ATTACHED];

static struct attached *attached_at(uint64_t va) {
    for (unsigned i = 0; i < ATTACHED; i++)
        if (attached[i].bytes && attached[i].va == va) return &attached[i];
    return NULL;
}

/* Not there any longer: as a file that was cut to nothing. */
static uint64_t push_segment(struct recorder *r, int id) {
    struct shmid_ds ds;
    char name[32] = "SYSV";
    bool there = shmctl(id, IPC_STAT, &ds) == 0;
    if (there) snprintf(name, sizeof name, "SYSV%08x", (unsigned)ds.shm_perm.__key);
    struct host_file f = {.name = name,
                          .device = UINT64_MAX, /* of the kernel's own mount */
                          .inode = (uint64_t)id,
                          .size = there ? (ds.shm_segsz + 4095) & ~4095ull : 0,
                          .store = STORE_TMPFS};
    push_file(r, &f);
    return f.size;
}

uint64_t sysv_attach(struct recorder *r, uint64_t va) {
    const uint64_t *a = r->args;
    uint64_t bytes = push_segment(r, (int)a[0]);
    unsigned prot =
        PROT_R | (a[2] & SHM_RDONLY ? 0 : PROT_W) | (a[2] & SHM_EXEC ? (unsigned)PROT_X : 0);
    push_call(r, CALL_MMAP, true, va, bytes, prot, MAP_F_SHARED | MAP_F_FIXED, 0);
    mapped_set(va, bytes, MAPPED | prot);
    for (unsigned i = 0; i < ATTACHED; i++) {
        if (attached[i].bytes) continue;
        attached[i] = (struct attached){va, bytes, (int)a[0]};
        break;
    }
    return bytes;
}

uint64_t sysv_bytes(uint64_t va) {
    const struct attached *a = attached_at(va);
    return a ? a->bytes : 0;
}

void sysv_detach(struct recorder *r, uint64_t va) {
    struct attached *a = attached_at(va);
    if (!a) return;
    push_call(r, CALL_MUNMAP, false, va, a->bytes, 0, 0, 0);
    mapped_set(va, a->bytes, 0);
    push_segment(r, a->id);
    a->bytes = 0;
}

void sysv_removed(struct recorder *r) {
    if (r->args[1] == IPC_RMID) push_segment(r, (int)r->args[0]);
}
