/* SPDX-License-Identifier: Apache-2.0
 *
 * What the host packs for the guest, and what it gets back: one struct of 8-byte words a step.
 */
#ifndef PW_QEMU_CASES_H
#define PW_QEMU_CASES_H
#include <stdint.h>

enum { QEMU_WORDS = 40, QEMU_PMP = 16, QEMU_BYTES = 8 };
enum { QEMU_FETCH, QEMU_LOAD, QEMU_STORE, QEMU_AMO, QEMU_LR };
enum { QEMU_OK = 64 }; /* no cause has this number */

struct qemu_step {
    uint64_t first; /* of a case: what the case before has written is zero again */
    uint64_t fence, op, bytes, priv, va, satp, status;
    uint64_t pmp_cfg[2], pmp_addr[QEMU_PMP];
    /* Words of the case: what stands in them before the access, if `set` has their bit. All of them
     * are looked at after it. */
    uint64_t words, set, word_pa[QEMU_WORDS], word[QEMU_WORDS];
    /* Where the access should go, byte by byte, if it is to pass: a token is put there, and looked
     * for. */
    uint64_t places, place[QEMU_BYTES];
};

struct qemu_answer {
    uint64_t cause, tval; /* QEMU_OK: no trap */
    uint64_t token;       /* 1: the access went to `place`; of no meaning after a trap */
    uint64_t word[QEMU_WORDS];
};

#endif
