/* SPDX-License-Identifier: Apache-2.0
 *
 * Configurations as people write them: files of libconfig, `--set K=V`, `set` lines of traces. One
 * set of checks for all three; whatever is wrong ends the program with exit 3, the place, the legal
 * range and what to try.
 */
#ifndef PW_CONFIG_FILE_H
#define PW_CONFIG_FILE_H
#include "config.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* NAME of sim/configs/NAME.conf or sim/presets/NAME.conf, or a path. NULL: the defaults. Fills the
 * whole struct. Returns the name that `expect cycles N in NAME` knows: NAME for a shipped one, else
 * the path. */
const char *config_load(struct config *, const char *name_or_path);

/* One knob by its words. `file` and `line` say where they stand (line 0: none, as for --set). */
void config_assign(struct config *, const char *key, const char *value, const char *file,
                   uint64_t line);

/* Pairs of knobs that contradict each other; call once all assignments are made. */
void config_check(const struct config *);

/* Names of the shipped configurations, sorted, NULL at the end; NULL outside a checkout. The caller
 * frees names and list. */
char **config_shipped(void);
char **config_names(const char *folder); /* the same for sim/FOLDER */
/* Is this one? If not, `near` says what to try. True if there is no telling: outside a checkout. */
bool config_is_shipped(const char *name, char *near, size_t bytes);

const struct config_knob *config_find(const char *key); /* NULL if there is no such knob */
/* The value as it is written in a file: a number, or the word of an enumeration. Returns `out`. */
const char *config_value(const struct config *, const struct config_knob *, char *out,
                         size_t bytes);
uint64_t config_hash(const struct config *); /* xxh64 of "key=value\n" for each knob, in order */
void config_hash_text(const struct config *, char out[17]);

#endif
