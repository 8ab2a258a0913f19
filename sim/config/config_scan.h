/* SPDX-License-Identifier: Apache-2.0
 *
 * What libconfig would take without a word, and must not be taken.
 */
#ifndef PW_CONFIG_SCAN_H
#define PW_CONFIG_SCAN_H

/* The whole file as text, or exit 3; `remedy` says what to try if there is none. The caller frees
 * it. */
char *config_text(const char *path, const char *remedy);

/* Refuses (exit 3, file:line:column) whole numbers too large for their form, and @include. */
void config_scan(const char *text, const char *file);

#endif
