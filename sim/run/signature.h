/* SPDX-License-Identifier: Apache-2.0
 *
 * The signature of a failure: which opinion speaks, and of what kind of thing, without the numbers
 * that differ from run to run. Two failures of one signature are one bug until somebody knows
 * better; `regress` groups by it, `reduce` keeps it.
 */
#ifndef PW_SIGNATURE_H
#define PW_SIGNATURE_H
#include <stddef.h>

enum { SIGNATURE_BYTES = 192 };

/* "OPINION WHAT": `what` is a pin's name, or a sentence up to its first semicolon, with N for each
 * number in it. Names keep their digits. */
void signature_make(char out[SIGNATURE_BYTES], const char *opinion, const char *what);

#endif
