/* SPDX-License-Identifier: Apache-2.0
 *
 * What the kernel half did of its own accord: processes that the OOM killer ended, pages of files
 * that it found old, calls that would have promised too much memory (os.overcommit), and the work
 * it does every so many records.
 *
 * A killed process is gone, but the trace goes on with it: a recording knows of no such death. Its
 * remaining records, and those of children that it would have had, are passed over and counted;
 * other processes go on as recorded. A kill that no `expect sigkill` announces is a difference,
 * told when the trace is over.
 */
#include "core.h"
#include "error.h"
#include <inttypes.h>
#include <stdlib.h>

/* ---- Who is dead --------------------------------------------------------------------------- */
static struct core_kill *kill_of(struct core *c, uint32_t pid) {
    for (size_t i = c->kills; i-- > 0;)
        if (c->kill[i].pid == pid) return c->kill[i].over ? NULL : &c->kill[i];
    return NULL;
}

static void bury(struct core *c, uint32_t pid, uint64_t record, bool born, int64_t points) {
    c->kill = realloc(c->kill, (c->kills + 1) * sizeof *c->kill);
    if (!c->kill) internal_error("out of memory");
    c->kill[c->kills++] =
        (struct core_kill){.pid = pid, .record = record, .born = born, .points = points};
}

static void stop_running(struct core *c, uint32_t pid) {
    if (c->running != pid) return;
    c->running = 0;
    c->skipping = pid;
}

bool core_news(struct core *c, uint64_t record) {
    size_t count;
    const struct os_kill *k = os_kills(c->os, &count);
    for (size_t i = 0; i < count; i++) {
        bury(c, k[i].pid, record, true, k[i].points);
        if (c->judge) data_killed(c->judge->data, k[i].pid);
        stop_running(c, k[i].pid);
    }
    os_kills_done(c->os);
    if (c->judge && os_aged(c->os) != c->aged) data_aged(c->judge->data);
    c->aged = os_aged(c->os);
    return !os_panicked(c->os) ||
           core_fail(c, OPINION_HANG, c->subject,
                     "no frame is left, and nobody may be killed for one: process 1 is init, and a "
                     "process with oom_score_adj -1000 is exempt. Give more os.frames, mem.mib or "
                     "os.swap, or the process another number");
}

/* ---- Passing over -------------------------------------------------------------------------- */

/* What a call of the dead would have changed for the trace itself. */
static void skip_call(struct core *c, struct core_kill *dead, const struct os_call *k) {
    struct entry store = {.bytes = (uint16_t)(k->arg[1] < PAGE_BYTES ? k->arg[1] : PAGE_BYTES)};
    if (call_stores(k)) core_number_store(c, &store);
    if (k->nr == CALL_EXIT) {
        dead->over = true;
        c->skipping = 0;
    }
    if (k->nr == CALL_CLONE && (k->arg[1] & CLONE_F_VFORK)) c->skipping = 0;
    if (k->nr == CALL_FORK || k->nr == CALL_CLONE)
        bury(c, (uint32_t)k->arg[0], c->next.index, false, 0);
}

static bool skip_expect(struct core *c) {
    struct expect e;
    if (expect_parse(c->next.text, &e) && e.kind == EXPECT_SIGKILL)
        return core_expect(c, c->next.text);
    c->res->expectations_skipped++;
    return true;
}

bool core_skip(struct core *c, bool *skipped) {
    const struct trace_record *r = &c->next;
    if (r->kind == TRACE_SWITCH || (r->kind == TRACE_CALL && r->call.nr == CALL_EXEC)) {
        uint32_t pid = r->kind == TRACE_SWITCH ? r->pid : r->call.pid;
        c->skipping = kill_of(c, pid) ? pid : 0;
        if (c->skipping) c->running = 0;
        *skipped = c->skipping;
        return true;
    }
    *skipped = c->skipping && !(r->kind == TRACE_CALL && r->call.nr == CALL_FILE);
    if (!*skipped) return true;
    if (r->kind == TRACE_EXPECT) return skip_expect(c);
    struct core_kill *dead = kill_of(c, c->skipping);
    struct entry store = {.bytes = r->bytes};
    if (dead) dead->skipped++;
    if (r->kind == TRACE_ACCESS && access_writes(r->access)) core_number_store(c, &store);
    if (r->kind == TRACE_CALL && dead) skip_call(c, dead, &r->call);
    return true;
}

void core_drop_younger(struct core *c) {
    struct core_kill *dead = kill_of(c, c->skipping);
    if (dead) dead->skipped += c->tail - c->head;
    c->tail = c->issue = c->head;
}

void core_unborn(struct core *c, const struct os_call *k) {
    if (k->nr == CALL_FORK || k->nr == CALL_CLONE)
        bury(c, (uint32_t)k->arg[0], c->next.index, false, 0);
}

/* ---- Expected or not ----------------------------------------------------------------------- */
bool core_expect_kill(struct core *c, uint32_t pid) {
    struct core_kill *k = NULL;
    for (size_t i = c->kills; i-- > 0 && !k;)
        if (c->kill[i].pid == pid && c->kill[i].born) k = &c->kill[i];
    if (!k || k->record != c->subject->index) return false;
    k->expected = true;
    return true;
}

bool core_kills_expected(struct core *c) {
    for (size_t i = 0; i < c->kills; i++) {
        const struct core_kill *k = &c->kill[i];
        if (k->expected || !k->born) continue;
        return core_fail(c, OPINION_TRACE, c->subject,
                         "out of memory in record %" PRIu64 ": process %u was killed (oom_badness "
                         "%" PRId64 " pages) and %" PRIu64
                         " of its records were passed over; the trace does not expect it",
                         k->record, k->pid, k->points, k->skipped);
    }
    return true;
}

/* ---- Promises ------------------------------------------------------------------------------ */

/* Opinion 3 has no policy of its own: where the kernel half refuses to promise, it is believed. */
bool core_denied(struct core *c, const struct os_call *k) {
    struct os_call did = *k;
    const uint64_t done = os_enomem_done(c->os);
    if (!done) return true;
    did.arg[1] = done; /* mprotect: the mappings before the one that was refused */
    if (k->nr == CALL_MREMAP)
        did = (struct os_call){.nr = CALL_MUNMAP, .pid = k->pid, .arg = {k->arg[4], done}};
    return judge_call(c->judge, &did);
}

bool core_expect_enomem(struct core *c) {
    c->denied = false;
    return c->subject == &c->call && os_enomem(c->os);
}

bool core_denied_told(struct core *c) {
    return !c->denied ||
           core_fail(c, OPINION_TRACE, &c->call,
                     "ENOMEM: %" PRIu64 " pages are promised, with os.overcommit %s; the trace "
                     "does not say so. Say `expect enomem`, or give more memory, os.swap or "
                     "os.overcommit_ratio",
                     os_committed(c->os), overcommit_word(c->cfg->os_overcommit));
}

void core_report_kills(const struct core *c) {
    struct replay_result *r = c->res;
    for (size_t i = 0; i < c->kills; i++) {
        const struct core_kill *k = &c->kill[i];
        r->oom_kills += k->born;
        r->oom_skipped += k->skipped;
        if (r->oom_listed == REPLAY_KILLS || (!k->born && !k->skipped)) continue;
        r->oom[r->oom_listed++] =
            (struct replay_kill){k->pid, k->record, k->skipped, k->points, k->born};
    }
}

/* ---- Background ---------------------------------------------------------------------------- */
bool core_background_due(const struct core *c) {
    return c->have_next && os_due(c->os, c->background, c->next.index);
}

bool core_background(struct core *c) {
    os_background(c->os, c->background, c->next.index);
    c->background = c->next.index;
    return core_news(c, c->next.index) && core_ops(c);
}
