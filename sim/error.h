/* SPDX-License-Identifier: Apache-2.0
 *
 * Every way out that is not success. Exit codes are those of docs/interface.md.
 */
#ifndef PW_ERROR_H
#define PW_ERROR_H
#include <stdint.h>

enum exit_code {
    EXIT_PASS = 0,
    EXIT_DIFFERENCE = 1,
    EXIT_USAGE = 2,
    EXIT_INPUT = 3,
    EXIT_HANG = 4,
    EXIT_INTERNAL = 5,
    EXIT_INTERRUPTED = 6
};

/* pagewalk: FILE:LINE:COLUMN: RULE\n  try: REMEDY   and exit 3. line or column 0: left out. */
_Noreturn void input_error(const char *file, uint64_t line, uint64_t column, const char *remedy,
                           const char *rule, ...) __attribute__((format(printf, 5, 6)));
/* pagewalk: FILE: record N (byte OFFSET): RULE\n  try: REMEDY   and exit 3. */
_Noreturn void record_error(const char *file, uint64_t record, uint64_t offset, const char *remedy,
                            const char *rule, ...) __attribute__((format(printf, 5, 6)));
_Noreturn void usage_error(const char *remedy, const char *rule, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void internal_error(const char *rule, ...) __attribute__((format(printf, 1, 2)));

#endif
