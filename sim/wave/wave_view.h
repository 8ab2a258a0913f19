/* SPDX-License-Identifier: Apache-2.0
 *
 * Save files of the wave viewer that go with an FST: wave_view.def says which and what is in them.
 */
#ifndef PW_WAVE_VIEW_H
#define PW_WAVE_VIEW_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wave_aim {
    const char *view; /* its name */
    uint64_t cycle;   /* where the marker is */
    const char *pin;  /* NULL, or the pin in which model and RTL differ: it comes first */
};

/* Names of the views; ends with NULL. */
extern const char *const wave_views[];
/* The view that shows a failure of this signature; the first one if there is no failure (""). */
const char *wave_view_of(const char *signature);

/* Both, of a failure. The string must live as long as the result. */
struct wave_aim wave_view_aim(const char *signature, uint64_t cycle);

/* Writes the view of an FST into the file `path`. Returns how many of its signals the FST does not
 * have: units that this MMU is built without, or what the C model does not keep. */
unsigned wave_view_write(const char *fst, const char *path, const struct wave_aim *);
/* F.gtkw of F.fst; with a name, F.NAME.gtkw. */
void wave_view_path(const char *fst, const char *name, char *path, size_t bytes);
/* The view and the cycle that F.gtkw has; false: there is none, or it is not one of ours. */
bool wave_view_read(const char *gtkw, char view[32], uint64_t *cycle);

#endif
