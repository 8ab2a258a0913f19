/* SPDX-License-Identifier: Apache-2.0
 *
 * GTKWave's save file, as text: groups of signals with their radix, where to look and how near. The
 * signals come from the list of pins, so a pin added there is in the view. A pin that carries an
 * enumeration shows its words, the same as logs and C print, by a filter file NAME.GROUP.words
 * beside the view.
 */
#include "wave_view.h"
#include "enums.h"
#include "error.h"
#include "ports.h"
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CYCLE_TICKS = 10,   /* time units a cycle in the FST */
    CYCLES_BEFORE = 38, /* shown before the marker */
    BINARY = 0x28, /* GTKWave's flags: right-justified, binary or hex; words by a filter file */
    HEX = 0x22,
    FILTERED = 0x2000
};

struct pin {
    const char *name, *group;
    int output, bits;
};
static const struct pin pins[] = {
#define PIN(name, group, output, bits) {name, group, output, bits},
    MMU_ALL_PINS(PIN)
#undef PIN
};
#define PIN_COUNT (sizeof pins / sizeof pins[0])

/* Which enumeration a pin carries, by the end of its name. */
static const struct words {
    const char *suffix, *group;
    const char *(*word)(unsigned);
    unsigned count;
} words[] = {
    {"_cause_o", "cause", cause_word, CAUSE_COUNT},
    {"hit_size_o", "size", size_word, SIZE_COUNT},
    {"miss_size_o", "size", size_word, SIZE_COUNT},
    {"_end_size_o", "size", size_word, SIZE_COUNT},
    {"_source_o", "source", source_word, SOURCE_COUNT},
    {"_access_i", "access", access_word, ACCESS_COUNT},
    {"_priv_i", "priv", priv_word, PRIV_COUNT},
    {"_req_op_o", "memop", memop_word, MEMOP_COUNT},
};
#define WORDS_COUNT (sizeof words / sizeof words[0])

static const struct words *pin_words(const char *name) {
    size_t n = strlen(name);
    for (size_t i = 0; i < WORDS_COUNT; i++) {
        size_t m = strlen(words[i].suffix);
        if (n > m && !strcmp(name + n - m, words[i].suffix)) return &words[i];
    }
    return NULL;
}

static FILE *create(const char *path) {
    FILE *f = fopen(path, "w");
    if (!f)
        input_error(path, 0, 0, "name a --wave file in a directory that can be written", "%s",
                    strerror(errno));
    return f;
}

static void finish(FILE *f, const char *path) {
    if (fclose(f)) input_error(path, 0, 0, "free some space on the disk", "%s", strerror(errno));
}

static void write_words(const char *stem) {
    for (size_t i = 0; i < WORDS_COUNT; i++) {
        char path[4200];
        snprintf(path, sizeof path, "%s.%s.words", stem, words[i].group);
        FILE *f = create(path);
        for (unsigned v = 0; v < words[i].count; v++) {
            if (words[i].word(v)[0] != '?') fprintf(f, "%x %s\n", v, words[i].word(v));
        }
        finish(f, path);
    }
}

static void write_pin(FILE *f, const struct pin *p, const char *stem) {
    const struct words *w = pin_words(p->name);
    fprintf(f, "@%x\n", (p->bits > 1 ? HEX : BINARY) | (w ? FILTERED : 0));
    if (w) fprintf(f, "^1 %s.%s.words\n", stem, w->group);
    fprintf(f, "mmu.%s", p->name);
    if (p->bits > 1) fprintf(f, "[%d:0]", p->bits - 1);
    fputc('\n', f);
}

static void write_group(FILE *f, const char *group, const char *stem) {
    fprintf(f, "@800200\n-%s\n", group);
    for (size_t i = 0; i < PIN_COUNT; i++) {
        if (!strcmp(pins[i].group, group)) write_pin(f, &pins[i], stem);
    }
    fprintf(f, "@1000200\n-%s\n", group);
}

/* What a fault is read from comes first: the request, its answer, the walk, the kernel's fence. */
static void write_pins(FILE *f, const char *stem) {
    static const char *const first[] = {"dreq", "dmiss", "ireq", "imiss", "mem",   "fence",
                                        "csr",  "dhit",  "ihit", "kill",  "oldest"};
    enum { FIRST = sizeof first / sizeof *first };
    fprintf(f, "@%x\nmmu.clk_i\n", BINARY);
    for (size_t i = 0; i < FIRST; i++) write_group(f, first[i], stem);
    for (size_t i = 0; i < PIN_COUNT; i++) {
        bool done = i && !strcmp(pins[i].group, pins[i - 1].group);
        for (size_t k = 0; k < FIRST; k++) done = done || !strcmp(pins[i].group, first[k]);
        if (!done) write_group(f, pins[i].group, stem);
    }
}

void wave_view_write(const char *fst, uint64_t cycle, char *view, size_t bytes) {
    size_t n = strlen(fst);
    if (n > 4 && !strcmp(fst + n - 4, ".fst")) n -= 4;
    snprintf(view, bytes, "%.*s.gtkw", (int)n, fst);
    FILE *f = create(view);
    char *full = realpath(view, NULL); /* the viewer may be started from anywhere */
    if (!full) internal_error("%s: %s", view, strerror(errno));
    full[strlen(full) - strlen(".gtkw")] = 0;
    uint64_t start = cycle > CYCLES_BEFORE ? cycle - CYCLES_BEFORE : 0;
    fprintf(f, "[*] made by pagewalk\n[dumpfile] \"%s%s\"\n", full, fst + n);
    fprintf(f, "[timestart] %" PRIu64 "\n[size] 1600 1000\n[pos] -1 -1\n", start * CYCLE_TICKS);
    /* zoom -z: 200 / 2^z pixels a time unit; -7 shows about 60 cycles; then the marker, and 26
     * named ones */
    fprintf(f, "*-7.000000 %" PRIu64, cycle * CYCLE_TICKS);
    for (char name = 'a'; name <= 'z'; name++) fputs(" -1", f);
    fputs("\n[treeopen] mmu.\n[sst_width] 200\n[signals_width] 220\n", f);
    write_pins(f, full);
    write_words(full);
    free(full);
    finish(f, view);
}
