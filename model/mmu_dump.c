/* SPDX-License-Identifier: Apache-2.0
 *
 * The state of the MMU by name, as text into the caller's buffer: for hang and failure reports.
 */
#include "mmu_state.h"
#include <stdio.h> /* snprintf only */

size_t mmu_dump(const struct mmu *m, char *out, size_t bytes) {
    const struct ptw *p = &m->ptw;
    size_t n = 0;
#define SAY(...)                                                                                   \
    do {                                                                                           \
        int more_ = snprintf(n < bytes ? out + n : NULL, n < bytes ? bytes - n : 0, __VA_ARGS__);  \
        n += more_ > 0 ? (size_t)more_ : 0;                                                        \
    } while (0)
    SAY("cycle %llu: satp %016llx context %u adue %d\n", (unsigned long long)m->cycle,
        (unsigned long long)m->satp, m->ctx.current, m->adue);
    for (uint32_t i = 0; i < p->slots; i++) {
        const struct walk_slot *s = &p->slot[i];
        if (s->state == SLOT_FREE) continue;
        SAY("slot %2u %-6s %s id %2u %s va %016llx level %u base %011llx%s%s%s", i,
            slot_word(s->state), p->of_port[PORT_DATA] >> i & 1 ? "data " : "fetch", s->id,
            access_word(s->access), (unsigned long long)s->va, s->level,
            (unsigned long long)s->base, s->stale ? " stale" : "", s->killed ? " killed" : "",
            p->held && p->held_slot == i ? " offered" : "");
        if (s->state == SLOT_MERGED) SAY(" follows slot %u", s->lead);
        if (s->state == SLOT_LINE) SAY(" waits for the line of slot %u", s->lead);
        if (s->state == SLOT_DONE) SAY(" cause %s", cause_word(s->cause));
        SAY("\n");
    }
#undef SAY
    return n < bytes ? n : bytes ? bytes - 1 : 0;
}
