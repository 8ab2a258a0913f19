/* SPDX-License-Identifier: Apache-2.0
 *
 * What was found once at the pins, as small as it gets, in lock-step.
 */
#include "pin_kit.h"
#include "config_file.h"

/* A 256 TiB page takes bits 47:36 of the physical address from the VA. With 40-bit addresses the
 * PTE may be narrow and the address not: an access fault, and no A or D before it. */
static void superpage_beyond_physical_addresses(void **state) {
    (void)state;
    static const pte_t flags[] = {PTE_A | PTE_D, 0};
    const vaddr_t va = 0x1807fe08100;
    struct config c;
    struct bench b;
    config_load(&c, "no_l2");
    assert_int_equal(c.pa_bits, 40);
    for (unsigned i = 0; i < 2; i++) {
        bench_open(&b, "lockstep", &c, 1);
        pte_t leaf = PTE_V | PTE_R | PTE_W | PTE_X | flags[i];
        mem_write64(b.mem, root << PAGE_SHIFT, leaf);
        write_csr(&b, CSR_SATP, (uint64_t)MODE_SV57 << SATP_MODE_SHIFT | root);
        fence(&b, false, false, 0, 0);
        for (uint8_t id = 1; id < 3; id++) { /* walked, then whatever a cache makes of it */
            offer(&b, DATA, id, va, ACCESS_LOAD);
            settle(&b);
            assert_int_equal(b.cause[DATA][id], CAUSE_LOAD_ACCESS);
        }
        offer(&b, DATA, 3, va & 0xffffffffff, ACCESS_LOAD); /* the same page, inside 40 bits */
        settle(&b);
        assert_int_equal(b.cause[DATA][3], CAUSE_NONE);
        assert_int_equal(b.pa[DATA][3], va & 0xffffffffff);
        offer(&b, DATA, 4, va, ACCESS_LOAD); /* now it hits L1 */
        settle(&b);
        assert_int_equal(b.cause[DATA][4], CAUSE_LOAD_ACCESS);
        assert_int_equal(mem_read64(b.mem, root << PAGE_SHIFT), leaf | PTE_A);
        bench_close(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(superpage_beyond_physical_addresses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
