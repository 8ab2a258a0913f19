/* SPDX-License-Identifier: Apache-2.0
 *
 * Signals: what the kernel half sends, and what the trace says of it.
 *
 * An access that races (docs/recording.md) has two outcomes, and the trace has one of them, that of
 * the order in which the recording put it. Either is legal. Where the other one comes about here,
 * the run goes on as the trace does: an access that is refused, and of which the trace says no
 * signal, is not made; one that succeeds, and of which it says a signal, is followed by that
 * signal.
 */
#include "core.h"
#include "error.h"

/* Nothing is in the ring that is younger than the access at hand, or there is no signal to come. */
enum outcome core_signal_says(struct core *c, const struct entry *a) {
    bool last = c->tail - c->head <= 1 && core_peek(c);
    bool told = last && (c->next.kind == TRACE_SIGNAL || c->next.kind == TRACE_EXPECT);
    if (last && c->next.kind == TRACE_SIGNAL && c->next.caught) return OUTCOME_CAUGHT;
    return a->racing && !told ? OUTCOME_FORGIVEN : OUTCOME_ENDS;
}

static void end_process(struct core *c, uint32_t pid) {
    struct os_call end = {.nr = CALL_EXIT, .pid = pid, .arg = {1}};
    if (c->judge) data_killed(c->judge->data, pid);
    if (!os_call(c->os, &end)) internal_error("process %u cannot end: %s", pid, os_error(c->os));
    c->running = 0;
}

bool core_must_signal(struct core *c, const struct entry *a, const struct os_outcome *o) {
    return !c->judge || os_enomem(c->os) ||
           judge_verdict(c->judge, a->pid, a->type, a->va, a->bytes, o->sig, o->code) ||
           core_fail(c, OPINION_DATA, a, "%s", c->judge->why);
}

void core_signalled(struct core *c, struct entry *a, const struct os_outcome *o,
                    enum outcome says) {
    a->sig = o->sig;
    a->code = o->code;
    a->caught = says == OUTCOME_CAUGHT;
    a->forgiven = says == OUTCOME_FORGIVEN;
    c->subject = a;
    c->signalled = !a->forgiven;
    c->announced = false;
    c->res->signals += says == OUTCOME_ENDS;
    c->res->signals_caught += a->caught;
    if (says == OUTCOME_ENDS) end_process(c, a->pid);
}

bool core_announce(struct core *c, uint8_t sig, uint8_t code, bool caught) {
    c->announced = true;
    if (c->signalled && c->subject->sig == sig && c->subject->code == code) {
        c->signalled = !caught; /* the handler runs */
        return true;
    }
    if (!c->signalled && c->subject->racing) {
        c->res->signals += !caught;
        c->res->signals_caught += caught;
        if (!caught) end_process(c, c->subject->pid);
        return core_ops(c);
    }
    const char *did = c->signalled ? signal_word(c->subject->sig) : "the access succeeded";
    return core_fail(c, OPINION_TRACE, c->subject, "the trace says %s %s; here: %s %s",
                     signal_word(sig), sicode_word(code), did,
                     c->signalled ? sicode_word(c->subject->code) : "");
}
