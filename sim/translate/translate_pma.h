/* SPDX-License-Identifier: Apache-2.0
 *
 * ram= of a case as a table of PMA registers.
 */
#ifndef PW_TRANSLATE_PMA_H
#define PW_TRANSLATE_PMA_H
#include "translate.h"

/* NULL, or why the regions do not fit so many entries. */
const char *translate_pma(const struct translate_case *, unsigned entries, struct spec_pmp *out);

#endif
