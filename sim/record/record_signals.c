/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults of the program that are signals. A refused access is kept back until its process says what
 * became of it: qemu absorbed it, or the instruction is tried again, or a handler runs, or the
 * process is dead. Of the last two the trace has the access, the signal, and the frame that was
 * pushed for the handler or could not be.
 *
 * Until then another thread may go on: a fault that its calls overtake races with them, as one in
 * the midst of such a call does.
 *
 * A handler that returns has its frame read by the kernel. One that jumps away leaves it: it is
 * forgotten when an older one is read, or when there are too many.
 */
#include "record_private.h"
#include <string.h>

void signals_fault(struct events *e, struct process *p, const struct ring_item *item) {
    p->fault = *item;
    p->pending = true;
    p->raced = window_race(e, p, item->arg[0], item->bytes) != NULL;
}

void signals_mappings(struct events *e, const struct process *by) {
    for (uint32_t i = 0; i < e->processes; i++)
        if (e->process[i]->pending && e->process[i]->mm == by->mm) e->process[i]->raced = true;
}

static void write_signal(struct events *e, uint8_t sig, uint8_t code, bool caught) {
    events_write(e, &(struct trace_record){
                        .kind = TRACE_SIGNAL, .sig = sig, .code = code, .caught = caught});
}

static void write_frame(struct events *e, const struct process *p, uint64_t va) {
    events_call(
        e, &(struct os_call){.nr = CALL_SIGFRAME, .pid = p->pid, .arg = {va, RING_FRAME_BYTES}});
}

/* The access, its signal, and the store of the frame. */
static void write_delivery(struct events *e, const struct process *p) {
    events_access(e, p, &p->fault, p->raced);
    write_signal(e, (uint8_t)p->fault.arg[1], (uint8_t)p->fault.arg[2], true);
    write_frame(e, p, p->fault.arg[4]);
}

static void push_frame(struct process *p, uint64_t va) {
    if (p->frames == FRAMES_MAX) memmove(p->frame, p->frame + 1, (--p->frames) * sizeof *p->frame);
    p->frame[p->frames++] = va;
}

/* NULL: the trace can say it. */
static const char *why_not(const struct process *p) {
    switch (p->fault.arg[3]) {
    case RING_FRAME_FITS: return NULL;
    case RING_FRAME_REFUSED:
        return p->fault.arg[5] ? NULL : "a program goes on though a signal frame does not fit";
    case RING_FRAME_UNKNOWN:
        return "a handler caught a fault, and its stack pointer could not be read";
    default: return "a handler that no system call has set caught a fault";
    }
}

/* Whatever a process does after a fault says what became of it. */
void signals_resolve(struct events *e, struct process *p, const struct ring_item *next) {
    p->pending = false;
    bool again = next->kind == RING_ACCESS && next->access == ACCESS_FETCH && next->arg[0] == p->pc;
    if (next->kind == RING_ABSORBED || again || events_skip(e)) return;
    e->refusal = why_not(p);
    if (e->refusal) return;
    e->caught++;
    write_delivery(e, p);
    uint64_t frame = p->fault.arg[4];
    if (p->fault.arg[3] == RING_FRAME_REFUSED) {
        write_signal(e, SIGNAL_SEGV, SICODE_SEGV_KERNEL, true);
        write_frame(e, p, frame = p->fault.arg[5]);
    }
    push_frame(p, frame);
}

/* A signal that is blocked ends it in spite of its handler. */
void signals_killed(struct events *e, struct process *p) {
    e->signals++;
    if (p->fault.arg[3] == RING_FRAME_REFUSED) {
        write_delivery(e, p);
        write_signal(e, SIGNAL_SEGV, SICODE_SEGV_KERNEL, false);
    } else {
        events_access(e, p, &p->fault, p->raced);
        write_signal(e, (uint8_t)p->fault.arg[1], (uint8_t)p->fault.arg[2], false);
    }
    process_gone(e, p);
}

void signals_return(struct events *e, struct process *p, const struct ring_item *item) {
    uint32_t at = p->frames;
    while (at && p->frame[at - 1] != item->arg[0]) at--;
    if (!at) {
        e->handlers = true; /* of another signal: no fault told of its frame */
        return;
    }
    p->frames = at - 1;
    events_run(e, p);
    events_call(e, &(struct os_call){
                       .nr = CALL_KLOAD, .pid = p->pid, .arg = {item->arg[0], RING_FRAME_BYTES}});
}
