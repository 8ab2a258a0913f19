/* SPDX-License-Identifier: Apache-2.0
 *
 * Signatures: what must not tell two failures apart, and what must.
 */
#include "signature.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void is(const char *opinion, const char *what, const char *signature) {
    char out[SIGNATURE_BYTES];
    signature_make(out, opinion, what);
    assert_string_equal(out, signature);
}

static void numbers_go(void **state) {
    (void)state;
    is("kernel", "ASID 3 may still translate 0x7f000 (4 KiB)",
       "kernel ASID N may still translate N (N KiB)");
    is("trace", "`expect rss 12` does not hold: 7 resident pages",
       "trace `expect rss N` does not hold: N resident pages");
    is("data", "from byte 0 of 8: f652d28ac1d4c5f0, not 0", "data from byte N of N: N, not N");
    is("trace", "file a/b-12-3.trace", "trace file a/b-N-N.trace");
}

static void names_stay(void **state) {
    (void)state;
    is("cycle", "ev_l2_hit_o", "cycle ev_l2_hit_o");
    is("counters", "l1i misses: the pins say 5", "counters l1i misses: the pins say N");
    is("trace", "the word deadbee or added", "trace the word deadbee or added");
    is("dut", "assertion mmu_sva.sv:84 failed in cycle 900",
       "dut assertion mmu_sva.sv:84 failed in cycle N");
}

static void details_go(void **state) {
    (void)state;
    is("spec", "load of 0x8 in U: answer pa 0x9; lawful: load_page",
       "spec load of N in U: answer pa N");
    is("input", "no such word\n  try: mmap", "input no such word");
}

static void long_ones_end(void **state) {
    (void)state;
    char out[SIGNATURE_BYTES], what[1000];
    memset(what, 'x', sizeof what - 1);
    what[sizeof what - 1] = 0;
    signature_make(out, "data", what);
    assert_int_equal(strlen(out), SIGNATURE_BYTES - 1);
    for (size_t n = 0; n + 1 < sizeof what; n += 2) what[n] = ' ';
    signature_make(out, "data", what);
    assert_int_equal(strlen(out), SIGNATURE_BYTES - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_go), cmocka_unit_test(names_stay),
                                       cmocka_unit_test(details_go),
                                       cmocka_unit_test(long_ones_end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
