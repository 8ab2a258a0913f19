/* SPDX-License-Identifier: Apache-2.0
 *
 * What is mapped before the first instruction: the program, its loader, the stack, the signal
 * trampoline. No system call of the guest made these, so they are read from the host's
 * /proc/self/maps, inside the guest's range only.
 *
 * The host's PROT_EXEC says nothing (qemu translates code, it never runs it in place), so the
 * protection of a file mapping is that of its ELF segment. qemu maps the whole stack at once; a
 * kernel maps the arguments and 128 KiB below them and grows [setup_arg_pages, fs/exec.c]: so does
 * the recording. What a kernel writes while it starts a program is recorded as what it is: the
 * strings of the arguments by get_user_pages (copy_strings, before there is a translation for
 * them), the arrays below them and the zeros behind a segment's last file byte by kernel stores.
 */
#include "plugin.h"
#include "enums.h"
#include "os/call.h"
#include <elf.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { IMAGES = 8, SEGMENTS = 8, STACK_SLACK = 128 << 10 };

struct image {
    uint64_t inode, bias;
    unsigned segments;
    Elf64_Phdr segment[SEGMENTS];
};

struct region {
    uint64_t start, end, offset, inode;
    unsigned prot;
    char path[512];
};

static struct image images[IMAGES];
static unsigned image_count;

/* Reads the loadable segments of an ELF file whose first page is mapped at `start`. */
static void image_read(const struct region *at) {
    int fd = open(at->path, O_RDONLY | O_CLOEXEC);
    Elf64_Ehdr head;
    if (fd < 0) return;
    struct image *image = &images[image_count];
    bool elf = pread(fd, &head, sizeof head, 0) == sizeof head &&
               memcmp(head.e_ident, ELFMAG, SELFMAG) == 0;
    for (unsigned i = 0; elf && i < head.e_phnum && image->segments < SEGMENTS; i++) {
        Elf64_Phdr *phdr = &image->segment[image->segments];
        off_t where = (off_t)(head.e_phoff + i * sizeof *phdr);
        if (pread(fd, phdr, sizeof *phdr, where) == sizeof *phdr && phdr->p_type == PT_LOAD)
            image->segments++;
    }
    close(fd);
    if (!image->segments) return;
    image->inode = at->inode;
    image->bias = at->start - (image->segment[0].p_vaddr & ~4095ull);
    image_count++;
}

static const Elf64_Phdr *segment_at(uint64_t va, uint64_t *bias) {
    for (unsigned i = 0; i < image_count; i++)
        for (unsigned s = 0; s < images[i].segments; s++) {
            const Elf64_Phdr *phdr = &images[i].segment[s];
            uint64_t from = images[i].bias + (phdr->p_vaddr & ~4095ull);
            uint64_t to = (images[i].bias + phdr->p_vaddr + phdr->p_memsz + 4095) & ~4095ull;
            *bias = images[i].bias;
            if (va >= from && va < to) return phdr;
        }
    return NULL;
}

static unsigned segment_prot(const Elf64_Phdr *phdr) {
    return (phdr->p_flags & PF_R ? PROT_R : 0u) | (phdr->p_flags & PF_W ? PROT_W : 0u) |
           (phdr->p_flags & PF_X ? PROT_X : 0u);
}

/* A line of /proc/self/maps, as guest addresses. False: not the guest's, or qemu's reservation. */
static bool region_parse(const struct ring *ring, const char *line, struct region *r) {
    char perms[5];
    unsigned major, minor;
    int name = 0;
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64 " %n", &r->start,
               &r->end, perms, &r->offset, &major, &minor, &r->inode, &name) != 7)
        return false;
    if (r->start < ring->guest_base || r->end > ring->guest_base + ring->guest_bytes) return false;
    r->start -= ring->guest_base;
    r->end -= ring->guest_base;
    r->prot = (perms[0] == 'r' ? PROT_R : 0u) | (perms[1] == 'w' ? PROT_W : 0u);
    snprintf(r->path, sizeof r->path, "%.*s", (int)strcspn(line + name, "\n"), line + name);
    return r->prot != 0;
}

/* ---- What becomes of a region ---------------------------------------------------------------- */

static void file_push(struct recorder *rec, const struct region *r) {
    uint64_t bias;
    const Elf64_Phdr *phdr = segment_at(r->start, &bias);
    unsigned prot = phdr ? segment_prot(phdr) : r->prot;
    if (!push_path(rec, r->path)) push_refuse(rec, RING_REFUSE_START);
    push_call(rec, CALL_MMAP, true, r->start, r->end - r->start, prot, MAP_F_PRIVATE | MAP_F_FIXED,
              r->offset);
    mapped_set(r->start, r->end - r->start, MAPPED | prot);
    if (!phdr || phdr->p_memsz == phdr->p_filesz) return;
    uint64_t zeros = bias + phdr->p_vaddr + phdr->p_filesz; /* padzero() of fs/binfmt_elf.c */
    if (zeros > r->start && zeros < r->end && (zeros & 4095))
        push_call(rec, CALL_KSTORE, false, zeros, 4096 - (zeros & 4095), 0, 0, 0);
}

/* Of arguments and environment, which stand as two arrays of pointers from the word behind argc. */
static uint64_t strings_at(const uint64_t *argc, uint64_t end) {
    uint64_t lowest = end, arrays = 2;
    for (const uint64_t *p = argc + 1; arrays; p++) {
        if (!*p)
            arrays--;
        else if (*p < lowest)
            lowest = *p;
    }
    return lowest;
}

/* The stack pointer is the lowest word that is not zero: argc. */
static void stack_push(struct recorder *rec, const struct region *r) {
    const uint64_t *word = (const uint64_t *)(uintptr_t)(rec->ring->guest_base + r->start);
    uint64_t sp = r->start;
    while (sp < r->end && !word[(sp - r->start) / 8]) sp += 8;
    uint64_t low = (sp - STACK_SLACK) & ~4095ull;
    if (low < r->start || sp == r->end) low = r->start;
    push_call(rec, CALL_MMAP, false, low, r->end - low, PROT_R | PROT_W,
              MAP_F_PRIVATE | MAP_F_FIXED | MAP_F_ANON | MAP_F_GROWSDOWN, 0);
    mapped_set(r->start, r->end - r->start, MAPPED | PROT_R | PROT_W);
    uint64_t strings = strings_at(&word[(sp - r->start) / 8], r->end);
    push_call(rec, CALL_GUP, false, strings, r->end - strings, GUP_WRITE, 0, 0);
    push_call(rec, CALL_KSTORE, false, sp, strings - sp, 0, 0, 0);
}

/* Anonymous: the bss of an image, the stack (as large as its limit, of no image), or the read-only
 * page from which signal handlers return, which is code. */
static bool anonymous_push(struct recorder *rec, const struct region *r) {
    struct rlimit limit;
    uint64_t bias;
    getrlimit(RLIMIT_STACK, &limit);
    if (r->prot == (PROT_R | PROT_W) && r->end - r->start >= limit.rlim_cur &&
        !segment_at(r->start, &bias)) {
        stack_push(rec, r);
        return true;
    }
    unsigned prot = r->prot & PROT_W ? r->prot : r->prot | PROT_X;
    push_call(rec, CALL_MMAP, false, r->start, r->end - r->start, prot,
              MAP_F_PRIVATE | MAP_F_FIXED | MAP_F_ANON, 0);
    mapped_set(r->start, r->end - r->start, MAPPED | prot);
    return false;
}

void startup_push(struct recorder *rec) {
    char line[1024];
    struct region r;
    bool stack = false;
    FILE *maps = fopen("/proc/self/maps", "re");
    if (!maps) push_refuse(rec, RING_REFUSE_START);
    while (fgets(line, sizeof line,
                 maps)) /* images first: a bss may lie below its file's next mapping */
        if (region_parse(rec->ring, line, &r) && r.inode && r.offset == 0 && image_count < IMAGES &&
            (!image_count || images[image_count - 1].inode != r.inode))
            image_read(&r);
    rewind(maps);
    push(rec, RING_START, 0, 0, NULL, 0);
    while (fgets(line, sizeof line, maps)) {
        if (!region_parse(rec->ring, line, &r)) continue;
        if (r.inode)
            file_push(rec, &r);
        else
            stack |= anonymous_push(rec, &r);
    }
    fclose(maps);
    if (!stack) push_refuse(rec, RING_REFUSE_START);
}
