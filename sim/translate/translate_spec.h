/* SPDX-License-Identifier: Apache-2.0
 *
 * A case as opinion 2 wants it, for the engine `spec` and for --legal.
 */
#ifndef PW_TRANSLATE_SPEC_H
#define PW_TRANSLATE_SPEC_H
#include "translate.h"

struct spec_hart translate_hart(const struct translate_case *, const struct translate_memory *);
struct spec_request translate_request(const struct translate_case *, const struct translate_step *,
                                      vaddr_t va, unsigned bytes);
/* A PTE of 4 or 8 bytes written into a memory of 8-byte words. */
void translate_update(struct translate_memory *, paddr_t pa, pte_t pte, bool rv32);

#endif
