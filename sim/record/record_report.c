/* SPDX-License-Identifier: Apache-2.0
 *
 * A recording begins with who made it of what, and ends with what a reader should know: how the
 * program ended, and everything that the recording does not hold although the program did it.
 */
#include "record_private.h"
#include "error.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The first line of `qemu-riscv64 --version`: "qemu-riscv64 version 7.2.22 (...)". */
static void qemu_version(const char *qemu, char *out, size_t bytes) {
    char command[1100], line[256] = "";
    snprintf(command, sizeof command, "'%s' --version 2>&1", qemu);
    FILE *p = popen(command, "r");
    if (p && !fgets(line, sizeof line, p)) line[0] = 0;
    if (p) pclose(p);
    const char *at = strstr(line, "version ");
    at = at ? at + 8 : "of unknown version";
    snprintf(out, bytes, "pagewalk record, qemu-riscv64 %.*s", (int)strcspn(at, " (\n"), at);
}

struct events *events_new(const struct record_options *o, const struct record_launch *l) {
    struct trace_header h = {.version = 1, .isa = "rv64"};
    struct events *e = calloc(1, sizeof *e);
    if (!e) internal_error("out of memory");
    e->options = o;
    const char *base = strrchr(o->command[0], '/');
    snprintf(h.program, sizeof h.program, "%s", base ? base + 1 : o->command[0]);
    for (size_t i = 0, used = 0; o->command[i] && used < sizeof h.command; i++)
        used += (size_t)snprintf(h.command + used, sizeof h.command - used, "%s%s", i ? " " : "",
                                 o->command[i]);
    qemu_version(l->qemu, h.recorder, sizeof h.recorder);
    if (!getcwd(e->directory, sizeof e->directory)) e->directory[0] = 0;
    e->writer = trace_create(o->output, &h);
    e->order = order_new();
    return e;
}

void events_delete(struct events *e) {
    for (uint32_t i = 0; i < e->processes; i++) free(e->process[i]);
    free(e->process);
    free(e->file);
    order_delete(e->order);
    free(e);
}

bool events_started(const struct events *e) {
    return e->processes != 0;
}
bool events_full(const struct events *e) {
    return e->full;
}
const char *events_refusal(const struct events *e) {
    return e->refusal;
}
volatile uint64_t *events_accesses(struct events *e) {
    return &e->seen;
}

uint32_t events_hosts(const struct events *e, uint32_t *out, uint32_t room) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < e->processes && n < room; i++)
        if (e->process[i]->alive) out[n++] = e->process[i]->host;
    return n;
}

static void report_status(const struct events *e, int status) {
    if (e->full)
        fprintf(stderr, "  the program was ended after --max accesses\n");
    else if (WIFSIGNALED(status))
        fprintf(stderr, "  the program was ended by signal %d\n", WTERMSIG(status));
    else
        fprintf(stderr, "  the program ended with exit status %d\n", WEXITSTATUS(status));
    if (!e->full && WIFSIGNALED(status) && !e->signals &&
        (WTERMSIG(status) == 11 || WTERMSIG(status) == 7))
        fprintf(stderr,
                "  not recorded: its last access, a fetch from a page that is not executable\n");
}

void events_report(const struct events *e, int status) {
    fprintf(stderr,
            "pagewalk record: %s: %" PRIu64 " accesses, %" PRIu32 " process%s, %" PRIu32 " files\n",
            e->options->output, e->accesses, e->processes, e->processes == 1 ? "" : "es",
            e->declared);
    report_status(e, status);
    if (e->caught)
        fprintf(stderr, "  caught: %" PRIu32 " faults, by handlers of the program\n", e->caught);
    if (e->racing)
        fprintf(stderr,
                "  racing: %" PRIu64 " accesses while another thread changed their mapping\n",
                e->racing);
    if (e->handlers)
        fprintf(stderr,
                "  not recorded: the frames of signals that no fault of the program raised\n");
    for (unsigned nr = 0; nr < UNKNOWN_MAX; nr++)
        if (e->unknown[nr])
            fprintf(stderr, "  not recorded: what the kernel read or wrote for system call %u\n",
                    nr);
}
