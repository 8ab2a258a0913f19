/* SPDX-License-Identifier: Apache-2.0
 *
 * From a command line to a running qemu: which file the command is, whether it can be recorded,
 * where qemu and the plugin are; then the shared ring, and the process.
 *
 * The guest lives between 0 and 2^38, so that its addresses are those of a Linux process under Sv39
 * (-R), and at a host address of our choice (-B), so that the plugin can read its memory. All its
 * processes are bound to one CPU: then the order of the ring is the order in which they ran. -seed
 * makes a recording repeatable.
 */
#define _GNU_SOURCE
#include "error.h"
#include "plugin/launch.h"
#include "record.h"
#include <assert.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STACK_BYTES = 8 << 20 };
static const uint64_t guest_base = 1ull << 44, guest_bytes = 1ull << 38;

/* ---- The program ----------------------------------------------------------------------------- */

static bool is_program(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* In the root first: that is where programs of the other architecture are. */
static bool try_path(const char *root, const char *dir, size_t dir_bytes, const char *name,
                     char *out, size_t bytes) {
    const char *slash = dir_bytes ? "/" : "";
    snprintf(out, bytes, "%s%.*s%s%s", root, (int)dir_bytes, dir, slash, name);
    if (is_program(out)) return true;
    snprintf(out, bytes, "%.*s%s%s", (int)dir_bytes, dir, slash, name);
    return is_program(out);
}

static void find_command(const char *root, const char *name, char *out, size_t bytes) {
    if (strchr(name, '/')) {
        if (try_path(name[0] == '/' ? root : "", "", 0, name, out, bytes)) return;
        input_error(name, 0, 0, "name a riscv64 program", "no such program");
    }
    const char *path = getenv("PATH");
    for (const char *dir = path ? path : "/usr/bin:/bin"; *dir;) {
        size_t length = strcspn(dir, ":");
        if (length && try_path(root, dir, length, name, out, bytes)) return;
        dir += length + (dir[length] == ':');
    }
    input_error(name, 0, 0, "give its path, or -L ROOT of a directory tree that holds it",
                "not found in PATH");
}

/* The loader that the program names must be there, or qemu stops with less to say. */
static void check_loader(int fd, const Elf64_Ehdr *head, const char *program, const char *root) {
    char loader[256] = "", path[1280];
    for (unsigned i = 0; i < head->e_phnum; i++) {
        Elf64_Phdr phdr;
        if (pread(fd, &phdr, sizeof phdr, (off_t)(head->e_phoff + i * sizeof phdr)) != sizeof phdr)
            break;
        if (phdr.p_type != PT_INTERP || phdr.p_filesz >= sizeof loader) continue;
        if (pread(fd, loader, phdr.p_filesz, (off_t)phdr.p_offset) < 0) loader[0] = 0;
    }
    snprintf(path, sizeof path, "%s%s", root, loader);
    if (loader[0] && access(path, R_OK) != 0 && access(loader, R_OK) != 0)
        input_error(program, 0, 0,
                    "apt-get install libc6-riscv64-cross, or -L ROOT of a riscv64 system",
                    "its loader %s is not in %s", loader, root[0] ? root : "/");
}

static void check_program(const char *program, const char *root) {
    Elf64_Ehdr head;
    int fd = open(program, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        input_error(program, 0, 0, "check its permissions", "cannot be read: %s", strerror(errno));
    ssize_t got = read(fd, &head, sizeof head);
    if (got >= 2 && memcmp(&head, "#!", 2) == 0)
        input_error(program, 0, 0, "record its interpreter with the script as an argument",
                    "is a script");
    if (got != sizeof head || memcmp(head.e_ident, ELFMAG, SELFMAG) != 0)
        input_error(program, 0, 0, "name a riscv64 program", "is no ELF program");
    if (head.e_machine != EM_RISCV || head.e_ident[EI_CLASS] != ELFCLASS64)
        input_error(program, 0, 0,
                    "compile it with riscv64-linux-gnu-gcc, or -L ROOT of a riscv64 system",
                    "is no riscv64 program");
    check_loader(fd, &head, program, root);
    close(fd);
}

/* ---- qemu and the plugin --------------------------------------------------------------------- */

void record_find(const struct record_options *o, struct record_launch *l) {
    if (strcmp(o->arch, "riscv64") != 0)
        usage_error("--arch riscv64", "programs of %s cannot be recorded yet", o->arch);
    find_command(o->root, o->command[0], l->program, sizeof l->program);
    check_program(l->program, o->root);
    const char *path = getenv("PATH");
    bool found = false;
    for (const char *dir = path ? path : "/usr/bin"; *dir && !found;) {
        size_t length = strcspn(dir, ":");
        found = length && try_path("", dir, length, "qemu-riscv64", l->qemu, sizeof l->qemu);
        dir += length + (dir[length] == ':');
    }
    if (!found) input_error("qemu-riscv64", 0, 0, "apt-get install qemu-user", "is not installed");
    ssize_t got = readlink("/proc/self/exe", l->plugin, sizeof l->plugin - 32);
    char *slash = got > 0 ? memrchr(l->plugin, '/', (size_t)got) : NULL;
    if (!slash) internal_error("/proc/self/exe cannot be read");
    snprintf(slash, 32, "/pagewalk-record.so");
    if (access(l->plugin, R_OK) != 0)
        input_error(l->plugin, 0, 0, "make build/pagewalk-record.so",
                    "the recorder's plugin is not built");
}

static void bind_to_one_cpu(void) {
    cpu_set_t have, one;
    CPU_ZERO(&one);
    if (sched_getaffinity(0, sizeof have, &have) != 0) return;
    for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--)
        if (CPU_ISSET(cpu, &have)) {
            CPU_SET(cpu, &one);
            sched_setaffinity(0, sizeof one, &one);
            return;
        }
}

static _Noreturn void run_qemu(const struct record_options *o, const struct record_launch *l) {
    char reserve[32], base[32], plugin[1100];
    unsigned count = 0;
    while (o->command[count]) count++;
    char **argv = calloc(count + 16, sizeof *argv);
    if (!argv) _exit(127);
    snprintf(reserve, sizeof reserve, "0x%llx", (unsigned long long)guest_bytes);
    snprintf(base, sizeof base, "0x%llx", (unsigned long long)guest_base);
    snprintf(plugin, sizeof plugin, "file=%s,ring=%d", l->plugin, QEMU_RING_FD);
    const char *const head[] = {"qemu-riscv64",
                                "-R",
                                reserve,
                                "-B",
                                base,
                                "-seed",
                                "1",
                                "-0",
                                o->command[0],
                                "-plugin",
                                plugin,
                                "-L",
                                o->root[0] ? o->root : "/",
                                l->program};
    static_assert(sizeof head / sizeof *head == QEMU_OPTIONS + 1, "the program is the last");
    unsigned n = 0;
    for (; n < sizeof head / sizeof *head; n++) argv[n] = (char *)(uintptr_t)head[n];
    for (unsigned i = 1; i < count; i++) argv[n++] = o->command[i];
    struct rlimit stack;
    getrlimit(RLIMIT_STACK, &stack);
    stack.rlim_cur = STACK_BYTES;
    setrlimit(RLIMIT_STACK, &stack);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    bind_to_one_cpu();
    if (dup2(l->fd, QEMU_RING_FD) == QEMU_RING_FD) execv(l->qemu, argv);
    _exit(127);
}

void record_start(const struct record_options *o, struct record_launch *l) {
    l->fd = memfd_create("pagewalk-record", MFD_CLOEXEC);
    if (l->fd < 0 || ftruncate(l->fd, sizeof(struct ring)) != 0)
        internal_error("no shared memory: %s", strerror(errno));
    void *at = mmap(NULL, sizeof(struct ring), PROT_READ | PROT_WRITE, MAP_SHARED, l->fd, 0);
    if (at == MAP_FAILED) internal_error("no shared memory: %s", strerror(errno));
    l->ring = at;
    l->ring->reader = getpid();
    l->ring->reader_fd = l->fd;
    l->ring->guest_base = guest_base;
    l->ring->guest_bytes = guest_bytes;
    /* Orphans of the guest become ours: the end is when none is left. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    fflush(NULL);
    l->child = fork();
    if (l->child < 0) internal_error("fork: %s", strerror(errno));
    if (l->child == 0) run_qemu(o, l);
}
