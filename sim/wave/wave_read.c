/* SPDX-License-Identifier: Apache-2.0
 *
 * The hierarchy is read once, into a table sorted by path.
 */
#include "wave_read.h"
#include "error.h"
#include "gtkwave/fstapi.h"
#include "wave.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fact {
    char *path;        /* without its range */
    const char *range; /* behind it; "" of one bit */
    unsigned bits;
    fstHandle handle;
};

struct wave_read {
    void *fst;
    struct fact *fact;
    size_t count, room;
};

static void *sure(void *memory) {
    if (!memory) internal_error("out of memory");
    return memory;
}

/* libfst has the range behind a blank. */
static void keep(struct wave_read *r, const char *scope, const struct fstHierVar *v) {
    char text[2048];
    if (r->count == r->room) {
        r->room = r->room ? 2 * r->room : 4096;
        r->fact = sure(realloc(r->fact, r->room * sizeof *r->fact));
    }
    int n = snprintf(text, sizeof text, "%s.%s", scope, v->name);
    struct fact *f = &r->fact[r->count++];
    *f = (struct fact){.path = sure(malloc((size_t)n + 2)), .bits = v->length, .handle = v->handle};
    memcpy(f->path, text, (size_t)n + 1);
    char *blank = strchr(f->path, ' ');
    f->range = blank ? blank + 1 : f->path + n;
    if (blank) *blank = 0;
}

static int by_path(const void *a, const void *b) {
    return strcmp(((const struct fact *)a)->path, ((const struct fact *)b)->path);
}

struct wave_read *wave_read_open(const char *fst) {
    char scope[1024] = "";
    void *file = fstReaderOpen(fst);
    if (!file) return NULL;
    struct wave_read *r = sure(calloc(1, sizeof *r));
    r->fst = file;
    for (struct fstHier *h; (h = fstReaderIterateHier(file));) {
        size_t n = strlen(scope);
        char *dot = strrchr(scope, '.');
        if (h->htyp == FST_HT_SCOPE)
            snprintf(scope + n, sizeof scope - n, "%s%s", n ? "." : "", h->u.scope.name);
        else if (h->htyp == FST_HT_UPSCOPE)
            *(dot ? dot : scope) = 0;
        else if (h->htyp == FST_HT_VAR)
            keep(r, scope, &h->u.var);
    }
    qsort(r->fact, r->count, sizeof *r->fact, by_path);
    return r;
}

void wave_read_close(struct wave_read *r) {
    fstReaderClose(r->fst);
    for (size_t i = 0; i < r->count; i++) free(r->fact[i].path);
    free(r->fact);
    free(r);
}

static const struct fact *find(const struct wave_read *r, const char *path) {
    struct fact key = {.path = (char *)(uintptr_t)path};
    return r->count ? bsearch(&key, r->fact, r->count, sizeof key, by_path) : NULL;
}

bool wave_read_name(const struct wave_read *r, const char *path, char *name, size_t room,
                    unsigned *bits) {
    const struct fact *f = find(r, path);
    if (!f) return false;
    snprintf(name, room, "%s%s", path, f->range);
    if (bits) *bits = f->bits;
    return true;
}

const char *wave_read_bits(const struct wave_read *r, const char *path, uint64_t cycle,
                           char bits[WAVE_READ_BITS + 1]) {
    const struct fact *f = find(r, path);
    if (!f || f->bits > WAVE_READ_BITS) return NULL;
    return fstReaderGetValueFromHandleAtTime(r->fst, cycle * WAVE_CYCLE, f->handle, bits);
}

uint64_t wave_read_value(const struct wave_read *r, const char *path, uint64_t cycle) {
    char bits[WAVE_READ_BITS + 1];
    uint64_t value = 0;
    const char *got = wave_read_bits(r, path, cycle, bits);
    for (; got && *got; got++) value = value << 1 | (*got == '1');
    return value;
}

uint64_t wave_read_begin(const struct wave_read *r) {
    return fstReaderGetStartTime(r->fst) / WAVE_CYCLE;
}

uint64_t wave_read_end(const struct wave_read *r) {
    return fstReaderGetEndTime(r->fst) / WAVE_CYCLE;
}
