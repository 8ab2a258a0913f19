/* SPDX-License-Identifier: Apache-2.0
 *
 * host pack DIR <LINES    steps of translation cases for the guest, into DIR/cases.bin
 * host judge DIR <LINES   what the emulated hart said of them, DIR/answers.bin, beside the literal
 * walker
 *
 * Prints each line on which they differ, what was expected and what was seen; ends with a count of
 * what was compared, and of what was left out, and why. Exit code 1: a difference.
 */
#include "cases.h"
#include "config_file.h"
#include "enums.h"
#include "error.h"
#include "translate.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Cases see this memory; behind it lie the guest, nothing, and a window of PCIe that answers. */
static const struct spec_region ram = {0x80000000, 0x43fffffff};
static const paddr_t window_end = 1ull << 36, data_from = 0x100000000;

/* Why a case is not asked. From AMO on: where QEMU 7.2 knowingly differs from the specification. */
enum why {
    ASK,
    NO_OP,
    NO_SIZE,
    ALIGNED,
    LOCKED,
    UNFENCED,
    MACHINE,
    ROOM,
    TABLES,
    AMO,
    EBREAK,
    MRET,
    UPDATE,
    RESERVED,
    SPLIT,
    TABLE,
    WHYS
};
static const char *const left_out[WHYS] = {
    [NO_OP] = "sc, cbo, cbo.zero",
    [NO_SIZE] = "a fetch of one byte",
    [ALIGNED] = "misaligned on a hart that refuses it",
    [LOCKED] = "a locked PMP entry, which only a reset takes back",
    [UNFENCED] = "a fence is left out",
    [MACHINE] = "an address where the machine has something else",
    [ROOM] = "too many words",
    [TABLES] = "data among page tables",
    [AMO] = "QEMU 7.2 checks an AMO as a load first",
    [EBREAK] = "QEMU reads what is around an ebreak",
    [MRET] = "QEMU refuses mret to S and U when no PMP entry is on",
    [UPDATE] = "QEMU 7.2 asks no PMP before an A/D update",
    [RESERVED] = "QEMU 7.2 takes reserved bits 54 to 60 and PBMT = 3",
    [SPLIT] = "QEMU 7.2 makes aligned accesses of a misaligned one, and PMP is asked for those",
    [TABLE] = "QEMU 7.2 takes a table outside memory for a page fault"};

struct host {
    struct translate_run run;
    struct translate_case c;
    struct qemu_step *step;
    struct translate_answer *expected;
    unsigned room;
    FILE *file; /* cases or answers */
    bool judge, differs;
    uint64_t cases, steps, traps, updates, different, out[WHYS];
};

/* ---- A case as the guest takes it ------------------------------------------------------------ */
static unsigned word_of(struct qemu_step *s, paddr_t pa) {
    unsigned n = 0;
    while (n < s->words && s->word_pa[n] != pa) n++;
    if (n == s->words && n < QEMU_WORDS) s->word_pa[s->words++] = pa;
    return n;
}

static enum why check(const struct translate_case *c, const struct translate_step *s) {
    const struct spec_pmp *pmp = &c->set[s->pmp];
    if (s->access > ACCESS_LR) return NO_OP;
    if (s->access == ACCESS_AMO) return AMO;
    if (s->access == ACCESS_FETCH && s->bytes < 2) return NO_SIZE;
    if (s->va % s->bytes && s->access != ACCESS_FETCH && !(c->misaligned && s->access < ACCESS_AMO))
        return ALIGNED;
    bool on = false;
    for (unsigned n = 0; n < pmp->entries; n++) {
        if (pmp->cfg[n] & 0x80) return LOCKED;
        on = on || pmp->cfg[n] & 0x18;
    }
    if (s->access == ACCESS_FETCH && s->bytes == 2 && s->priv != PRIV_U) return EBREAK;
    if (s->access == ACCESS_FETCH && s->priv != PRIV_M && !on) return MRET;
    for (unsigned n = 0; n < c->words; n++)
        if (c->word[n].value >> 54 & 127 || (c->word[n].value >> 61 & 3) == 3) return RESERVED;
    return ASK;
}

static enum why places(struct qemu_step *q, const struct translate_case *c,
                       const struct translate_step *s, const struct translate_answer *a) {
    struct translate_split split = translate_split(c, s);
    bool refused = a->cause == CAUSE_LOAD_ACCESS || a->cause == CAUSE_STORE_ACCESS;
    if (a->bus && (a->bus_pa < ram.lo || (a->bus_pa > ram.hi && a->bus_pa < window_end)))
        return MACHINE;
    if (a->row == 12) return UPDATE;
    if (a->row == 2 && a->bus) return TABLE;
    if (s->va % s->bytes && (refused || s->pmp != TRANSLATE_PMP_ALL)) return SPLIT;
    /* the first half of an instruction must say that there is a second, which is fetched then */
    unsigned done = !a->cause                               ? s->bytes
                    : s->access == ACCESS_FETCH && a->parts ? split.bytes[0]
                                                            : 0;
    for (unsigned n = 0; n < done; n++) {
        bool second = n >= split.bytes[0];
        q->place[n] = a->pa[second] + (second ? n - split.bytes[0] : n);
        if (q->place[n] < data_from) return TABLES;
    }
    q->places = done;
    return ASK;
}

static void set_csrs(struct qemu_step *q, const struct translate_case *c,
                     const struct translate_step *s) {
    const struct spec_pmp *pmp = &c->set[s->pmp];
    static const uint8_t op[] = {QEMU_FETCH, QEMU_LOAD, QEMU_STORE, QEMU_AMO, QEMU_LR};
    q->op = op[s->access];
    q->bytes = s->bytes;
    q->priv = s->priv;
    q->va = s->va;
    q->satp = s->satp;
    q->status = (uint64_t)s->sum << 18 | (uint64_t)s->mxr << 19;
    for (unsigned n = 0; n < pmp->entries && n < QEMU_PMP; n++) {
        q->pmp_cfg[n / 8] |= (uint64_t)pmp->cfg[n] << 8 * (n % 8);
        q->pmp_addr[n] = pmp->addr[n];
    }
}

/* The words of the case: known from its first step on, so that all are looked at. */
static bool words(struct qemu_step *q, const struct translate_case *c) {
    for (unsigned n = 0; n < c->words; n++)
        if (word_of(q, c->word[n].pa & ~7ull) == QEMU_WORDS) return false;
    return true;
}

static enum why prepare(struct host *h, unsigned n) {
    const struct translate_step *s = &h->c.step[n];
    struct qemu_step *q = &h->step[n];
    struct translate_answer *a = &h->expected[n];
    *q = (struct qemu_step){.first = n == 0, .fence = n == 0 || s->fence};
    enum why why = check(&h->c, s);
    if (why) return why;
    if (!words(q, &h->c)) return ROOM;
    set_csrs(q, &h->c, s);
    translate_change(&h->run, &h->c, n);
    for (unsigned i = 0; i < s->words; i++) {
        unsigned k = word_of(q, h->c.word[s->word_from + i].pa & ~7ull);
        q->set |= 1ull << k;
        q->word[k] = translate_memory_read(h->run.memory, q->word_pa[k]);
    }
    translate_access(&h->run, &h->c, n, a);
    return places(q, &h->c, s, a);
}

/* ---- Beside the answer ----------------------------------------------------------------------- */
static void differs(struct host *h, unsigned n, const struct qemu_answer *a, const char *line,
                    const char *what) {
    const struct translate_answer *e = &h->expected[n];
    h->differs = true;
    printf("%s\n  step %u: %s: expected cause %u tval %" PRIx64 ", seen %" PRIu64 " %" PRIx64 "\n",
           line, n + 1, what, e->cause ? e->cause : QEMU_OK, e->cause ? e->tval : 0, a->cause,
           a->tval);
}

/* Memory as the walker has it: looked at after the whole case has been answered, step by step. */
static void judge(struct host *h, const char *line) {
    bool early = false;
    translate_begin(&h->run, &h->c);
    for (unsigned n = 0; n < h->c.steps; n++) {
        const struct qemu_step *q = &h->step[n];
        struct translate_answer again, *e = &h->expected[n];
        struct qemu_answer a;
        if (fread(&a, sizeof a, 1, h->file) != 1)
            input_error("answers.bin", 0, 0, "run the guest again", "it ends before the cases do");
        translate_change(&h->run, &h->c, n);
        translate_access(&h->run, &h->c, n, &again);
        h->steps++;
        h->traps += e->cause != 0;
        h->updates += e->writes;
        if (a.cause != (e->cause ? e->cause : QEMU_OK) || (e->cause && a.tval != e->tval))
            differs(h, n, &a, line, "the trap");
        else if (!e->cause && !a.token)
            differs(h, n, &a, line, "where it went");
        /* QEMU 7.2 sets A and D before it asks PMP and memory for the data and looks at NAPOT. */
        early = early || (e->cause && (e->row == 15 || e->row == 7));
        for (unsigned k = 0; k < q->words && !early; k++)
            if (a.word[k] != translate_memory_read(h->run.memory, q->word_pa[k])) {
                differs(h, n, &a, line, "a word of the tables");
                break;
            }
    }
}

static void one_case(struct host *h, const char *line) {
    enum why why = h->c.id[h->c.id_bytes - 1] == 'u' ? UNFENCED : ASK;
    if (h->c.steps > h->room) {
        h->room = h->c.steps * 2;
        h->step = realloc(h->step, h->room * sizeof *h->step);
        h->expected = realloc(h->expected, h->room * sizeof *h->expected);
        if (!h->step || !h->expected) internal_error("out of memory");
    }
    if (translate_begin(&h->run, &h->c)) why = NO_OP;
    for (unsigned n = 0; n < h->c.steps && !why; n++) why = prepare(h, n);
    h->out[why]++;
    if (why) return;
    h->cases++;
    h->differs = false;
    if (h->judge)
        judge(h, line);
    else if (fwrite(h->step, sizeof *h->step, h->c.steps, h->file) != h->c.steps)
        input_error("cases.bin", 0, 0, "is the disk full?", "it cannot be written");
    h->different += h->differs;
}

/* ---- All ------------------------------------------------------------------------------------- */
static void report(const struct host *h) {
    for (unsigned n = 1; n < WHYS; n++)
        if (h->out[n]) printf("left out %8" PRIu64 ": %s\n", h->out[n], left_out[n]);
    printf("compared %" PRIu64 " cases, %" PRIu64 " steps, %" PRIu64 " traps, %" PRIu64
           " words updated: %" PRIu64 " cases differ\n",
           h->cases, h->steps, h->traps, h->updates, h->different);
}

int main(int argc, char **argv) {
    static struct host h;
    struct config config;
    char path[4096], *line = NULL;
    size_t room = 0;
    if (argc != 3) usage_error("host pack|judge DIR", "two arguments are expected");
    h.judge = !strcmp(argv[1], "judge");
    snprintf(path, sizeof path, "%s/%s.bin", argv[2], h.judge ? "answers" : "cases");
    h.file = fopen(path, h.judge ? "rb" : "wb");
    if (!h.file) input_error(path, 0, 0, "check the path", "it cannot be opened");
    config_load(&config, "translate");
    h.run.memory = translate_memory_new();
    h.run.engine = &translate_spec;
    h.run.state = h.run.engine->open(h.run.memory, &config);
    for (ssize_t n; (n = getline(&line, &room, stdin)) > 0;) {
        if (line[n - 1] == '\n') line[n - 1] = 0;
        if (!translate_parse(&h.c, line))
            input_error("stdin", 0, 0, "mend the line", "%s", h.c.why);
        one_case(&h, line);
    }
    if (h.judge) report(&h);
    if (fclose(h.file)) input_error(path, 0, 0, "is the disk full?", "it cannot be written");
    h.run.engine->close(h.run.state);
    translate_memory_delete(h.run.memory);
    translate_case_free(&h.c);
    free(h.step);
    free(h.expected);
    free(line);
    return h.different ? EXIT_DIFFERENCE : EXIT_PASS;
}
