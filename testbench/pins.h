/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands on the input pins of an MMU that a bench may choose, as records: one a request, kill,
 * fence or CSR write that is offered in a cycle, one a word that memory gets before it, one a
 * reset. The other pins follow: memory answers, the oldest request is named, the hart is as it is.
 */
#ifndef PW_PINS_H
#define PW_PINS_H
#include "memport.h"
#include "ports.h"
#include "types.h"

enum pins_kind { PINS_RESET, PINS_WORD, PINS_ROM, PINS_CSR, PINS_REQUEST, PINS_KILL, PINS_FENCE };

enum { PINS_IDS = 32, PINS_CSRS = 4096 };

struct pins_record {
    uint64_t cycle; /* edges since the engine was opened */
    uint8_t kind;
    uint8_t access; /* request; of a kill ACCESS_FETCH names the fetch port, else the data port */
    uint8_t id, priv;
    bool sum, mxr;
    uint16_t bytes;
    uint8_t fence; /* enum fence */
    bool rs1, rs2;
    uint64_t at;    /* word, rom: its address; CSR: its number; request, fence: VA */
    uint64_t value; /* word, CSR; kill: a bit an id; fence: ASID */
};

typedef void pins_told(void *who, const struct pins_record *);

/* What is offered on these pins, a record each, into `told`. */
void pins_tell(const struct mmu_in *, uint64_t cycle, pins_told *told, void *who);
/* The record's own pins; a word and a reset have none. */
void pins_drive(const struct pins_record *, struct mmu_in *);
/* Anything on the pins that nobody may look at in this cycle, since what they belong to is not
 * valid, or is an answer of memory that has no use for them. */
void pins_idle(struct mmu_in *, uint64_t cycle, const struct memport *);

#endif
