/* SPDX-License-Identifier: Apache-2.0
 *
 * What a real kernel shows of a process: its page faults (tracepoints exceptions:page_fault_user
 * and page_fault_kernel), its counters, maps, smaps, and its frames (pagemap, kpageflags). None of
 * these touches the process. What concerns the stub is left out.
 */
#define _GNU_SOURCE
#include "native.h"
#include "error.h"
#include "stub.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#define THP    "/sys/kernel/mm/transparent_hugepage/"
#define EVENTS "/sys/kernel/tracing/events/exceptions/page_fault_"
enum { RING_PAGES = 16, SYS_CACHESTAT = 451 };

static bool parked(vaddr_t va) {
    return va >= STUB_BASE && va < STUB_END;
}

/* ---- Page faults ----------------------------------------------------------------------------- */

struct raw_fault { /* the format that probe_why_not has checked */
    uint16_t type;
    uint8_t flags, preempt;
    int32_t pid;
    uint64_t address, ip, error_code;
};
enum { X86_PF_PROT = 1, X86_PF_WRITE = 2, X86_PF_INSTR = 16 };

static long event_id(const char *name) {
    char path[128];
    long id = -1;
    snprintf(path, sizeof path, EVENTS "%s/id", name);
    FILE *f = fopen(path, "r");
    if (f && fscanf(f, "%ld", &id) != 1) id = -1;
    if (f) fclose(f);
    return id;
}

static int event_open(pid_t pid, const char *name) {
    struct perf_event_attr a = {.type = PERF_TYPE_TRACEPOINT,
                                .size = sizeof a,
                                .config = (uint64_t)event_id(name),
                                .sample_period = 1,
                                .sample_type = PERF_SAMPLE_RAW,
                                .disabled = 1};
    return (int)syscall(SYS_perf_event_open, &a, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

void probe_attach(struct child *c) {
    char path[64];
    c->events[0] = event_open(c->real, "user");
    c->events[1] = event_open(c->real, "kernel");
    c->ring = mmap(NULL, (RING_PAGES + 1) * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
                   c->events[0], 0);
    if (c->ring == MAP_FAILED || ioctl(c->events[1], PERF_EVENT_IOC_SET_OUTPUT, c->events[0]))
        internal_error("perf: %s", strerror(errno));
    snprintf(path, sizeof path, "/proc/%d/pagemap", c->real);
    c->pagemap = open(path, O_RDONLY | O_CLOEXEC);
}

void probe_detach(struct child *c) {
    munmap(c->ring, (RING_PAGES + 1) * PAGE_BYTES);
    close(c->events[0]);
    close(c->events[1]);
    close(c->pagemap);
}

void probe_begin(struct child *c) {
    struct perf_event_mmap_page *head = c->ring;
    head->data_tail = head->data_head;
    for (int i = 0; i < 2; i++) ioctl(c->events[i], PERF_EVENT_IOC_ENABLE, 0);
}

static void ring_copy(const struct child *c, uint64_t at, void *out, size_t bytes) {
    const uint8_t *data = (const uint8_t *)c->ring + PAGE_BYTES;
    for (size_t i = 0; i < bytes; i++)
        ((uint8_t *)out)[i] = data[(at + i) % (RING_PAGES * PAGE_BYTES)];
}

/* The kernel's own access may fault twice on a page: first with the handler disabled, as the atomic
 * copy of generic_perform_write, then again to have it repaired (fault_in_iov_iter_readable); and
 * where nothing can be repaired, once more to find out how many bytes can be had. That is one fault
 * here: the one that handle_mm_fault or the fixup answers. */
static bool again(const struct row *r, const struct seen_fault *f) {
    const struct seen_fault *last = r->faults ? &r->fault[r->faults - 1] : NULL;
    return f->kernel && last && last->kernel && last->va == f->va && last->access == f->access;
}

static void fault_add(struct row *r, const struct raw_fault *raw, bool kernel) {
    vaddr_t va = kernel ? raw->address - raw->address % PAGE_BYTES : raw->address;
    if (parked(va)) return;
    if (r->faults == ROW_FAULTS) internal_error("too many faults in one record");
    bool fetch = raw->error_code & X86_PF_INSTR, write = raw->error_code & X86_PF_WRITE;
    struct seen_fault f = {.kernel = kernel,
                           .present = raw->error_code & X86_PF_PROT,
                           .access = fetch   ? 'x'
                                     : write ? 'w'
                                             : 'r',
                           .va = va};
    if (!again(r, &f)) r->fault[r->faults++] = f;
}

void probe_end(struct child *c, struct row *r) {
    for (int i = 0; i < 2; i++) ioctl(c->events[i], PERF_EVENT_IOC_DISABLE, 0);
    struct perf_event_mmap_page *head = c->ring;
    uint64_t tail = head->data_tail, end = __atomic_load_n(&head->data_head, __ATOMIC_ACQUIRE);
    static uint16_t kernel_id;
    if (!kernel_id) kernel_id = (uint16_t)event_id("kernel");
    while (tail < end) {
        struct perf_event_header h;
        struct raw_fault raw;
        ring_copy(c, tail, &h, sizeof h);
        ring_copy(c, tail + sizeof h + sizeof(uint32_t), &raw, sizeof raw);
        if (h.type == PERF_RECORD_LOST) internal_error("perf lost faults");
        if (h.type == PERF_RECORD_SAMPLE) fault_add(r, &raw, raw.type == kernel_id);
        tail += h.size;
    }
    head->data_tail = tail;
}

void probe_times(const struct child *c, uint64_t *minor, uint64_t *major) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", c->real);
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f) fclose(f);
    text[n] = 0;
    const char *after = strrchr(text, ')');
    if (!after ||
        sscanf(after, ") %*c %*d %*d %*d %*d %*d %*u %" SCNu64 " %*u %" SCNu64, minor, major) != 2)
        internal_error("%s cannot be read", path);
}

/* ---- State ----------------------------------------------------------------------------------- */

static char *slurp(pid_t real, const char *what) {
    char path[64], *text = NULL;
    size_t bytes = 0, n;
    snprintf(path, sizeof path, "/proc/%d/%s", real, what);
    FILE *f = fopen(path, "r"), *out = open_memstream(&text, &bytes);
    char part[4096];
    if (!f || !out) internal_error("%s: %s", path, strerror(errno));
    while ((n = fread(part, 1, sizeof part, f))) fwrite(part, 1, n, out);
    fclose(f);
    fclose(out);
    return text;
}

/* smaps has a line of maps for each VMA, then its counts. The field of a count, -1 for others. */
static int field_of(const char *line, const char *colon) {
    static const char *const name[] = {
        "Rss",       "Shared_Clean", "Shared_Dirty", "Private_Clean", "Private_Dirty",
        "Anonymous", "LazyFree",     "Swap",         "Locked",        "AnonHugePages"};
    size_t n = (size_t)(colon - line);
    for (int i = 0; i < SMAPS_FIELDS; i++)
        if (strncmp(line, name[i], n) == 0 && !name[i][n]) return i;
    return -1;
}

static void see_vma(const struct plan *p, struct seen_mm *m, const char *line) {
    size_t n = m->vmas;
    seen_maps(m, line);
    struct seen_vma *v = &m->vma[n];
    const char *name = files_name(p, v->name);
    if (name != v->name) snprintf(v->name, sizeof v->name, "%s", name);
}

static void see_smaps(const struct child *c, const struct plan *p, struct seen_mm *m) {
    char *text = slurp(c->real, "smaps");
    bool skip = true;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        if (*line < 'A' || *line > 'Z') {
            vaddr_t start = strtoull(line, NULL, 16);
            skip = parked(start) || start >> 47;
            if (!skip) see_vma(p, m, line);
        } else if (!skip) {
            const char *colon = strchr(line, ':');
            int field = field_of(line, colon);
            if (field >= 0) m->smaps[field] += strtoull(colon + 1, NULL, 10) / 4;
        }
    }
    free(text);
}

static char frame_kind(uint64_t entry, uint64_t frame) {
    static int kpageflags = -1;
    uint64_t flags = 0;
    if (kpageflags < 0) kpageflags = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
    if (pread(kpageflags, &flags, sizeof flags, (off_t)(frame * 8)) != sizeof flags)
        internal_error("/proc/kpageflags: %s", strerror(errno));
    return flags >> 24 & 1 ? 'Z' : entry >> 61 & 1 ? 'F' : 'A'; /* KPF_ZERO_PAGE, PM_FILE */
}

/* Linux 6.7 and later [Documentation/admin-guide/mm/pagemap.rst], not in every libc's headers. */
struct pagemap_scan {
    uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
    uint64_t inverted, mask, anyof, returned;
};
#define PAGEMAP_SCAN_OF _IOWR('f', 16, struct pagemap_scan)
enum { IS_PRESENT = 8, IS_HUGE = 64 };

/* Is [va, va + 2 MiB) mapped by one leaf? */
static bool leaf_at(const struct child *c, vaddr_t va) {
    uint64_t found[3]; /* start, end, categories */
    struct pagemap_scan a = {.size = sizeof a,
                             .start = va,
                             .end = va + LEAF_BYTES,
                             .vec = (uintptr_t)found,
                             .vec_len = 1,
                             .mask = IS_PRESENT | IS_HUGE,
                             .returned = IS_HUGE};
    return ioctl(c->pagemap, PAGEMAP_SCAN_OF, &a) == 1;
}

static void see_pages(const struct child *c, struct seen_mm *m, const struct seen_vma *v) {
    uint64_t entry[512];
    bool huge = false;
    for (vaddr_t va = v->start; va < v->end;) {
        size_t left = (v->end - va) / PAGE_BYTES * sizeof *entry;
        ssize_t n = pread(c->pagemap, entry, left < sizeof entry ? left : sizeof entry,
                          (off_t)(va / PAGE_BYTES * 8));
        if (n <= 0) internal_error("pagemap: %s", strerror(errno));
        for (ssize_t i = 0; i < n / 8 && va < v->end; i++, va += PAGE_BYTES) {
            uint64_t frame = entry[i] & ((1ull << 55) - 1);
            if (va % LEAF_BYTES == 0 || va == v->start)
                huge = va % LEAF_BYTES == 0 && va + LEAF_BYTES <= v->end && leaf_at(c, va);
            if (entry[i] >> 63)
                seen_add_page(m, &(struct seen_page){va, frame, frame_kind(entry[i], frame), huge});
            else if (entry[i] >> 62 & 1)
                seen_add_page(m, &(struct seen_page){.va = va, .kind = 'S'});
        }
    }
}

void probe_see(const struct child *c, const struct plan *p, struct seen_mm *m) {
    seen_clear(m);
    m->alive = c->real && !c->zombie;
    if (!m->alive) return;
    see_smaps(c, p, m);
    for (size_t i = 0; i < m->vmas; i++) see_pages(c, m, &m->vma[i]);
}

enum held probe_held(const struct child *c, const struct seen_vma *v, vaddr_t va) {
    char path[96];
    struct {
        uint64_t off, len;
    } range = {v->offset + (va - v->start) / PAGE_BYTES * PAGE_BYTES, PAGE_BYTES};
    uint64_t stat[5] = {0}; /* nr_cache first */
    snprintf(path, sizeof path, "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, c->real, v->start,
             v->end);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || syscall(SYS_CACHESTAT, fd, &range, stat, 0))
        internal_error("%s: %s", path, strerror(errno));
    /* what is in swap is data (mapping_seek_hole_data) */
    bool data = lseek(fd, (off_t)range.off, SEEK_DATA) == (off_t)range.off;
    close(fd);
    return stat[0] ? HELD_CACHE : data ? HELD_SWAP : HELD_NOT;
}

/* ---- Is this a kernel to ask? ---------------------------------------------------------------- */

const char *probe_why_not(void) {
    struct utsname u;
    char text[4096] = "";
    uname(&u);
    if (strcmp(u.machine, "x86_64") != 0) return "the runner is for x86-64";
    if (strncmp(u.release, "6.18.", 5) != 0) return "this is not Linux 6.18";
    if (geteuid() != 0) return "the runner must be root";
    FILE *f = fopen(EVENTS "user/format", "r");
    if (!f) return "there is no tracefs at /sys/kernel/tracing";
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = 0;
    if (!strstr(text, "address;\toffset:8;") || !strstr(text, "error_code;\toffset:24;"))
        return "the tracepoint has another format";
    if (access("/proc/kpageflags", R_OK)) return "there is no /proc/kpageflags";
    return NULL;
}

static bool probe_swap(void) {
    struct sysinfo info;
    return sysinfo(&info) == 0 && info.totalswap;
}

/* mm_forbids_zeropage, and kernels that are told to have none. */
static bool probe_zero_page(void) {
    uint64_t entry = 0;
    int f = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    volatile uint8_t *page =
        mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (f < 0 || page == MAP_FAILED || page[0] ||
        pread(f, &entry, sizeof entry, (off_t)((uintptr_t)page / PAGE_BYTES * 8)) != sizeof entry)
        internal_error("pagemap: %s", strerror(errno));
    close(f);
    munmap((void *)page, PAGE_BYTES);
    return frame_kind(entry, entry & ((1ull << 55) - 1)) == 'Z';
}

/* Where advice asks for huge pages, are there any? Elsewhere there are none (child.c). */
static bool probe_huge(void) {
    char text[64] = "";
    FILE *f = fopen(THP "enabled", "r");
    bool known = f && fgets(text, sizeof text, f);
    if (f) fclose(f);
    return known && !strstr(text, "[never]");
}

/* Linux 6.8 and later */
static bool probe_folios(void) {
    return access(THP "hugepages-64kB/enabled", W_OK) == 0;
}

void probe_knobs(FILE *out) {
    fprintf(out, "%s%s%s%s\n", probe_zero_page() ? "" : "os.zero_page=0 ",
            probe_huge() ? "" : "os.thp=never ", probe_folios() ? "" : "os.thp64=never ",
            probe_swap() ? "" : "os.swap=0");
}

static void setting(FILE *out, const char *name, const char *path, const char *otherwise) {
    char text[256] = "";
    FILE *f = fopen(path, "r");
    bool ok = f && fgets(text, sizeof text, f);
    if (f) fclose(f);
    text[strcspn(text, "\n")] = 0;
    fprintf(out, "%s=%s", name, ok ? text : otherwise);
}

void probe_settings(FILE *out) {
    struct utsname u;
    uname(&u);
    fprintf(out, "uname %s %s %s %s\nsettings ", u.sysname, u.release, u.version, u.machine);
    setting(out, "thp", THP "enabled", "not-built");
    setting(out, " thp_defrag", THP "defrag", "not-built");
    fputc(' ', out);
    setting(out, "fault_around_bytes", "/sys/kernel/debug/fault_around_bytes",
            "65536(the default; debugfs is locked)");
    setting(out, " lru_gen", "/sys/kernel/mm/lru_gen/enabled", "not-built");
    setting(out, " mmap_min_addr", "/proc/sys/vm/mmap_min_addr", "?");
    setting(out, " overcommit", "/proc/sys/vm/overcommit_memory", "?");
}
