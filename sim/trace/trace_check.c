/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules that a stream of records keeps, whatever its form. Readers refuse what breaks one, the
 * writer never writes it, so everything behind trace_next may rely on them:
 *
 *   an access has 1 to 4096 bytes, does not pass the end of the address space, and a process runs;
 *   a process is started (process, fork) before it runs, and does not run after its exit or fatal
 * signal; a file is declared once, before it is used; a range does not pass the end of the address
 * space; settings come before the first process; a signal follows the access or signal frame that
 * was refused, an expectation what it is about.
 *
 * Two bit sets (pids, file ids) and the threads that live are all the memory this needs, however
 * long the trace.
 */
#include "trace_private.h"
#include "error.h"
#include "expect.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void trace_check_init(struct trace_check *c) {
    memset(c, 0, sizeof *c);
    c->tasks.alive = calloc(TRACE_PID_MAX / 8 + 1, 1);
    c->declared = calloc(TRACE_FILE_MAX / 8 + 1, 1);
    c->devices = calloc(TRACE_FILE_MAX / 8 + 1, 1);
    if (!c->tasks.alive || !c->declared || !c->devices) internal_error("out of memory");
}

void trace_check_free(struct trace_check *c) {
    tasks_free(&c->tasks);
    free(c->declared);
    free(c->devices);
}

static bool has(const uint8_t *set, uint32_t i) {
    return set[i >> 3] >> (i & 7) & 1;
}
static void put(uint8_t *set, uint32_t i) {
    set[i >> 3] |= (uint8_t)(1u << (i & 7));
}

static bool __attribute__((format(printf, 3, 4)))
broken(struct trace_check *c, const char *remedy, const char *rule, ...) {
    va_list args;
    va_start(args, rule);
    vsnprintf(c->rule, sizeof c->rule, rule, args);
    va_end(args);
    c->remedy = remedy;
    return false;
}

static bool nobody_runs(struct trace_check *c) {
    return broken(c, "start one with `process PID`, or switch with `run PID`",
                  "no process runs here");
}

bool trace_check_access(struct trace_check *c, const struct trace_record *r) {
    if (!c->running) return nobody_runs(c);
    if (r->access > ACCESS_AMO) {
        return broken(c, "version 1 has fetch, load, store and amo", "access type %u is unknown",
                      r->access);
    }
    if (!r->bytes || r->bytes > TRACE_BYTES_MAX) {
        return broken(c, "split it; an access may cross one page boundary, not two",
                      "an access has 1 to %u bytes, not %u", TRACE_BYTES_MAX, r->bytes);
    }
    if (r->va + r->bytes - 1 < r->va) {
        return broken(c, "split it at the top", "the access passes the end of the address space");
    }
    c->has_subject = true;
    c->expected = false;
    c->subject = TRACE_ACCESS;
    c->subject_access = r->access;
    c->subject_pid = c->running;
    return true;
}

static bool check_pid(struct trace_check *c, uint64_t pid) {
    return (pid && pid <= TRACE_PID_MAX) ||
           broken(c, "PID_MAX_LIMIT of Linux is the bound", "a process number is 1 to %u, not %llu",
                  TRACE_PID_MAX, (unsigned long long)pid);
}

static bool check_switch(struct trace_check *c, uint32_t pid) {
    if (!check_pid(c, pid)) return false;
    if (!tasks_alive(&c->tasks, pid)) {
        return broken(c, "start it first with `process`, `fork` or `clone`",
                      "process %u was never started or has ended", pid);
    }
    if (tasks_waits(&c->tasks, pid)) {
        return broken(c, "the child execs or ends first; `run` the child",
                      "process %u waits for its vfork child %u", pid, tasks_waits(&c->tasks, pid));
    }
    c->running = pid;
    return true;
}

static bool check_file(struct trace_check *c, const struct os_call *k) {
    if (k->file && k->file <= TRACE_FILE_MAX && has(c->declared, k->file)) return true;
    return broken(c, "declare it first: file ID NAME size BYTES", "file %u was not declared",
                  k->file);
}

/* What a driver makes of read(2), write(2), fsync(2) is its own; it has neither size nor store. */
static bool check_no_device(struct trace_check *c, const struct os_call *k) {
    if (!check_file(c, k)) return false;
    return !has(c->devices, k->file) ||
           broken(c, "it can only be mapped", "file %u is a device, or the kernel's own", k->file);
}

static bool check_declare(struct trace_check *c, const struct os_call *k) {
    if (!k->file || k->file > TRACE_FILE_MAX) {
        return broken(c, "number files from 1", "a file id is 1 to %u, not %u", TRACE_FILE_MAX,
                      k->file);
    }
    if (has(c->declared, k->file)) {
        return broken(c, "give each file its own id", "file %u is declared twice", k->file);
    }
    if (!k->path || !*k->path || strlen(k->path) > TRACE_NAME_MAX) {
        return broken(c, "shorten it", "a file's name has 1 to %u bytes", TRACE_NAME_MAX);
    }
    if (k->arg[1] >= STORE_COUNT) {
        return broken(c, "disk, flash, nfs, ram, tmpfs, a device, vdso or vvar",
                      "a file's store is unknown");
    }
    put(c->declared, k->file);
    if (k->arg[1] >= STORE_DEVICE) put(c->devices, k->file);
    return true;
}

static bool check_range(struct trace_check *c, uint64_t start, uint64_t bytes) {
    return !bytes || start + bytes - 1 >= start ||
           broken(c, "shorten the length", "the range passes the end of the address space");
}

static bool check_mmap(struct trace_check *c, const struct os_call *k) {
    uint64_t kind = k->arg[3] & (MAP_F_SHARED | MAP_F_PRIVATE);
    if (kind != MAP_F_SHARED && kind != MAP_F_PRIVATE) {
        return broken(c, "one of the two", "a mapping is private or shared");
    }
    if (!(k->arg[3] & MAP_F_ANON) != !!k->file || ((k->arg[3] & MAP_F_GROWSDOWN) && k->file)) {
        return broken(c, "0 is the file id of anonymous memory",
                      "a mapping is anonymous or of a file, not both");
    }
    if ((k->arg[0] | k->arg[4]) % PAGE_BYTES || !k->arg[1]) {
        return broken(c, "a trace says where the mapping is, as mmap returned it",
                      "a mapping begins at a page, in memory and file, and has a length");
    }
    return (!k->file || check_file(c, k)) && check_range(c, k->arg[0], k->arg[1]);
}

static bool check_fork(struct trace_check *c, uint64_t child) {
    if (!check_pid(c, child)) return false;
    if (tasks_taken(&c->tasks, (uint32_t)child)) {
        return broken(c, "give the child a number of its own", "process %llu is already there",
                      (unsigned long long)child);
    }
    return true;
}

static bool check_clone(struct trace_check *c, const struct os_call *k) {
    uint64_t how = k->arg[1] & ~(uint64_t)CLONE_F_VM;
    uint32_t child = (uint32_t)k->arg[0];
    if (!(k->arg[1] & CLONE_F_VM) || (how && how != CLONE_F_VFORK && how != CLONE_F_THREAD)) {
        return broken(c, "`fork` is a clone without CLONE_VM; else thread, vm or vfork",
                      "a clone with flags 0x%llx is no record", (unsigned long long)k->arg[1]);
    }
    if (!check_fork(c, k->arg[0])) return false;
    bool thread = how == CLONE_F_THREAD;
    tasks_start(&c->tasks, child, thread ? tasks_group(&c->tasks, c->running) : child);
    if (how != CLONE_F_VFORK) return true;
    tasks_wait(&c->tasks, c->running, child);
    c->running = 0;
    return true;
}

/* The thread group's number stands for whichever of its threads calls exec. */
static bool check_exec(struct trace_check *c, uint32_t pid) {
    if (!check_pid(c, pid)) return false;
    uint32_t group = tasks_group(&c->tasks, pid), waits = tasks_waits(&c->tasks, pid);
    if (group != pid) {
        return broken(c, "write `process` with the group's number, which the thread then has",
                      "%u is a thread of process %u", pid, group);
    }
    if (waits && tasks_group(&c->tasks, c->running) != pid) {
        return broken(c, "the child execs or ends first", "process %u waits for its vfork child %u",
                      pid, waits);
    }
    tasks_released(&c->tasks, pid);
    tasks_end_group(&c->tasks, pid);
    tasks_start(&c->tasks, pid, pid);
    c->running = pid;
    c->begun = true;
    return true;
}

static void check_exit(struct trace_check *c, bool group) {
    if (group)
        tasks_end_group(&c->tasks, tasks_group(&c->tasks, c->running));
    else
        tasks_end(&c->tasks, c->running);
    c->running = 0;
}

static bool check_arguments(struct trace_check *c, const struct os_call *k) {
    switch (k->nr) {
    case CALL_FORK:
        if (!check_fork(c, k->arg[0])) return false;
        tasks_start(&c->tasks, (uint32_t)k->arg[0], (uint32_t)k->arg[0]);
        return true;
    case CALL_CLONE: return check_clone(c, k);
    case CALL_EXIT: check_exit(c, k->arg[0]); return true;
    case CALL_MMAP: return check_mmap(c, k);
    case CALL_BRK:
    case CALL_MUNLOCKALL:
    case CALL_WRITEBACK:
    case CALL_COMPACT:
    case CALL_KHUGEPAGED: return true;
    case CALL_RECLAIM:
        return k->arg[0] || broken(c, "1 at least", "reclaim takes a number of frames");
    case CALL_MLOCKALL:
        return (k->arg[0] & 3 && k->arg[0] < 8) ||
               broken(c, "for example: mlockall current future",
                      "mlockall takes current, future or both, and onfault");
    case CALL_OOM_ADJ:
        return k->arg[0] + OOM_ADJ_MAX <= 2 * OOM_ADJ_MAX ||
               broken(c, "-1000: never killed; 0; 1000: first",
                      "oom_score_adj is a number from -1000 to 1000");
    case CALL_MREMAP:
        return check_range(c, k->arg[0], k->arg[1]) && check_range(c, k->arg[4], k->arg[2]);
    case CALL_IOERROR:
        return check_no_device(c, k) &&
               (k->arg[0] < 4 ||
                broken(c, "read, write, both or none", "an I/O error is of nothing else"));
    case CALL_GUP:
        return check_range(c, k->arg[0], k->arg[1]) &&
               (k->arg[2] <= GUP_FUTEX || broken(c, "write, pin and force, or futex alone",
                                                 "gup does not do that with futex"));
    case CALL_FSYNC:
    case CALL_TRUNCATE: return check_no_device(c, k);
    case CALL_READ:
    case CALL_WRITE: return check_no_device(c, k) && check_range(c, k->arg[0], k->arg[1]);
    case CALL_SIGFRAME:
        return check_range(c, k->arg[0], k->arg[1]) &&
               (k->arg[1] || broken(c, "siginfo and ucontext", "a signal frame has a length"));
    default: /* munmap, mprotect, madvise, msync, kload, kstore */
        return check_range(c, k->arg[0], k->arg[1]);
    }
}

static bool check_call(struct trace_check *c, const struct os_call *k) {
    if (k->nr == CALL_NONE || k->nr >= CALL_COUNT) {
        return broken(c, "a newer pagewalk may know it", "call %u is unknown", k->nr);
    }
    if (k->nr == CALL_FILE) return check_declare(c, k);
    if (k->nr == CALL_EXEC) return check_exec(c, k->pid);
    if (!c->running) return nobody_runs(c);
    if (k->pid != c->running) {
        return broken(c, "switch to the caller first", "process %u calls while process %u runs",
                      k->pid, c->running);
    }
    return check_arguments(c, k);
}

/* What raised it: an access; a signal frame that could not be written (force_sigsegv). */
static bool check_cause(struct trace_check *c, uint8_t sig, uint8_t code) {
    bool frame = sig == SIGNAL_SEGV && code == SICODE_SEGV_KERNEL;
    bool segv = sig == SIGNAL_SEGV && (code == SICODE_SEGV_MAPERR || code == SICODE_SEGV_ACCERR);
    bool bus = sig == SIGNAL_BUS && (code == SICODE_BUS_ADRALN || code == SICODE_BUS_ADRERR);
    if (!segv && !bus && !frame) {
        return broken(c, "sigsegv has maperr, accerr and kernel, sigbus has adraln and adrerr",
                      "this signal has no such code");
    }
    if (frame) {
        return (c->has_subject && c->subject == TRACE_CALL && c->subject_call == CALL_SIGFRAME) ||
               broken(c, "put it right behind the sigframe",
                      "sigsegv kernel needs the signal frame that could not be written before it");
    }
    return (c->has_subject && c->subject == TRACE_ACCESS) ||
           broken(c, "put it right behind the access",
                  "a signal needs the access that caused it before it");
}

/* Its process goes on, in the handler. The kernel half must know before it acts, so nothing stands
 * between. */
static bool check_caught(struct trace_check *c) {
    if (c->expected || !tasks_alive(&c->tasks, c->subject_pid)) {
        return broken(c, "expectations may stand behind it",
                      "a signal that is caught stands right behind what raised it");
    }
    c->subject = TRACE_SIGNAL;
    return true;
}

static bool check_signal(struct trace_check *c, uint8_t sig, uint8_t code, bool caught) {
    if (!check_cause(c, sig, code)) return false;
    if (caught) return check_caught(c);
    if (!tasks_alive(&c->tasks, c->subject_pid)) return true; /* said twice */
    uint32_t group = tasks_group(&c->tasks, c->subject_pid);
    if (c->running && tasks_group(&c->tasks, c->running) == group) c->running = 0;
    tasks_end_group(&c->tasks, group);
    return true;
}

static bool check_expect(struct trace_check *c, const char *text) {
    struct expect e;
    struct lex l;
    lex_init(&l, text);
    expect_scan(&l, &e);
    if (l.bad) return broken(c, "docs/trace-format.md lists the expectations", "%s", l.rule);
    if (!c->has_subject)
        return broken(c, "put it behind one", "there is no record before it to expect anything of");
    if (e.only && e.kind == EXPECT_SIGNAL)
        return broken(c, "leave the brackets out", "a signal comes under every configuration");
    c->expected = true;
    if (e.kind == EXPECT_SIGNAL) return check_signal(c, e.sig, e.code, false);
    bool access = c->subject == TRACE_ACCESS;
    if ((e.kind == EXPECT_CYCLES || e.kind == EXPECT_FRAME) && !access) {
        return broken(c, "put it behind I, L, S or M", "this expectation is about an access");
    }
    if (e.kind == EXPECT_VALUE &&
        (!access || (c->subject_access != ACCESS_LOAD && c->subject_access != ACCESS_AMO))) {
        return broken(c, "put it behind L or M", "this expectation is about a load");
    }
    if ((e.kind == EXPECT_RSS || e.kind == EXPECT_PTE || e.kind == EXPECT_MAPS ||
         e.kind == EXPECT_MAPS_LINES || e.kind == EXPECT_SWAP || e.kind == EXPECT_LOCKED ||
         e.kind == EXPECT_MINCORE || e.kind == EXPECT_HUGE || e.kind == EXPECT_NAPOT) &&
        !c->running) {
        return nobody_runs(c);
    }
    if (e.kind == EXPECT_ENOMEM && c->subject != TRACE_CALL)
        return broken(c, "put it behind the call", "this expectation is about a call");
    if (e.kind == EXPECT_ENOMEM && c->subject_child) tasks_end(&c->tasks, c->subject_child);
    if (e.file > TRACE_FILE_MAX || (e.file && !has(c->declared, e.file))) {
        return broken(c, "declare it first: file ID NAME size BYTES", "file %u was not declared",
                      e.file);
    }
    return true;
}

/* Text must survive the text form: one line, no blanks around it, nothing that begins a comment. */
static bool check_text(struct trace_check *c, const char *s, enum trace_kind kind) {
    size_t n = strlen(s);
    if (n > TRACE_NOTE_MAX)
        return broken(c, "shorten it", "a text has %u bytes at most", TRACE_NOTE_MAX);
    if (n && (s[0] == ' ' || s[n - 1] == ' '))
        return broken(c, "trim it", "a text has no blanks around it");
    for (size_t i = 0; i < n; i++) {
        if ((uint8_t)s[i] < ' ' || s[i] == 127)
            return broken(c, "take it out", "a text has no control characters");
        if (s[i] == '#' && kind != TRACE_NOTE)
            return broken(c, "take it out", "# begins a comment");
    }
    return true;
}

static bool check_set(struct trace_check *c, const char *text) {
    const char *space = strchr(text, ' ');
    if (c->begun || c->pins_begun)
        return broken(c, "move it to the head of the trace",
                      "settings come before the first process, or what is first on the pins");
    if (!space || !space[1] || strchr(space + 1, ' ')) {
        return broken(c, "for example: set os.svadu 0", "a setting is a key and a value");
    }
    return true;
}

static bool check_pins(struct trace_check *c, const struct pins_record *p) {
    const char *rule = trace_pins_check(c, p);
    return !rule || broken(c, "docs/trace-format.md, traces at the pins", "%s", rule);
}

bool trace_check_event(struct trace_check *c, struct trace_record *r) {
    bool ok, common = r->kind == TRACE_SET || r->kind == TRACE_NOTE;
    if (c->pins != (r->kind == TRACE_PINS) && !common)
        return broken(c, "`" TRACE_PINS_MAGIC " 1` begins a trace of the pins",
                      "a trace is of programs or of the pins");
    switch (r->kind) {
    case TRACE_ACCESS: ok = trace_check_access(c, r); break;
    case TRACE_PINS: ok = check_pins(c, &r->pins); break;
    case TRACE_SWITCH: ok = check_switch(c, r->pid); break;
    case TRACE_CALL: ok = check_call(c, &r->call); break;
    case TRACE_SIGNAL: ok = check_signal(c, r->sig, r->code, r->caught); break;
    case TRACE_EXPECT: ok = check_text(c, r->text, r->kind) && check_expect(c, r->text); break;
    case TRACE_SET: ok = check_text(c, r->text, r->kind) && check_set(c, r->text); break;
    case TRACE_NOTE: ok = check_text(c, r->text, r->kind); break;
    default: return broken(c, "version 1 has no other", "record kind %d is unknown", (int)r->kind);
    }
    if (ok && (r->kind == TRACE_SWITCH || r->kind == TRACE_CALL)) {
        c->has_subject = true;
        c->expected = false;
        c->subject = r->kind;
        c->subject_call = r->kind == TRACE_CALL ? r->call.nr : CALL_NONE;
        c->subject_pid = c->running;
        bool fork = r->kind == TRACE_CALL && r->call.nr == CALL_FORK;
        c->subject_child = fork ? (uint32_t)r->call.arg[0] : 0;
    }
    return ok;
}
