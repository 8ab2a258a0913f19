/* SPDX-License-Identifier: Apache-2.0
 *
 * A second transcription of the decision table, for the tests of opinion 2 and `translate` alone.
 */
#ifndef PW_SPEC_SECOND_H
#define PW_SPEC_SECOND_H
#include "spec.h"

struct second {
    unsigned cause, row, pbmt;
    paddr_t pa;
    bool writes;
    paddr_t write_pa;
};

bool second_dirties(unsigned access); /* a store, as A/D updates see it */
struct second second_walk(const struct spec_hart *, const struct spec_request *);
/* Two answers to one request; NULL if they agree, else the name of what differs. */
const char *second_differs(const struct second *, const struct spec_answer *);

#endif
