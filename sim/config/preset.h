/* SPDX-License-Identifier: Apache-2.0
 *
 * Presets: the geometry of a real machine on this microarchitecture. A preset is no model of that
 * machine; it says of each knob where its value is from, and what the machine has that is not here.
 */
#ifndef PW_PRESET_H
#define PW_PRESET_H
#include "config.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct preset_knob {
    char key[40], value[40];
    char *source; /* "assumed", or where it can be read */
    uint64_t line;
};

struct preset {
    char path[4096];
    char *machine;
    struct preset_knob *knob;
    size_t knobs;
    char **lack; /* a feature of the machine that the preset has not */
    size_t lacks;
};

/* NAME of sim/presets/NAME.conf. False if there is none; one that is wrong ends the program. */
bool preset_read(struct preset *, const char *name);
void preset_apply(const struct preset *, struct config *); /* knobs it does not name stay */
void preset_free(struct preset *);
/* Names, sorted, NULL at the end; NULL outside a checkout. The caller frees names and list. */
char **preset_names(void);

#endif
