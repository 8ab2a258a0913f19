/* SPDX-License-Identifier: Apache-2.0
 *
 * Does a candidate fail in the same way? It is replayed in a process of its own, forked from this
 * one with its engine open and reset already: that costs a millisecond, and whatever a candidate
 * does (a crash of the DUT, input that is refused, a loop) ends with its process. Its text lies in
 * memory, in a file without a name. What was asked once is not asked again.
 */
#define _GNU_SOURCE /* memfd_create */
#include "reduce.h"
#include "config_file.h"
#include "error.h"
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { SECONDS_LEAST = 10, SECONDS_TIMES = 4 }; /* what a candidate may take, by the first replay */

/* What a replay in another process tells of itself. */
struct verdict {
    bool done, checked;
    uint64_t last_record;
    double seconds;
    char signature[SIGNATURE_BYTES];
};

static struct {
    struct verdict *verdict;
    struct engine *engine; /* open, reset, never stepped here */
    int file;              /* the candidate's text */
    char path[32];
    rlim_t seconds;
    uint64_t *asked; /* hashes of candidates that were refused */
    size_t count, room;
} t = {.file = -1};

/* ---- The process of a candidate -------------------------------------------------------------- */

/* The DUT's runtime has a thread that is left behind by fork; closing would wait for it. The
 * process ends, and all with it. */
static void leave_open(struct engine *e) {
    (void)e;
}

static struct engine *opened(const char *kind, const struct config *c, uint32_t x_seed, char *why,
                             size_t bytes) {
    (void)kind, (void)c, (void)x_seed, (void)why, (void)bytes;
    t.engine->close = leave_open;
    return t.engine;
}

static _Noreturn void replay(const char *path, const struct config *c,
                             const struct replay_options *o) {
    static struct replay_result result;
    int null = open("/dev/null", O_WRONLY);
    struct rlimit limit = {t.seconds, t.seconds};
    signal(SIGINT, SIG_IGN); /* the reduction decides what is to be done */
    signal(SIGTERM, SIG_DFL);
    dup2(null, 1);
    if (t.seconds) {
        dup2(null, 2); /* the first one may say what is wrong with the input */
        setrlimit(RLIMIT_CPU, &limit);
    }
    config_check(c);
    replay_trace_on(path, c, o, opened, &result);
    t.verdict->checked = result.checked;
    t.verdict->last_record = result.last_record;
    t.verdict->seconds = result.seconds;
    memcpy(t.verdict->signature, result.signature, sizeof result.signature);
    t.verdict->done = true;
    _exit(0);
}

/* A process that ended before it had a verdict. */
static void ended_early(int status) {
    char what[64];
    if (WIFEXITED(status))
        snprintf(what, sizeof what, "the program ended, exit code %d", WEXITSTATUS(status));
    else
        snprintf(what, sizeof what, "%s", strsignal(WTERMSIG(status)));
    snprintf(t.verdict->signature, SIGNATURE_BYTES, "crash %s", what);
}

/* The exit code of a program that refused its input, or 0; the verdict is in t.verdict. */
static int ask(struct reduce *r, const char *path, const struct config *c,
               const struct replay_options *o) {
    int status;
    memset(t.verdict, 0, sizeof *t.verdict);
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) internal_error("no more processes");
    if (!child) replay(path, c, o);
    r->replays++;
    while (waitpid(child, &status, 0) < 0) {
        if (reduce_stopped(r)) kill(child, SIGKILL);
    }
    if (t.verdict->done) return 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_INPUT) return EXIT_INPUT;
    if (!reduce_stopped(r)) ended_early(status);
    return 0;
}

static bool open_engine(const struct reduce *r, const struct config *c, uint32_t seed) {
    char why[512];
    if (t.engine) t.engine->close(t.engine);
    t.engine = engine_open(r->options.engine, c, seed, why, sizeof why);
    if (!t.engine) fprintf(stderr, "pagewalk: engine %s: %s\n", r->options.engine, why);
    return t.engine != NULL;
}

/* ---- Candidates ------------------------------------------------------------------------------ */

static bool known(uint64_t hash) {
    for (size_t n = 0; n < t.count; n++) {
        if (t.asked[n] == hash) return true;
    }
    return false;
}

static void remember(uint64_t hash) {
    if (t.count == t.room) {
        t.room = t.room ? 2 * t.room : 256;
        t.asked = realloc(t.asked, t.room * sizeof *t.asked);
        if (!t.asked) internal_error("out of memory");
    }
    t.asked[t.count++] = hash;
}

/* The candidate as a text trace in t.file, each record where the written file will have it; its
 * hash. */
static uint64_t put_text(const struct items *l, size_t header) {
    char *text = NULL;
    size_t bytes = 0, at = 0;
    FILE *f = open_memstream(&text, &bytes);
    if (!f) internal_error("out of memory");
    fprintf(f, "%s\n", trace_first_line(l->pins));
    for (size_t n = 0; n < header; n++) fputs("note\n", f);
    items_print(l, f);
    fclose(f);
    if (ftruncate(t.file, 0)) internal_error("a file in memory cannot be emptied");
    while (at < bytes) {
        ssize_t n = pwrite(t.file, text + at, bytes - at, (off_t)at);
        if (n <= 0) internal_error("no memory for a trace of %zu bytes", bytes);
        at += (size_t)n;
    }
    uint64_t hash = XXH64(text, bytes, 0);
    free(text);
    return hash;
}

static bool same(struct reduce *r, const struct items *l, const struct config *c, const char *name,
                 uint32_t seed) {
    struct replay_options o = r->options;
    size_t warm = items_warm(l), header = reduce_header(r, c);
    uint64_t hash = put_text(l, header) ^ config_hash(c) ^ XXH64(name, strlen(name), warm + seed);
    if (reduce_stopped(r) || known(hash)) return false;
    o.config_name = name;
    o.seed = seed;
    o.from = warm ? header + warm + 1 : 0;
    bool is = ask(r, t.path, c, &o) == 0 && !strcmp(t.verdict->signature, r->signature);
    if (!is && !reduce_stopped(r)) remember(hash);
    return is;
}

static void keep_safe(struct reduce *r) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec - r->wrote.tv_sec < SECONDS_LEAST) return;
    r->wrote = now;
    reduce_write(r);
}

bool reduce_try(struct reduce *r, struct items *l) {
    bool is = same(r, l, &r->config, r->config_name, r->options.seed);
    struct items *loser = is ? &r->best : l;
    items_free(loser);
    items_decided(is);
    if (!is) return false;
    r->best = *l;
    keep_safe(r);
    return true;
}

bool reduce_try_config(struct reduce *r, const struct config *c, const char *name, uint32_t seed) {
    if (!open_engine(r, c, seed)) internal_error("an engine that was there is gone");
    if (same(r, &r->best, c, name, seed)) {
        r->config = *c;
        r->config_name = name;
        r->options.seed = seed;
        return true;
    }
    open_engine(r, &r->config, r->options.seed);
    return false;
}

void reduce_draw(struct reduce *r, uint32_t seed) {
    r->config.mem_seed = seed;
    if (!open_engine(r, &r->config, r->options.seed))
        internal_error("an engine that was there is gone");
}

uint64_t reduce_from(const struct reduce *r) {
    size_t warm = items_warm(&r->best);
    return warm ? reduce_header(r, &r->config) + warm + 1 : 0;
}

/* ---- The first replay, and the last ---------------------------------------------------------- */

bool reduce_begin(struct reduce *r) {
    void *shared = mmap(NULL, sizeof(struct verdict), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    t.file = memfd_create("candidate", MFD_CLOEXEC);
    if (shared == MAP_FAILED || t.file < 0) internal_error("out of memory");
    t.verdict = shared;
    snprintf(t.path, sizeof t.path, "/proc/self/fd/%d", t.file);
    r->options.no_waves = true;
    r->options.engine = r->engine;
    if (!open_engine(r, &r->config, r->options.seed)) exit(EXIT_INTERNAL);
    int refused = ask(r, r->trace, &r->config, &r->options);
    if (refused) exit(refused);
    memcpy(r->signature, t.verdict->signature, sizeof r->signature);
    r->options.check |= t.verdict->checked;
    t.seconds = SECONDS_LEAST + SECONDS_TIMES * (rlim_t)t.verdict->seconds;
    r->records = t.verdict->last_record ? t.verdict->last_record : UINT64_MAX;
    return r->signature[0] != 0;
}

bool reduce_on_model(struct reduce *r) {
    if (!strcmp(r->engine, "model")) return true;
    r->options.engine = "model";
    bool shown = open_engine(r, &r->config, r->options.seed) &&
                 ask(r, r->trace, &r->config, &r->options) == 0 &&
                 !strcmp(t.verdict->signature, r->signature);
    if (!shown) reduce_as_asked(r);
    return shown;
}

void reduce_as_asked(struct reduce *r) {
    r->options.engine = r->engine;
    t.count = 0;
    if (!open_engine(r, &r->config, r->options.seed))
        internal_error("an engine that was there is gone");
}

bool reduce_holds(struct reduce *r) {
    struct config c;
    if (r->options.engine != r->engine) reduce_as_asked(r);
    struct replay_options o = r->options;
    o.config_name = config_load(&c, r->config_file);
    replay_trace_settings(r->out, &c);
    o.from = reduce_from(r);
    return ask(r, r->out, &c, &o) == 0 && !strcmp(t.verdict->signature, r->signature);
}

void reduce_end(struct reduce *r) {
    if (t.engine) t.engine->close(t.engine);
    close(t.file);
    free(t.asked);
    items_free(&r->best);
    items_end();
}
