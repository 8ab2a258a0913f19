/* SPDX-License-Identifier: Apache-2.0
 *
 * The engines: the C model alone, the RTL alone, and both in lock-step, compared pin by pin, every
 * cycle. The comparison is a memcmp of two structs that ports.def defines, so no output can be left
 * out; only when they differ are the pins looked at one by one, to name the first. What runs under
 * SystemC (docs/systemc.md) is a device under test like the RTL.
 *
 * A waveform has the RTL under `mmu`, and in lock-step the model's pins and slots under `model`, in
 * the same cycles. The model alone writes them under `mmu`, so one view fits either.
 */
#include "dut.h"
#include "dut_api.h"
#include "engine.h"
#include "systemc/engine_tlm.h"
#include "wave_file.h"
#include "wave_model.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct engine_state {
    struct engine base;
    struct mmu *model;
    const struct dut_api *api;
    void *library, *dut;
    uint64_t cycle;           /* edges of the model since reset */
    struct wave_model *watch; /* a waveform is open: the model's signals, */
    struct wave_file *file;   /* into the model's own file, */
    struct wave_signal *all;  /* and with the caller's */
};

static struct engine_state *state_of(struct engine *e) {
    return (struct engine_state *)(void *)e;
}

/* ---- One clock edge
 * -------------------------------------------------------------------------------- */

static void step_model(struct engine *e, const struct mmu_in *in, struct mmu_out *out) {
    struct engine_state *s = state_of(e);
    if (s->watch) wave_model_state(s->watch, s->model);
    mmu_step(s->model, in, out);
    if (s->watch) wave_model_pins(s->watch, in, out);
    if (s->file) wave_file_cycle(s->file, s->cycle);
    s->cycle++;
}

static bool quiet(struct engine *e, const struct mmu_in *in) {
    return mmu_quiet(state_of(e)->model, in);
}

static void rest(struct engine *e, const struct mmu_in *in, const struct mmu_out *out,
                 uint64_t cycles) {
    mmu_rest(state_of(e)->model, in, out, cycles);
    state_of(e)->cycle += cycles;
}

static void step_rtl(struct engine *e, const struct mmu_in *in, struct mmu_out *out) {
    struct engine_state *s = state_of(e);
    s->api->step(s->dut, in, out);
    e->failed = s->api->failed(s->dut);
}

static void name_difference(struct engine_diff *d) {
#define PIN(name, bits)                                                                            \
    if (!d->pin && d->out_model.name != d->out_rtl.name) {                                         \
        d->pin = #name;                                                                            \
        d->model = d->out_model.name;                                                              \
        d->rtl = d->out_rtl.name;                                                                  \
    }
    MMU_OUT_PINS(PIN)
#undef PIN
}

static void step_lockstep(struct engine *e, const struct mmu_in *in, struct mmu_out *out) {
    struct mmu_out rtl;
    memset(&rtl, 0, sizeof rtl); /* padding takes part in memcmp */
    step_model(e, in, out);      /* first: the RTL's step writes the waveform */
    step_rtl(e, in, &rtl);
    if (in->rst_i) return; /* outputs mean nothing under reset */
    if (memcmp(&rtl, out, sizeof rtl) && !e->diff.found) {
        e->diff = (struct engine_diff){.found = true,
                                       .cycle = e->compared_cycles,
                                       .in = *in,
                                       .out_model = *out,
                                       .out_rtl = rtl};
        name_difference(&e->diff);
    }
    e->compared_cycles++;
}

/* ---- Open and close
 * -------------------------------------------------------------------------------- */

static const struct mmu_stats *stats(struct engine *e) {
    struct engine_state *s = state_of(e);
    return s->model ? mmu_get_stats(s->model) : NULL;
}

static size_t dump(struct engine *e, char *out, size_t bytes) {
    struct engine_state *s = state_of(e);
    if (s->model) return mmu_dump(s->model, out, bytes);
    int n = snprintf(out, bytes,
                     "the RTL alone keeps no readable state: rerun with --engine lockstep\n");
    return n > 0 && (size_t)n < bytes ? (size_t)n : 0;
}

static void wave_end(struct engine_state *s) {
    if (s->dut) s->api->wave(s->dut, NULL, NULL, 0);
    if (s->file) wave_file_close(s->file);
    wave_model_delete(s->watch);
    free(s->all);
    s->file = NULL;
    s->watch = NULL;
    s->all = NULL;
}

static bool wave(struct engine *e, const char *path, const struct wave_signal *more, size_t count) {
    struct engine_state *s = state_of(e);
    const struct wave_signal *own = NULL;
    size_t owned = 0;
    wave_end(s);
    if (s->model) mmu_watch(s->model, path || s->dut);
    if (!path) return true;
    if (s->model) s->watch = wave_model_new(s->dut ? "model" : "mmu", s->model);
    if (s->watch) own = wave_model_signals(s->watch, &owned);
    s->all = malloc((owned + count) * sizeof *s->all);
    if (!s->all) return false;
    if (owned) memcpy(s->all, own, owned * sizeof *own);
    if (count) memcpy(s->all + owned, more, count * sizeof *more);
    if (s->dut) return s->api->wave(s->dut, path, s->all, owned + count);
    s->file = wave_file_open(path, s->all, owned + count);
    return s->file != NULL;
}

static void close_engine(struct engine *e) {
    struct engine_state *s = state_of(e);
    wave_end(s);
    if (s->dut) s->api->close(s->dut);
    if (s->library) dlclose(s->library);
    free(s->model);
    free(s);
}

/* What each engine is made of. systemc: NULL; "pins"; or the style of the TLM component. */
static const struct engine_kind {
    const char *name;
    void (*step)(struct engine *, const struct mmu_in *, struct mmu_out *);
    bool model, dut;
    const char *systemc;
} kinds[] = {
    {"model", step_model, true, false, NULL},      {"rtl", step_rtl, false, true, NULL},
    {"lockstep", step_lockstep, true, true, NULL}, {"systemc", step_rtl, false, true, "pins"},
    {"systemc-at", step_rtl, false, true, "at"},   {"systemc-lt", step_rtl, false, true, "lt"},
    {"systemc-dmi", step_rtl, false, true, "dmi"}};

const char *engine_name(size_t i) {
    return i < sizeof kinds / sizeof *kinds ? kinds[i].name : NULL;
}

static bool open_library(struct engine_state *s, const char *path, int flags, char *why,
                         size_t bytes) {
    if (!path) {
        snprintf(why, bytes, "it could not be built; the build's own words are above");
        return false;
    }
    s->library = dlopen(path, RTLD_NOW | RTLD_LOCAL | flags);
    if (!s->library) {
        snprintf(why, bytes, "%s", dlerror());
        return false;
    }
    s->api = dlsym(s->library, "dut_api_v2");
    if (s->api && s->api->version == DUT_API_VERSION) return true;
    snprintf(why, bytes, "%s is no device under test of this version (symbol dut_api_v2)", path);
    return false;
}

/* libsystemc keeps pointers into what it has seen: that is never unloaded. */
static bool open_systemc(struct engine_state *s, const char *style, const struct config *c,
                         char *why, size_t bytes) {
    const char *made = strcmp(style, "pins") ? "tlm" : style;
    if (!open_library(s, dut_systemc(c, made), RTLD_NODELETE, why, bytes)) return false;
    if (made == style) return true;
    engine_tlm_configure *next =
        (engine_tlm_configure *)(uintptr_t)dlsym(s->library, "engine_tlm_next");
    next(style, c);
    return true;
}

static bool open_dut(struct engine_state *s, const struct engine_kind *kind, const struct config *c,
                     uint32_t x_seed, char *why, size_t bytes) {
    bool there = kind->systemc ? open_systemc(s, kind->systemc, c, why, bytes)
                               : open_library(s, dut_path(c), 0, why, bytes);
    if (!there) return false;
    s->dut = s->api->open(x_seed);
    s->api->reset(s->dut);
    return true;
}

struct engine *engine_open(const char *name, const struct config *c, uint32_t x_seed, char *why,
                           size_t bytes) {
    const struct engine_kind *kind = kinds;
    struct engine_state *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    while (strcmp(kind->name, name)) kind++;
    s->base = (struct engine){.name = kind->name,
                              .step = kind->step,
                              .quiet = kind->dut ? NULL : quiet,
                              .rest = kind->dut ? NULL : rest,
                              .close = close_engine,
                              .wave = kind->systemc ? NULL : wave,
                              .stats = stats,
                              .dump = dump};
    if (kind->model) {
        s->model = calloc(1, mmu_size(c));
        if (s->model) {
            mmu_init(s->model, c);
            mmu_watch(s->model, kind->dut);
        }
    }
    if (kind->dut && !open_dut(s, kind, c, x_seed, why, bytes)) {
        close_engine(&s->base);
        return NULL;
    }
    return &s->base;
}
