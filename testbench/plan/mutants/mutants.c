/* SPDX-License-Identifier: Apache-2.0
 *
 * mutants [--seed N] [--count N] [TAG...]   Proof that the directed tests of the verification plan
 * can fail. Items are drawn by the seed, 20 unless told, or named, or `--count 0`: all. For each, a
 * mutant that breaks its clause in RTL and model alike, so that lock-step is blind, must turn the
 * test of its tag red. Unbroken, the same tests must be green. One line an item; exit 1 if a mutant
 * survives or an item has none.
 */
#include "../machine.h"
#include "dut.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct mutant {
    unsigned number;
    const char *name;
    char group;
    unsigned class;
    const char *kind, *tags, *sentence;
};
static const struct mutant mutants[] = {
#include "faults.h"
};
enum { MUTANTS = sizeof mutants / sizeof *mutants };

static const char *const items[] = {
#define ITEM(tag, clause, sentence) #tag,
#include "plan.def"
#undef ITEM
};
enum { ITEMS = sizeof items / sizeof *items };

unsigned mmu_fault_number; /* read by the patched copy of the C model */

static bool breaks(const struct mutant *m, const char *tag) {
    size_t n = strlen(tag);
    for (const char *at = m->tags; (at = strstr(at, tag)); at += n)
        if ((at == m->tags || at[-1] == ',') && (at[n] == ',' || !at[n])) return true;
    return false;
}

/* The Verilated copies are opened here, and again by engine_open, which gets the same. */
static void wake(unsigned number) {
    mmu_fault_number = number;
    for (unsigned build = RV64; build < 1u << BUILDS; build <<= 1) {
        struct config c;
        machine_config(&c, build);
        const char *path = dut_path(&c);
        void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
        unsigned *place = library ? dlsym(library, "dut_fault_number") : NULL;
        if (!place) {
            fprintf(stderr, "mutants: no Verilated copy with planted faults\n");
            exit(5);
        }
        *place = number;
    }
}

/* 0: green, 1: red, else: it crashed, which is red too but said. */
static int outcome(const char *tag, unsigned number) {
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stdout)) _exit(5);
        unsigned failed = 0;
        wake(number);
        bool any = plan_run(tag, &failed);
        _exit(failed || !any);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static bool item_holds(const char *tag) {
    const struct mutant *m = NULL;
    for (unsigned i = 0; i < MUTANTS && !m; i++)
        if (breaks(&mutants[i], tag)) m = &mutants[i];
    if (!m) {
        printf("not ok - %s has no mutant\n", tag);
        return false;
    }
    int green = outcome(tag, 0), red = outcome(tag, m->number);
    bool ok = green == 0 && red != 0 && red != 5;
    printf("%s - %s: %s%s\n", ok ? "ok" : "not ok", tag, m->sentence,
           green      ? "; its test is red without it"
           : !red     ? "; its test stays green"
           : red == 5 ? "; it cannot be run"
                      : "");
    fflush(stdout);
    return ok;
}

static void draw(bool *wanted, unsigned seed, unsigned count) {
    uint64_t state = seed * 0x9e3779b97f4a7c15ull + 1;
    if (!count || count > ITEMS) count = ITEMS;
    while (count) {
        state ^= state >> 12, state ^= state << 25, state ^= state >> 27;
        unsigned i = (unsigned)((state * 0x2545f4914f6cdd1dull >> 33) % ITEMS);
        count -= !wanted[i];
        wanted[i] = true;
    }
}

int main(int argc, char **argv) {
    bool wanted[ITEMS] = {false}, named = false;
    unsigned seed = 1, count = 20, bad = 0, done = 0;
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (!strcmp(argv[i], "--seed") && more) {
            seed = (unsigned)strtoul(argv[++i], NULL, 10);
        } else if (!strcmp(argv[i], "--count") && more) {
            count = (unsigned)strtoul(argv[++i], NULL, 10);
        } else {
            bool known = false;
            for (unsigned k = 0; k < ITEMS; k++)
                if (!strcmp(items[k], argv[i])) wanted[k] = named = known = true;
            if (!known) {
                fprintf(stderr, "mutants [--seed N] [--count N] [TAG...]: no item %s\n", argv[i]);
                return 2;
            }
        }
    }
    if (!named) draw(wanted, seed, count);
    if (!dut_root() || chdir(dut_root())) return 5;
    setenv("DUT_RTL", "build/mutants/rtl", 1);
    setenv("DUT_OPTIMIZE", "-O0", 1);
    for (unsigned k = 0; k < ITEMS; k++) {
        if (!wanted[k]) continue;
        bad += !item_holds(items[k]);
        done++;
    }
    printf("%u of %u items: a mutant of the clause turns their test red\n", done - bad, done);
    return bad != 0;
}
