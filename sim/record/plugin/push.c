/* SPDX-License-Identifier: Apache-2.0
 *
 * The producer's end of the ring.
 */
#include "plugin.h"
#include "enums.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The slot of a ticket is free once the consumer's tail has passed the ticket one round before. */
static void wait_for_room(struct ring *ring, uint64_t ticket) {
    const struct timespec nap = {0, 50000};
    for (unsigned naps = 0;
         ticket - atomic_load_explicit(&ring->tail, memory_order_acquire) >= RING_ITEMS; naps++) {
        nanosleep(&nap, NULL);
        if ((naps & 1023) == 1023 && kill(ring->reader, 0) != 0 && errno == ESRCH) _exit(127);
    }
}

void push(struct recorder *r, enum ring_kind kind, unsigned access, unsigned bytes,
          const uint64_t *arg, unsigned args) {
    struct ring *ring = r->ring;
    if (atomic_load_explicit(&ring->stop, memory_order_relaxed)) return;
    uint64_t ticket = atomic_fetch_add_explicit(&ring->head, 1, memory_order_relaxed);
    if (ticket - atomic_load_explicit(&ring->tail, memory_order_acquire) >= RING_ITEMS)
        wait_for_room(ring, ticket);
    struct ring_item *item = &ring->item[ticket % RING_ITEMS];
    item->pid = r->pid;
    item->kind = (uint8_t)kind;
    item->access = (uint8_t)access;
    item->bytes = (uint16_t)bytes;
    for (unsigned i = 0; i < args; i++) item->arg[i] = arg[i];
    atomic_store_explicit(&item->stamp, ticket + 1, memory_order_release);
}

void push_call(struct recorder *r, unsigned call, bool file, uint64_t a0, uint64_t a1, uint64_t a2,
               uint64_t a3, uint64_t a4) {
    const uint64_t arg[] = {a0, a1, a2, a3, a4};
    push(r, RING_CALL, call, file, arg, 5);
}

static void push_text(struct recorder *r, const char *s) {
    for (size_t at = 0, left = strlen(s); left;) {
        uint64_t text[6] = {0};
        size_t bytes = left < RING_TEXT_BYTES ? left : RING_TEXT_BYTES;
        memcpy(text, s + at, bytes);
        push(r, RING_TEXT, 0, (unsigned)bytes, text, 6);
        at += bytes;
        left -= bytes;
    }
}

void push_note(struct recorder *r, const char *text) {
    push_text(r, text);
    push(r, RING_NOTE, 0, 0, NULL, 0);
}

void push_file(struct recorder *r, const struct host_file *f) {
    push_text(r, f->name);
    const uint64_t arg[] = {f->device, f->inode, f->size, f->grew, f->store};
    push(r, RING_FILE, 0, 0, arg, 5);
}

/* Nothing that follows could be recorded: wait for the recorder to end this process. */
void push_refuse(struct recorder *r, enum ring_refuse why) {
    const uint64_t arg[] = {why};
    push(r, RING_REFUSE, 0, 0, arg, 1);
    for (;;) {
        struct timespec nap = {1, 0};
        nanosleep(&nap, NULL);
        if (kill(r->ring->reader, 0) != 0) _exit(127);
    }
}
