/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of a trace, on a real disk: the bytes that model/token.h gives them, written, synced
 * and out of the page cache, as the kernel half begins. Only where a trace fetches instructions
 * stands a breakpoint instead (the first byte of x86-64's shortest way back to the runner).
 */
#define _GNU_SOURCE
#include "native.h"
#include "error.h"
#include "token.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { BREAKPOINT = 0xcc };

uint8_t files_byte(const struct plan *p, uint8_t byte, vaddr_t va) {
    return p->fetches && plan_fetched(p, va) ? BREAKPOINT : byte;
}

static void file_path(char *out, size_t bytes, const char *directory, size_t n) {
    snprintf(out, bytes, "%s/file%zu", directory, n);
}

static void file_fill(const struct plan *p, int fd, const struct os_call *k) {
    uint8_t page[PAGE_BYTES];
    for (uint64_t at = 0; at < k->arg[0]; at += sizeof page) {
        size_t n = k->arg[0] - at < sizeof page ? (size_t)(k->arg[0] - at) : sizeof page;
        for (size_t i = 0; i < n; i++)
            page[i] = files_byte(p, token_file_byte(k->file, at + i), at + i);
        if (write(fd, page, n) != (ssize_t)n) internal_error("test file: %s", strerror(errno));
    }
}

/* Zeros: a memfd, a file of the kernel's own tmpfs; a bounded one is mounted at `directory`. */
static void tmpfs_make(const struct plan *p, size_t n, bool bounded, const char *directory) {
    char name[4096];
    file_path(name, sizeof name, bounded ? directory : "", n);
    int fd = bounded ? open(name, O_RDWR | O_CREAT | O_EXCL, 0600) : memfd_create(name + 1, 0);
    if (fd < 0 || ftruncate(fd, (off_t)p->file[n].call.arg[0]) || dup2(fd, FILE_FD + (int)n) < 0)
        internal_error("%s: %s", name, strerror(errno));
    close(fd);
}

/* What the disk reads ahead, as the file's store in the trace does: a file that is opened takes it
 * from there. */
static void read_ahead(const struct config *cfg, uint64_t store, const char *directory) {
    const uint32_t pages[] = {[STORE_DISK] = cfg->os_ra_pages,
                              [STORE_FLASH] = cfg->os_flash_ra,
                              [STORE_NFS] = cfg->os_nfs_ra,
                              [STORE_RAM] = cfg->os_ram_ra};
    struct stat s;
    char path[96];
    if (stat(directory, &s)) internal_error("%s: %s", directory, strerror(errno));
    snprintf(path, sizeof path, "/sys/class/bdi/%u:%u/read_ahead_kb", major(s.st_dev),
             minor(s.st_dev));
    FILE *f = fopen(path, "w");
    if (!f || fprintf(f, "%u", pages[store] * 4) < 0 || fclose(f))
        internal_error("%s: %s", path, strerror(errno));
}

void files_make(const struct plan *p, const struct config *cfg, const char *directory) {
    char path[4096];
    for (size_t n = 0; n < p->files; n++) {
        if (p->file[n].call.arg[1] == STORE_TMPFS) {
            tmpfs_make(p, n, cfg->os_tmpfs_pages, directory);
            continue;
        }
        file_path(path, sizeof path, directory, n);
        unlink(path); /* a fresh inode: nothing cached, no history */
        int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
        if (fd < 0) internal_error("%s: %s", path, strerror(errno));
        file_fill(p, fd, &p->file[n].call);
        if (fsync(fd) || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED))
            internal_error("%s does not leave the page cache", path);
        close(fd);
        read_ahead(cfg, p->file[n].call.arg[1], directory);
        fd = open(path, O_RDWR);
        if (dup2(fd, FILE_FD + (int)n) < 0) internal_error("%s: %s", path, strerror(errno));
        close(fd);
    }
}

/* The image of the loop device is no more: reads and writes lie beyond its end. */
void files_break(const char *directory, uint64_t what) {
    struct stat s;
    char path[4096];
    snprintf(path, sizeof path, "%s.img", directory);
    if (what != 3 || truncate(path, 0) || stat(directory, &s))
        internal_error("%s: I/O errors of reads and writes only, on a loop device", path);
    snprintf(path, sizeof path, "/dev/loop%u", minor(s.st_dev));
    int fd = open(path, O_RDWR);
    if (fd < 0 || ioctl(fd, LOOP_SET_CAPACITY, 0)) internal_error("%s: %s", path, strerror(errno));
    close(fd);
}

int files_fd(const struct plan *p, uint32_t file) {
    for (size_t n = 0; n < p->files; n++)
        if (p->file[n].call.file == file) return FILE_FD + (int)n;
    return -1;
}

static bool n_of(const char *name, size_t *n) {
    return sscanf(name, "/file%zu", n) == 1 || sscanf(name, "/memfd:file%zu", n) == 1;
}

const char *files_name(const struct plan *p, const char *path) {
    const char *last = strrchr(path, '/');
    size_t n;
    if (!last || !n_of(last, &n) || n >= p->files) return path;
    return p->file[n].call.path;
}

/* What the disk of the trace's files reads ahead: taken from it when they are opened. */
void files_read_ahead(const char *directory, unsigned pages) {
    struct stat s;
    char path[96];
    if (stat(directory, &s)) internal_error("%s: %s", directory, strerror(errno));
    snprintf(path, sizeof path, "/sys/class/bdi/%u:%u/read_ahead_kb", major(s.st_dev),
             minor(s.st_dev));
    FILE *f = fopen(path, "w");
    if (!f || fprintf(f, "%u", pages * 4) < 0 || fclose(f))
        internal_error("%s: %s", path, strerror(errno));
}
