/* SPDX-License-Identifier: Apache-2.0
 *
 * What an RV64GC instruction does to memory, from its opcode [unpriv, instruction listings]. Needed
 * for what the memory callback cannot tell: that a load and a store at one address are one AMO,
 * that a load reserves, and what an access wanted that the host refused.
 */
#include "enums.h"
#include "plugin.h"

static struct opcode access_of(unsigned access, unsigned bytes) {
    return (struct opcode){(uint8_t)access, (uint8_t)bytes};
}

/* Quadrants 0 and 2 hold all compressed loads and stores; funct3 1, 2, 3 loads double, word,
 * doubleword, 5, 6, 7 stores them; funct3 1 and 5 are the floating-point ones. Quadrant 1 and
 * funct3 0 and 4 compute or jump. */
static struct opcode decode_compressed(uint32_t insn) {
    unsigned quadrant = insn & 3, funct3 = insn >> 13 & 7;
    if (quadrant == 1 || (funct3 & 3) == 0) return access_of(ACCESS_FETCH, 0);
    return access_of(funct3 & 4 ? ACCESS_STORE : ACCESS_LOAD, (funct3 & 3) == 2 ? 4 : 8);
}

struct opcode opcode_decode(uint32_t insn) {
    if ((insn & 3) != 3) return decode_compressed(insn);
    unsigned bytes = 1u << (insn >> 12 & 3), funct5 = insn >> 27;
    switch (insn & 0x7f) {
    case 0x03: /* LOAD */
    case 0x07: /* LOAD-FP */ return access_of(ACCESS_LOAD, bytes);
    case 0x23: /* STORE */
    case 0x27: /* STORE-FP */ return access_of(ACCESS_STORE, bytes);
    case 0x2f: /* AMO */
        return access_of(funct5 == 2 ? ACCESS_LR : funct5 == 3 ? ACCESS_SC : ACCESS_AMO, bytes);
    default: return access_of(ACCESS_FETCH, 0);
    }
}
