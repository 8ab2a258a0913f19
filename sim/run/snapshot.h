/* SPDX-License-Identifier: Apache-2.0
 *
 * Sleeping copies of a run, so that the waveform of a failure costs what is in it, not what was
 * before: docs/waveforms.md, "On a failure".
 */
#ifndef PW_SNAPSHOT_H
#define PW_SNAPSHOT_H
#include "replay.h"

struct core;
struct snapshots;

struct snapshots *snapshots_new(void);
void snapshots_delete(struct snapshots *); /* ends the copies; NULL is none */

/* Before an edge, when c->snapshot_at is reached: leaves a copy behind and says when the next one
 * is due. In a copy that is woken it returns, too: the run goes on from here, with waves. */
void snapshot_take(struct core *);
/* The run is over. In a copy it hands over what it found, and does not return. */
void snapshot_over(const struct core *);

/* The run has failed: the nearest copy goes on and writes the cycles before the failure. The report
 * gains the name of the waveform, or why there is none. */
void snapshot_window(struct snapshots *, const char *trace, const struct replay_options *,
                     struct replay_result *);

#endif
