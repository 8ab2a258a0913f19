/* SPDX-License-Identifier: Apache-2.0
 *
 * pagewalk info: what a trace says about itself and what is in it. The whole trace is read, so a
 * damaged or nonsensical one is refused here as it would be by a replay.
 */
#include "error.h"
#include "json_put.h"
#include "pages.h"
#include "trace.h"
#include "verb.h"
#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct options {
    const char *in;
    bool json;
};

struct process {
    uint32_t pid;
    uint64_t accesses, pages;
};

struct info {
    const struct trace_header *header;
    uint64_t file_bytes, records, accesses, racing, caught;
    uint64_t by_access[ACCESS_COUNT], by_call[CALL_COUNT], by_kind[TRACE_PINS + 1];
    uint64_t pages;
    struct process *process;
    size_t processes;
};

/* ---- Counting ------------------------------------------------------------------------------ */

static struct process *find_process(struct info *i, uint32_t pid) {
    for (size_t n = 0; n < i->processes; n++) {
        if (i->process[n].pid == pid) return &i->process[n];
    }
    i->process = realloc(i->process, (i->processes + 1) * sizeof *i->process);
    if (!i->process) internal_error("out of memory");
    i->process[i->processes] = (struct process){.pid = pid};
    return &i->process[i->processes++];
}

static void count(struct info *i, struct trace *t) {
    struct pages pages = {0};
    struct trace_record r;
    struct process *p = NULL;
    while (trace_next(t, &r)) {
        i->records++;
        i->by_kind[r.kind]++;
        i->caught += r.kind == TRACE_SIGNAL && r.caught;
        if (r.kind == TRACE_CALL) {
            i->by_call[r.call.nr]++;
            if (r.call.nr == CALL_FORK || r.call.nr == CALL_CLONE)
                p = find_process(i, (uint32_t)r.call.arg[0]);
        }
        if (r.pid && (!p || p->pid != r.pid)) p = find_process(i, r.pid);
        bool request = r.kind == TRACE_PINS && r.pins.kind == PINS_REQUEST;
        i->accesses += request;
        i->by_access[r.pins.access] += request;
        if (r.kind != TRACE_ACCESS) continue;
        vpn_t first = r.va >> PAGE_SHIFT, last = (r.va + r.bytes - 1) >> PAGE_SHIFT;
        i->accesses++;
        i->by_access[r.access]++;
        i->racing += r.racing;
        p->accesses++;
        p->pages += pages_put(&pages, r.pid, first);
        if (last != first) p->pages += pages_put(&pages, r.pid, last);
    }
    i->pages = pages.count;
    pages_free(&pages);
}

/* ---- Printing ------------------------------------------------------------------------------ */

static double per_access(const struct info *i) {
    return i->accesses ? (double)i->file_bytes / (double)i->accesses : 0;
}

static const char *form_of(const struct trace_header *h) {
    return h->generated ? "generated" : h->binary ? "binary" : "text";
}

static void print_header(const char *label, const char *value) {
    if (*value) printf("  %-12s %s\n", label, value);
}

static void print_table(const struct info *i, const char *path) {
    printf("%s: %s form, version %u, %" PRIu64 " bytes\n", path, form_of(i->header),
           i->header->version, i->file_bytes);
    print_header("isa", i->header->isa);
    print_header("program", i->header->program);
    print_header("command", i->header->command);
    print_header("recorder", i->header->recorder);
    printf("  %-12s %" PRIu64 "\n", "records", i->records);
    printf("  %-12s %" PRIu64 ": %" PRIu64 " fetches, %" PRIu64 " loads, %" PRIu64
           " stores, %" PRIu64 " amos",
           "accesses", i->accesses, i->by_access[ACCESS_FETCH], i->by_access[ACCESS_LOAD],
           i->by_access[ACCESS_STORE], i->by_access[ACCESS_AMO]);
    if (i->racing) printf(", %" PRIu64 " of them racing", i->racing);
    putchar('\n');
    printf("  %-12s %.4f bytes in the file\n", "an access", per_access(i));
    printf("  %-12s %" PRIu64 " pages of 4 KiB\n", "touched", i->pages);
    printf("  %-12s %" PRIu64 " switches, %" PRIu64 " signals", "other", i->by_kind[TRACE_SWITCH],
           i->by_kind[TRACE_SIGNAL]);
    if (i->caught) printf(" (%" PRIu64 " caught)", i->caught);
    printf(", %" PRIu64 " expectations, %" PRIu64 " settings, %" PRIu64 " notes\n",
           i->by_kind[TRACE_EXPECT], i->by_kind[TRACE_SET], i->by_kind[TRACE_NOTE]);
    printf("  %-12s", "calls");
    for (unsigned c = 1; c < CALL_COUNT; c++) {
        if (i->by_call[c]) printf(" %s %" PRIu64, call_word(c), i->by_call[c]);
    }
    puts(i->by_kind[TRACE_CALL] ? "" : " none");
    for (size_t n = 0; n < i->processes; n++) {
        const struct process *p = &i->process[n];
        printf("  %-12s %u: %" PRIu64 " accesses, %" PRIu64 " pages\n", "process", p->pid,
               p->accesses, p->pages);
    }
}

/* Names are bytes of Linux, JSON is UTF-8: what is none is printed byte by byte. */
static void put_text(json_t *o, const char *key, const char *text) {
    json_t *value = json_string(text);
    char plain[512];
    if (!value) {
        size_t n = 0;
        for (; text[n] && n < sizeof plain - 1; n++)
            plain[n] = (uint8_t)text[n] < 127 ? text[n] : '?';
        plain[n] = 0;
        value = json_string(plain);
    }
    json_put(o, key, value);
}

static void print_json(const struct info *i, const char *path) {
    json_t *o = json_object(), *calls = json_object(), *processes = json_array();
    json_put_count(o, "schema", 1);
    put_text(o, "trace", path);
    put_text(o, "form", form_of(i->header));
    json_put_count(o, "version", i->header->version);
    json_put_count(o, "bytes", i->file_bytes);
    put_text(o, "isa", i->header->isa);
    put_text(o, "program", i->header->program);
    put_text(o, "command", i->header->command);
    put_text(o, "recorder", i->header->recorder);
    json_put_count(o, "records", i->records);
    json_put_count(o, "accesses", i->accesses);
    json_put_count(o, "fetches", i->by_access[ACCESS_FETCH]);
    json_put_count(o, "loads", i->by_access[ACCESS_LOAD]);
    json_put_count(o, "stores", i->by_access[ACCESS_STORE]);
    json_put_count(o, "amos", i->by_access[ACCESS_AMO]);
    json_put_count(o, "racing", i->racing);
    json_put(o, "bytes_per_access", i->accesses ? json_real(per_access(i)) : json_null());
    json_put_count(o, "pages", i->pages);
    json_put_count(o, "switches", i->by_kind[TRACE_SWITCH]);
    json_put_count(o, "signals", i->by_kind[TRACE_SIGNAL]);
    json_put_count(o, "signals_caught", i->caught);
    json_put_count(o, "expectations", i->by_kind[TRACE_EXPECT]);
    json_put_count(o, "settings", i->by_kind[TRACE_SET]);
    json_put_count(o, "notes", i->by_kind[TRACE_NOTE]);
    for (unsigned c = 1; c < CALL_COUNT; c++) json_put_count(calls, call_word(c), i->by_call[c]);
    json_put(o, "calls", calls);
    for (size_t n = 0; n < i->processes; n++) {
        json_t *p = json_object();
        json_put_count(p, "pid", i->process[n].pid);
        json_put_count(p, "accesses", i->process[n].accesses);
        json_put_count(p, "pages", i->process[n].pages);
        json_push(processes, p);
    }
    json_put(o, "processes", processes);
    json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(o);
}

/* ---- Command line -------------------------------------------------------------------------- */

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct options *o = state->input;
    if (key == 'j') {
        o->json = true;
    } else if (key == ARGP_KEY_ARG) {
        if (o->in) usage_error("ask about one trace at a time", "a second trace: %s", arg);
        o->in = arg;
    } else {
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int verb_info(int argc, char **argv) {
    static const struct argp_option options[] = {
        {"json", 'j', NULL, 0, "one JSON object on one line", 0}, {0}};
    static const struct argp argp = {options, parse, "TRACE", "Say what is in a trace.",
                                     NULL,    NULL,  NULL};
    struct options o = {0};
    struct info info = {0};
    struct stat st;
    argp_err_exit_status = EXIT_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (!o.in) usage_error("pagewalk info TRACE", "no trace is named");
    struct trace *t = trace_open(o.in);
    info.header = trace_get_header(t);
    if (!stat(o.in, &st)) info.file_bytes = (uint64_t)st.st_size;
    count(&info, t);
    if (o.json)
        print_json(&info, o.in);
    else
        print_table(&info, o.in);
    free(info.process);
    trace_close(t);
    return EXIT_PASS;
}
