/* SPDX-License-Identifier: Apache-2.0
 *
 * Waveforms, read back: the C model's signals are the RTL's, bit by bit and cycle by cycle, in the
 * file of a lock-step run and in the model's own; the lanes say what `run --trace` says, in the
 * cycle it happens; a view names what is there; and the signature of a failure chooses the view.
 */
#include "config_file.h"
#include "error.h"
#include "replay.h"
#include "wave_read.h"
#include "wave_view.h"
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define BOTH   "build/test_waves_both.fst"
#define MODEL  "build/test_waves_model.fst"
#define EVENTS "build/test_waves.events"

static struct wave_read *both, *model;
static struct replay_result result;

static struct wave_read *run(const char *engine, const char *fst, FILE *events) {
    struct config c;
    struct event_options told = {.out = events, .kinds = (1u << EVENT_COUNT) - 1};
    struct replay_options o = {.engine = engine,
                               .check = true,
                               .seed = 1,
                               .wave = fst,
                               .config_name = "default",
                               .events = events ? &told : NULL};
    config_defaults(&c);
    replay_trace("traces/cow_after_fork.trace", &c, &o, &result);
    assert_int_equal(result.exit_code, EXIT_PASS);
    struct wave_read *r = wave_read_open(fst);
    assert_non_null(r);
    assert_int_equal(wave_read_begin(r), 0);
    assert_int_equal(wave_read_end(r), result.cycles - 1);
    return r;
}

static int begin(void **state) {
    (void)state;
    FILE *events = fopen(EVENTS, "w");
    assert_non_null(events);
    both = run("lockstep", BOTH, events);
    fclose(events);
    model = run("model", MODEL, NULL);
    return 0;
}

static int end(void **state) {
    (void)state;
    wave_read_close(both);
    wave_read_close(model);
    return unlink(BOTH) | unlink(MODEL) | unlink(EVENTS);
}

/* ---- Side by side ---------------------------------------------------------------------------- */

static void same(struct wave_read *a, const char *scope_a, struct wave_read *b, const char *scope_b,
                 const char *path, unsigned at, unsigned bits, uint64_t cycle) {
    char one[WAVE_READ_BITS + 1], two[WAVE_READ_BITS + 1], full[2][160];
    snprintf(full[0], sizeof full[0], "%s.%s", scope_a, path);
    snprintf(full[1], sizeof full[1], "%s.%s", scope_b, path);
    const char *x = wave_read_bits(a, full[0], cycle, one);
    const char *y = wave_read_bits(b, full[1], cycle, two);
    assert_non_null(x);
    assert_non_null(y);
    size_t n = strlen(x);
    assert_int_equal(strlen(y), n);
    if (bits && memcmp(x + n - at - bits, y + n - at - bits, bits))
        fail_msg("%s bits %u to %u in cycle %" PRIu64, path, at + bits - 1, at, cycle);
    if (!bits && strcmp(x, y)) fail_msg("%s in cycle %" PRIu64 ": %s, %s", path, cycle, x, y);
}

static const char *const pins[] = {
#define PIN(name, group, output, bits) name,
    MMU_ALL_PINS(PIN)
#undef PIN
};
#define PINS (sizeof pins / sizeof *pins)

/* mem_rsp_data_i holds what came last, and nothing before the first answer. */
static void pins_are_the_rtls(void **state) {
    (void)state;
    bool answered = false;
    for (uint64_t cycle = 0; cycle < result.cycles; cycle++) {
        answered |= wave_read_value(both, "mmu.mem_rsp_valid_i", cycle);
        for (size_t i = 0; i < PINS; i++) {
            bool data = !strcmp(pins[i], "mem_rsp_data_i");
            if (!data || answered) same(both, "mmu", both, "model", pins[i], 0, 0, cycle);
            same(both, "model", model, "mmu", pins[i], 0, 0, cycle);
        }
    }
    assert_true(answered);
}

static unsigned state_of(uint64_t cycle, unsigned slot) {
    char path[80];
    snprintf(path, sizeof path, "mmu.mmu.u_ptw.u_slot.state_q[%u]", slot);
    return (unsigned)wave_read_value(both, path, cycle);
}

/* A field that a slot has not set is what it was, in the RTL a random value at first. */
static void slots_are_the_rtls(void **state) {
    static const struct {
        const char *name;
        unsigned bits;
        uint32_t in; /* states in which it means something: any but free, or these */
    } fields[] = {{"id_q", 5, 0},
                  {"va_q", 57, 0},
                  {"access_q", 3, 0},
                  {"last_q", 12, 0},
                  {"priv_q", 2, 0},
                  {"level_q", 3, 0},
                  {"base_q", 44, 0},
                  {"sum_q", 1, 0},
                  {"mxr_q", 1, 0},
                  {"fresh_q", 1, 0},
                  {"again_q", 1, 0},
                  {"global_q", 1, 0},
                  {"single_q", 1, 0},
                  {"stale_q", 1, 0},
                  {"killed_q", 1, 0},
                  {"source_q", 3, 1u << SLOT_DONE},
                  {"cause_q", 4, 1u << SLOT_DONE},
                  {"line_q", 1, 1u << SLOT_RD},
                  {"lead_q", 4, 1u << SLOT_MERGED | 1u << SLOT_SHARE | 1u << SLOT_LINE},
                  {"pte_q", 57, 1u << SLOT_CAS | 1u << SLOT_CASQ}};
    char path[80];
    unsigned compared[sizeof fields / sizeof *fields] = {0};
    (void)state;
    for (uint64_t cycle = 0; cycle < result.cycles; cycle++) {
        for (unsigned slot = 0; slot < 12; slot++) {
            snprintf(path, sizeof path, "mmu.u_ptw.u_slot.state_q[%u]", slot);
            same(both, "mmu", both, "model", path, 0, 0, cycle);
            same(both, "model", model, "mmu", path, 0, 0, cycle);
            unsigned is = state_of(cycle, slot);
            for (size_t f = 0; f < sizeof fields / sizeof *fields; f++) {
                if (is == SLOT_FREE || (fields[f].in && !(fields[f].in >> is & 1))) continue;
                snprintf(path, sizeof path, "mmu.u_ptw.u_slot.%s", fields[f].name);
                same(both, "mmu", both, "model", path, slot * fields[f].bits, fields[f].bits,
                     cycle);
                same(both, "model", model, "mmu", path, 0, 0, cycle);
                compared[f]++;
            }
        }
    }
    for (size_t f = 0; f < sizeof fields / sizeof *fields; f++) {
        if (!compared[f]) fail_msg("%s was never compared", fields[f].name);
    }
}

/* ---- Lanes ----------------------------------------------------------------------------------- */

static const char *lane(struct wave_read *r, const char *name, uint64_t cycle, char text[128]) {
    char bits[WAVE_READ_BITS + 1], path[40];
    size_t n = 0;
    snprintf(path, sizeof path, "lane.%s", name);
    const char *b = wave_read_bits(r, path, cycle, bits);
    assert_non_null(b);
    for (; *b; b += 8) {
        unsigned letter = 0;
        for (unsigned i = 0; i < 8; i++) letter = letter << 1 | (b[i] == '1');
        if (letter) text[n++] = (char)letter;
    }
    text[n] = 0;
    return text;
}

/* A line of the log, cycle and `fault` or `kernel` cut off, is what the lane says then. */
static void lanes_are_the_log(void **state) {
    char line[512], kind[16], rest[256], text[128];
    uint64_t cycle;
    unsigned found = 0;
    FILE *f = fopen(EVENTS, "r");
    (void)state;
    while (fgets(line, sizeof line, f)) {
        assert_int_equal(sscanf(line, "%" SCNu64 " %15s %255[^\n]", &cycle, kind, rest), 3);
        if (strcmp(kind, "fault") && strcmp(kind, "kernel")) continue;
        for (int m = 0; m < 2; m++) {
            const char *says = lane(m ? model : both, kind, cycle, text);
            if (!strstr(says, rest)) fail_msg("cycle %" PRIu64 ": %s, not %s", cycle, says, rest);
        }
        found++;
    }
    fclose(f);
    assert_true(found > 8);
}

/* The fault of the trace's first store, from its request to its answer. */
static void a_fault_is_followed(void **state) {
    static const char *const story[] = {
        "store 0x10000000 pid 1 -> l1, record 3",
        "store 0x10000000 pid 1 -> l2, record 3",
        "store 0x10000000 pid 1 -> walk level 2, record 3",
        "store 0x10000000 pid 1 -> done, record 3",
        "",
        "store 0x10000000 pid 1 -> fault store_page, again, record 3",
        "store 0x10000000 pid 1 -> l1, again, record 3",
        "store 0x10000000 pid 1 -> l2, again, record 3",
        "store 0x10000000 pid 1 -> walk level 2, again, record 3",
        "store 0x10000000 pid 1 -> walk level 1, again, record 3",
        "store 0x10000000 pid 1 -> walk level 0, again, record 3",
        "store 0x10000000 pid 1 -> done, again, record 3"};
    char text[128], last[128] = "";
    size_t n = 0;
    (void)state;
    for (uint64_t cycle = 0; n < sizeof story / sizeof *story; cycle++) {
        assert_true(cycle < result.cycles);
        lane(both, "data", cycle, text);
        if (!strcmp(text, last)) continue;
        assert_string_equal(text, story[n++]);
        strcpy(last, text);
    }
}

/* ---- Views ----------------------------------------------------------------------------------- */

static void views_are_chosen(void **state) {
    static const char *const of[][2] = {{"", "overview"},
                                        {"cycle ev_l2_hit_o", "l2"},
                                        {"cycle ev_pwc_fill_way_o", "l2"},
                                        {"cycle mem_req_addr_o", "walk"},
                                        {"cycle dmiss_cause_o", "fault"},
                                        {"cycle fence_done_o", "fence"},
                                        {"cycle ev_merge_o", "walkers"},
                                        {"kernel ASID N may still translate N (N KiB)", "fault"},
                                        {"hang nothing has moved for N cycles", "walkers"}};
    (void)state;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        assert_string_equal(wave_view_of(of[i][0]), of[i][1]);
}

/* All signals are there in the RTL; the C model has no hierarchy but its slots. */
static void views_are_whole(void **state) {
    static const char path[] = "build/test_waves.gtkw";
    (void)state;
    for (size_t i = 0; wave_views[i]; i++) {
        struct wave_aim aim = {.view = wave_views[i], .cycle = 25, .pin = "dmiss_pa_o"};
        char view[32];
        uint64_t cycle;
        assert_int_equal(wave_view_write(BOTH, path, &aim), 0);
        assert_true(wave_view_read(path, view, &cycle));
        assert_string_equal(view, wave_views[i]);
        assert_int_equal(cycle, 25);
        aim.pin = "no_such_pin";
        assert_int_equal(wave_view_write(BOTH, path, &aim), 2);
    }
    unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pins_are_the_rtls), cmocka_unit_test(slots_are_the_rtls),
        cmocka_unit_test(lanes_are_the_log), cmocka_unit_test(a_fault_is_followed),
        cmocka_unit_test(views_are_chosen),  cmocka_unit_test(views_are_whole)};
    return cmocka_run_group_tests(tests, begin, end);
}
