/* SPDX-License-Identifier: Apache-2.0
 *
 * The runner's parts: tasks under ptrace (child.c), groups of them (group.c), what the kernel shows
 * of them (probe.c), the kind of a fault from that alone (derive.c), the files of a trace on a real
 * disk (files.c).
 */
#ifndef PW_LINUX_NATIVE_H
#define PW_LINUX_NATIVE_H
#include "row.h"
#include "config.h"
#include <sys/types.h>
#include <sys/user.h>

/* ---- child.c --------------------------------------------------------------------------------- */
struct child {
    uint32_t pid, group;          /* of the trace */
    pid_t real;                   /* 0: gone */
    pid_t leader;                 /* of its thread group, really */
    unsigned mm;                  /* equal: one address space */
    uint32_t waits;               /* in vfork, for this child */
    bool zombie;                  /* a leader that ended before its threads */
    struct user_regs_struct regs; /* as it stands at a stop */
    vaddr_t heap, stack;          /* of its mm, once the trace has set them */
    int events[2];                /* page_fault_user, page_fault_kernel */
    int pagemap;
    void *ring;
};

struct stop { /* how a step of a child ended */
    int sig;  /* 0: at the breakpoint */
    int code; /* si_code */
    vaddr_t va;
};

pid_t child_start(const char *stub, uint64_t stack_limit); /* a new process: nothing but the stub */
void child_exec_begin(struct child *, int stub_fd);
void child_exec_end(struct child *);
pid_t child_clone(struct child *, uint64_t flags); /* of clone(2) */
void child_released(struct child *);               /* from vfork */
void child_bare(struct child *);                   /* takes away what exec mapped beside the stub */
long child_call(struct child *, long nr, const uint64_t arg[6]);
#define CALL(child, nr, ...) child_call(child, nr, (const uint64_t[6]){__VA_ARGS__})
struct stop child_step(struct child *, unsigned entry, vaddr_t va, uint64_t *value);
struct stop child_fetch(struct child *, vaddr_t va);
struct stop child_frame(struct child *, int sig, vaddr_t top); /* a real one, that ends there */
void child_pipe(int in, int out); /* a large one that does not block, under these numbers */
void child_peek(const struct child *, vaddr_t, uint8_t *out, size_t bytes);
void child_flush(struct child *);                               /* the TLB, whole */
bool child_set_mm(struct child *, vaddr_t heap, vaddr_t stack); /* where they begin; 0: anywhere */
void child_kill(struct child *, int sig); /* by the signal it stands at, or SIGKILL */
void child_exit(struct child *, bool group);
void child_reap(struct child *);
void keep_khugepaged_busy(void); /* before the first child: it stays asleep then */
void compact_memory(void);       /* of the whole machine */

/* ---- group.c --------------------------------------------------------------------------------- */
struct children {
    struct child at[ROW_PROCESSES];
    size_t count;
    unsigned mms;
};
struct child *group_child(struct children *, uint32_t pid); /* made if it is not there */
void group_exit(struct children *, struct child *, bool group);
void group_kill(struct children *, struct child *, int sig);
void group_exec(struct children *, struct child *leader, struct child *caller, int stub_fd);
void group_clone(struct children *, struct child *parent, struct child *, uint64_t flags);
void group_set_mm(struct children *, struct child *, vaddr_t heap, vaddr_t stack);

/* ---- probe.c --------------------------------------------------------------------------------- */
void probe_attach(struct child *);
void probe_detach(struct child *);
void probe_begin(struct child *);
void probe_end(struct child *, struct row *); /* faults, without their kind */
void probe_times(const struct child *, uint64_t *minor, uint64_t *major);
void probe_see(const struct child *, const struct plan *, struct seen_mm *);
/* Where is this page of a shmem object? */
enum held { HELD_NOT, HELD_CACHE, HELD_SWAP };
enum held probe_held(const struct child *, const struct seen_vma *, vaddr_t);
const char *probe_why_not(void); /* NULL: this kernel and user can run the check */
void probe_settings(FILE *);
void probe_knobs(FILE *); /* what this kernel has otherwise than a trace may ask */

/* ---- derive.c -------------------------------------------------------------------------------- */
/* Of the pages a record may touch: where those of shmem objects are already, whoever put them
 * there. Asked before it. */
struct holding {
    vaddr_t start;
    enum held page[ROW_FAULTS];
};
void derive_before(const struct plan *, const struct child *, const struct seen_mm *,
                   const struct trace_record *, struct holding *);
/* The kinds of the row's faults. */
void derive_row(const struct plan *, struct row *, const struct seen_mm *before,
                const struct seen_mm *after, const struct holding *);

/* ---- gup.c: bytes done or -errno; data: what it writes, or has read; out, in: a pipe --- */
long gup_perform(struct child *, const struct os_call *, int out, int in, uint8_t *data,
                 struct row *);

/* ---- files.c --------------------------------------------------------------------------------- */
enum { FILE_FD = 300 };
void files_make(const struct plan *, const struct config *,
                const char *directory); /* fd FILE_FD + n, for children, too */
void files_read_ahead(const char *directory, unsigned pages); /* of its disk */
void files_break(const char *directory, uint64_t what);       /* I/O errors, of a loop device */
int files_fd(const struct plan *, uint32_t file);
const char *files_name(const struct plan *, const char *path); /* the trace's word for it */
uint8_t files_byte(const struct plan *, uint8_t byte, vaddr_t va);

#endif
