/* SPDX-License-Identifier: Apache-2.0
 *
 * The waveform of a run: open while the clock is in its window, and closed however the program
 * ends. A file that was not closed cannot be read. So it is closed on every way out by exit(), and
 * when the program aborts: at once if the abort is its own (an assertion), after the cycle if the
 * signal came from outside, which may be in the middle of writing.
 */
#define _GNU_SOURCE
#include "core.h"
#include "lanes.h"
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- However the program ends ---------------------------------------------------------------- */

static struct engine *writing; /* has a waveform open */
static volatile sig_atomic_t in_step, aborted;

static void close_file(void) {
    struct engine *e = writing;
    writing = NULL;
    if (e) e->wave(e, NULL, NULL, 0);
}

static void on_abort(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)context;
    bool own = info->si_code == SI_TKILL && info->si_pid == getpid();
    aborted = 1;
    if (in_step && !own) return;
    close_file();
    if (!own) abort();
}

static void close_always(void) {
    static bool once;
    struct sigaction act = {.sa_sigaction = on_abort, .sa_flags = (int)(SA_SIGINFO | SA_RESETHAND)};
    sigaction(SIGABRT, &act, NULL);
    if (!once) atexit(close_file);
    once = true;
}

/* ---- The window ------------------------------------------------------------------------------ */

static void start(struct core *c) {
    const struct replay_options *o = c->opt;
    c->lanes =
        lanes_new(c->cfg->slots_fetch + c->cfg->slots_data + (c->cfg->prefetch_streams != 0));
    if (!c->engine->wave(c->engine, o->wave, c->lanes->signal, c->lanes->count))
        input_error(o->wave, 0, 0, "check directory and disk", "the waveform cannot be written");
    c->res->waves = true;
    writing = c->engine;
    close_always();
}

void core_wave_end(struct core *c) {
    if (!c->lanes) return;
    close_file();
    free(c->lanes);
    c->lanes = NULL;
}

void core_wave(struct core *c) {
    const struct replay_options *o = c->opt;
    if (!o->wave || !c->engine->wave || c->cfg->core_ideal) return;
    bool on = c->cycle >= o->wave_from && (!o->wave_to || c->cycle <= o->wave_to);
    if (on && !c->lanes) start(c);
    if (!on) core_wave_end(c);
    if (on) lanes_cycle(c);
}

void core_step(struct core *c) {
    in_step = 1;
    c->engine->step(c->engine, &c->in, &c->out);
    in_step = 0;
    if (aborted) {
        close_file();
        abort();
    }
}
