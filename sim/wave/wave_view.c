/* SPDX-License-Identifier: Apache-2.0
 *
 * GTKWave's save file, as text: groups of signals with their colour and radix, where to look and
 * how near. Each signal is looked up in the FST, which knows its width; one that is not there is
 * left out and counted, since GTKWave would drop it without a word. A signal that carries an
 * enumeration shows its words, the same as logs and C print, by a filter file that sim/gen makes
 * of enums.def.
 */
#include "wave_view.h"
#include "dut.h"
#include "enums.h"
#include "error.h"
#include "wave.h"
#include "wave_read.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CYCLES_BEFORE = 17, /* shown before the marker */
    LOOK_BACK = 400,    /* cycles in which the slot of a view is looked for */
    SLOTS = 32,         /* at most */
    BINARY = 0x28,      /* GTKWave's flags: right-justified, binary, hex, text */
    HEX = 0x22,
    TEXT = 0x820,
    FILTERED = 0x2000, /* words by a filter file */
    GROUP_BEGIN = 0x800200,
    GROUP_END = 0x1000200
};

/* ---- wave_view.def as a table ---------------------------------------------------------------- */

enum kind {
    VIEW,
    GROUP,
    LANE,
    PIN,
    INNER,
    LOW,
    SLOT,
    SLOT_LANE,
    SLOT_INNER,
    SLOT_ROWS,
    SLOT_LANES
};
enum colour { red = 1, orange, yellow, green, violet = 7 }; /* blue and indigo are too dark */

static const struct row {
    enum kind kind;
    const char *text, *rest, *label; /* of a view: name, what chooses it, question */
    int number, at;                  /* colour of a group; bits, and from which bit on */
} rows[] = {
#define VIEW(name, question, chosen)  {VIEW, #name, chosen, question, 0, 0},
#define GROUP(colour, title)          {GROUP, title, NULL, NULL, colour, 0},
#define LANE(name)                    {LANE, #name, NULL, #name, 0, 0},
#define PIN(name)                     {PIN, #name, NULL, #name, 0, 0},
#define INNER(path, label)            {INNER, #path, NULL, label, 0, 0},
#define LOW(path, at, bits, label)    {LOW, #path, NULL, label, bits, at},
#define SLOT(field, bits)             {SLOT, #field, NULL, #field, bits, 0},
#define SLOT_LANE()                   {SLOT_LANE, "slot", NULL, "slot", 0, 0},
#define SLOT_INNER(path, rest, label) {SLOT_INNER, #path, #rest, label, 0, 0},
#define SLOTS(field)                  {SLOT_ROWS, #field, NULL, #field, 0, 0},
#define SLOT_LANES()                  {SLOT_LANES, "slot", NULL, "slot", 0, 0},
#include "wave_view.def"
#undef VIEW
#undef GROUP
#undef LANE
#undef PIN
#undef INNER
#undef LOW
#undef SLOT
#undef SLOT_LANE
#undef SLOT_INNER
#undef SLOTS
#undef SLOT_LANES
};
#define ROWS (sizeof rows / sizeof rows[0])

const char *const wave_views[] = {
#define VIEW(name, question, chosen) #name,
#define GROUP(colour, title)
#define LANE(name)
#define PIN(name)
#define INNER(path, label)
#define LOW(path, at, bits, label)
#define SLOT(field, bits)
#define SLOT_LANE()
#define SLOT_INNER(path, rest, label)
#define SLOTS(field)
#define SLOT_LANES()
#include "wave_view.def"
    NULL};

const char *wave_view_of(const char *signature) {
    const char *best = wave_views[0];
    size_t longest = 0;
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].kind != VIEW) continue;
        for (const char *word = rows[i].rest; *word; word += strspn(word, " ")) {
            char text[32];
            size_t n = strcspn(word, " ");
            snprintf(text, sizeof text, "%.*s", (int)n, word);
            if (n > longest && strstr(signature, text)) {
                best = rows[i].text;
                longest = n;
            }
            word += n;
        }
    }
    return best;
}

struct wave_aim wave_view_aim(const char *signature, uint64_t cycle) {
    static const char differs[] = "cycle "; /* then the pin */
    bool pin = !strncmp(signature, differs, strlen(differs));
    return (struct wave_aim){.view = wave_view_of(signature),
                             .cycle = cycle,
                             .pin = pin ? signature + strlen(differs) : NULL};
}

/* Which enumeration a signal carries, by the end of its name. */
static const char *words_of(const char *name) {
    static const struct {
        const char *suffix, *group;
    } words[] = {{"_cause_o", "cause"},   {"cause_q", "cause"},    {"hit_size_o", "size"},
                 {"miss_size_o", "size"}, {"_end_size_o", "size"}, {"_source_o", "source"},
                 {"source_q", "source"},  {"_access_i", "access"}, {"access_q", "access"},
                 {"_priv_i", "priv"},     {"priv_q", "priv"},      {"_req_op_o", "memop"},
                 {"fence_op_i", "fence"}, {"_pbmt_o", "pbmt"},     {"state_q", "slot"}};
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t m = strlen(words[i].suffix);
        if (n >= m && !strcmp(name + n - m, words[i].suffix)) return words[i].group;
    }
    return NULL;
}

/* ---- Rows of the save file ------------------------------------------------------------------- */

struct view {
    FILE *out;
    const struct wave_read *fst;
    unsigned slot, missing;
    int colour;
};

static void flags(struct view *v, unsigned radix, const char *words) {
    const char *root = words ? dut_root() : NULL;
    fprintf(v->out, "[color] %d\n@%x\n", v->colour, radix | (root ? FILTERED : 0));
    if (root) fprintf(v->out, "^1 %s/build/gen/words/%s\n", root, words);
}

/* A signal, all of it, under another name; "" shows its own. */
static bool signal_row(struct view *v, const char *path, const char *label, const char *words,
                       bool text) {
    char name[512];
    unsigned bits;
    if (!wave_read_name(v->fst, path, name, sizeof name, &bits)) return false;
    flags(v, text ? TEXT : bits > 1 ? HEX : BINARY, words);
    fprintf(v->out, "+{%s} %s\n", label, name);
    return true;
}

/* Some bits of a vector; GTKWave counts them from the left. */
static bool bits_row(struct view *v, const char *path, unsigned at, unsigned bits,
                     const char *label, const char *words) {
    char name[512];
    unsigned all;
    if (!wave_read_name(v->fst, path, name, sizeof name, &all) || at + bits > all) return false;
    flags(v, bits > 1 ? HEX : BINARY, words);
    fprintf(v->out, "#{%s}", label);
    for (unsigned b = 0; b < bits; b++) fprintf(v->out, " (%u)%s", all - at - bits + b, name);
    fputc('\n', v->out);
    return true;
}

static bool slot_row(struct view *v, const char *field, unsigned bits, unsigned slot) {
    static const char where[] = "mmu.mmu.u_ptw.u_slot";
    char path[256], label[64];
    snprintf(label, sizeof label, "%s[%u]", field, slot);
    snprintf(path, sizeof path, "%s.%s%s", where, field, bits ? "" : label + strlen(field));
    return bits ? bits_row(v, path, slot * bits, bits, label, words_of(field))
                : signal_row(v, path, label, words_of(field), false);
}

static bool lane_row(struct view *v, const char *name) {
    char path[64];
    snprintf(path, sizeof path, "lane.%s", name);
    return signal_row(v, path, name, NULL, true);
}

static bool lane_of(struct view *v, unsigned slot) {
    char name[32];
    snprintf(name, sizeof name, "slot[%u]", slot);
    return lane_row(v, name);
}

/* As many as the MMU has; the first one must be there. */
static bool slots(struct view *v, const struct row *r) {
    unsigned n = 0;
    while (n < SLOTS && (r->kind == SLOT_LANES ? lane_of(v, n) : slot_row(v, r->text, 0, n))) n++;
    return n > 0;
}

static bool row(struct view *v, const struct row *r) {
    char path[256];
    switch (r->kind) {
    case LANE: return lane_row(v, r->text);
    case PIN:
        snprintf(path, sizeof path, "mmu.%s", r->text);
        return signal_row(v, path, r->label, words_of(r->text), false);
    case INNER:
        snprintf(path, sizeof path, "mmu.mmu.%s", r->text);
        return signal_row(v, path, r->label, NULL, false);
    case LOW:
        snprintf(path, sizeof path, "mmu.mmu.%s", r->text);
        return bits_row(v, path, (unsigned)r->at, (unsigned)r->number, r->label, NULL);
    case SLOT: return slot_row(v, r->text, (unsigned)r->number, v->slot);
    case SLOT_LANE: return lane_of(v, v->slot);
    case SLOT_INNER:
        snprintf(path, sizeof path, "mmu.mmu.%s[%u].%s", r->text, v->slot, r->rest);
        return signal_row(v, path, r->label, NULL, false);
    default: return slots(v, r);
    }
}

static void group(struct view *v, const char *title, bool begin) {
    fprintf(v->out, "@%x\n-%s\n", begin ? GROUP_BEGIN : GROUP_END, title);
}

static void view_rows(struct view *v, const char *name) {
    const char *title = NULL;
    size_t i = 0;
    while (rows[i].kind != VIEW || strcmp(rows[i].text, name)) i++;
    for (i++; i < ROWS && rows[i].kind != VIEW; i++) {
        if (rows[i].kind != GROUP) {
            v->missing += !row(v, &rows[i]);
            continue;
        }
        if (title) group(v, title, false);
        title = rows[i].text;
        v->colour = rows[i].number;
        group(v, title, true);
    }
    if (title) group(v, title, false);
}

/* Model and RTL side by side, where they differ. */
static void difference(struct view *v, const char *pin) {
    static const char *const scope[] = {"model", "mmu"}, *const words[] = {"C model", "RTL"};
    static const char title[] = "where they differ";
    v->colour = red;
    group(v, title, true);
    for (size_t i = 0; i < 2; i++) {
        char path[128], label[128];
        snprintf(path, sizeof path, "%s.%s", scope[i], pin);
        snprintf(label, sizeof label, "%s: %s", words[i], pin);
        v->missing += !signal_row(v, path, label, words_of(pin), false);
    }
    group(v, title, false);
}

/* ---- The file -------------------------------------------------------------------------------- */

/* The slot whose access was answered last before the marker, else the one that works there: what a
 * view of one walk is about. */
static unsigned slot_at(const struct wave_read *fst, uint64_t cycle) {
    uint64_t begin = wave_read_begin(fst);
    unsigned works = SLOTS;
    for (uint64_t back = 0; back < LOOK_BACK && cycle >= begin + back; back++) {
        for (unsigned slot = 0; slot < SLOTS; slot++) {
            char path[64], name[96];
            snprintf(path, sizeof path, "mmu.mmu.u_ptw.u_slot.state_q[%u]", slot);
            if (!wave_read_name(fst, path, name, sizeof name, NULL)) break;
            uint64_t state = wave_read_value(fst, path, cycle - back);
            if (state == SLOT_DONE) return slot;
            if (state != SLOT_FREE && works == SLOTS) works = slot;
        }
    }
    return works == SLOTS ? 0 : works;
}

static FILE *create(const char *path) {
    FILE *f = fopen(path, "w");
    if (!f)
        input_error(path, 0, 0, "name a --wave file in a directory that can be written", "%s",
                    strerror(errno));
    return f;
}

static void head(FILE *f, const char *fst, const struct wave_aim *aim) {
    char *full = realpath(fst, NULL); /* the viewer may be started from anywhere */
    if (!full) internal_error("%s: %s", fst, strerror(errno));
    uint64_t start = aim->cycle > CYCLES_BEFORE ? aim->cycle - CYCLES_BEFORE : 0;
    fprintf(f, "[*] pagewalk: view %s, marker in cycle %" PRIu64 "\n", aim->view, aim->cycle);
    fprintf(f, "[dumpfile] \"%s\"\n", full);
    fprintf(f, "[timestart] %" PRIu64 "\n[size] 1600 1040\n[pos] -1 -1\n", start * WAVE_CYCLE);
    /* zoom -z: 200 / 2^z pixels a time unit, here 22 a cycle; then the marker, and 26 named ones */
    fprintf(f, "*-13.150000 %" PRIu64, aim->cycle * WAVE_CYCLE);
    for (char name = 'a'; name <= 'z'; name++) fputs(" -1", f);
    fputs("\n[sst_expanded] 0\n[signals_width] 290\n", f);
    free(full);
}

unsigned wave_view_write(const char *fst, const char *path, const struct wave_aim *aim) {
    struct view v = {.fst = wave_read_open(fst), .colour = green};
    struct wave_aim at = *aim;
    if (!v.fst)
        input_error(fst, 0, 0, "run it again with --wave",
                    "this is no waveform, or not a whole one");
    if (at.cycle > wave_read_end(v.fst)) at.cycle = wave_read_end(v.fst);
    v.out = create(path);
    v.slot = slot_at(v.fst, at.cycle);
    head(v.out, fst, &at);
    v.missing += !signal_row(&v, "mmu.clk_i", "clk_i", NULL, false);
    if (aim->pin) difference(&v, aim->pin);
    view_rows(&v, aim->view);
    wave_read_close((struct wave_read *)(uintptr_t)v.fst);
    if (fclose(v.out))
        input_error(path, 0, 0, "free some space on the disk", "%s", strerror(errno));
    return v.missing;
}

void wave_view_path(const char *fst, const char *name, char *path, size_t bytes) {
    size_t n = strlen(fst);
    if (n > 4 && !strcmp(fst + n - 4, ".fst")) n -= 4;
    snprintf(path, bytes, "%.*s%s%s.gtkw", (int)n, fst, name ? "." : "", name ? name : "");
}

bool wave_view_read(const char *gtkw, char view[32], uint64_t *cycle) {
    FILE *f = fopen(gtkw, "r");
    bool ours = f && fscanf(f, "[*] pagewalk: view %31[a-z0-9], marker in cycle %" SCNu64, view,
                            cycle) == 2;
    if (f) fclose(f);
    return ours;
}
