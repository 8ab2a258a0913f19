/* SPDX-License-Identifier: Apache-2.0
 *
 * What the pins tell of one access inside the MMU: its walk, PTE by PTE, and what becomes of it in
 * the L2 TLB.
 */
#include "explain_private.h"
#include "error.h"
#include <stdlib.h>
#include <string.h>

const char *const explain_words[EXPLAIN_KINDS] = {
    [EXPLAIN_VMA] = "vma",      [EXPLAIN_REQUEST] = "request", [EXPLAIN_LOOKUP] = "lookup",
    [EXPLAIN_WAIT] = "wait",    [EXPLAIN_START] = "start",     [EXPLAIN_READ] = "read",
    [EXPLAIN_PTE] = "pte",      [EXPLAIN_UPDATE] = "update",   [EXPLAIN_UPDATED] = "updated",
    [EXPLAIN_FILL] = "fill",    [EXPLAIN_ANSWER] = "answer",   [EXPLAIN_CHECK] = "check",
    [EXPLAIN_KILL] = "kill",    [EXPLAIN_FAULT] = "fault",     [EXPLAIN_KERNEL] = "kernel",
    [EXPLAIN_STORE] = "store",  [EXPLAIN_FENCE] = "fence",     [EXPLAIN_VALUE] = "value",
    [EXPLAIN_SIGNAL] = "signal"};

/* ---- Steps --------------------------------------------------------------------------------- */

void explain_begin(struct core *c) {
    struct explain *x = c->opt->explain;
    x->cfg = c->cfg;
    x->attempt = 1;
    x->tlbs = explain_tlbs_new(c->cfg);
    explain_watch(c);
}

void explain_free(struct explain *x) {
    explain_tlbs_delete(x->tlbs);
    free(x->step);
    free(x->stored);
    memset(x, 0, sizeof *x);
}

bool explain_over(const struct core *c) {
    return c->opt->explain->over;
}

struct explain_step *explain_room(struct explain_step **step, size_t *steps, size_t *room) {
    if (*steps == *room) {
        *room = *room ? 2 * *room : 64;
        *step = realloc(*step, *room * sizeof **step);
        if (!*step) internal_error("out of memory");
    }
    struct explain_step *s = &(*step)[(*steps)++];
    memset(s, 0, sizeof *s);
    return s;
}

struct explain_step *explain_add(struct core *c, enum explain_kind kind, unsigned part) {
    struct explain *x = c->opt->explain;
    struct explain_step *s = explain_room(&x->step, &x->steps, &x->room);
    s->kind = (uint8_t)kind;
    s->part = (uint8_t)part;
    s->attempt = x->attempt;
    s->cycle = c->cycle;
    return s;
}

bool explain_mine(const struct explain *x, const struct entry *a) {
    if (!a || !x->at || x->over || a->index != x->at || a->kernel != x->kernel) return false;
    return !a->kernel || (x->va >= a->va && x->va - a->va < a->bytes);
}

/* The part's place in its access, if that is the one. */
bool explain_part(const struct explain *x, const struct entry *a, const struct part *p,
                  unsigned *part) {
    if (!p || !explain_mine(x, a)) return false;
    *part = (unsigned)(p - a->part);
    return true;
}

static uint64_t record_of(const struct entry *a) {
    return a ? a->index : 0;
}

/* Memory as it is now, through the eyes of the specification. */
struct spec_answer explain_spec(struct core *c, const struct entry *a, const struct part *p) {
    struct spec_answer s = {.level = -1};
    struct spec_request r = core_spec_request(c, a, p);
    spec_walk_hart(&c->hart, &r, &s);
    return s;
}

/* ---- The walk ------------------------------------------------------------------------------ */

static void next_level(struct explain *x, unsigned part) {
    x->level[part] -= x->pointer[part] && x->level[part];
    x->pointer[part] = false;
}

static unsigned top_level(const struct explain *x) {
    unsigned mode = explain_mode(x->cfg, x->satp);
    return mode == MODE_SV32 ? 1 : mode - MODE_SV39 + 2;
}

static struct explain_step *add_pte(struct core *c, enum explain_kind kind, unsigned part,
                                    const struct walk_event *e) {
    struct explain_step *s = explain_add(c, kind, part);
    s->pte.level = c->opt->explain->level[part];
    s->pte.op = e->op;
    s->pte.pa = e->pa;
    s->pte.pte = e->pte;
    s->pte.to = e->to;
    s->pte.error = e->error;
    s->pte.ok = e->ok;
    return s;
}

static void pte_came(struct core *c, unsigned part, const struct walk_event *e, uint64_t by) {
    struct explain *x = c->opt->explain;
    struct explain_step *s = add_pte(c, EXPLAIN_PTE, part, e);
    s->pte.by = by;
    x->pointer[part] = !e->error && (e->pte & (PTE_V | PTE_R | PTE_X)) == PTE_V;
    if (!c->out.ev_pwc_fill_o) return;
    s = explain_add(c, EXPLAIN_FILL, part);
    s->fill.unit = UNIT_PWC;
    s->fill.level = c->out.ev_pwc_fill_level_o;
    s->fill.way = c->out.ev_pwc_fill_way_o;
}

/* A PTE that another access has read for this one, too. */
static void shared_came(struct core *c, const struct walk_event *e) {
    struct explain *x = c->opt->explain;
    paddr_t line = e->op == MEMOP_LINE ? 63 : 0;
    for (unsigned part = 0; part < 2; part++) {
        if (!x->shared[part] || (x->shared[part] ^ e->pa) & ~line) continue;
        struct walk_event got = *e;
        got.pa = x->shared[part];
        x->shared[part] = 0;
        if (got.pa == e->pa) pte_came(c, part, &got, record_of(e->access));
    }
}

static void answered(struct core *c, const struct walk_event *e, bool is_mine, unsigned part) {
    struct explain *x = c->opt->explain;
    if (e->op != MEMOP_CAS || e->ok) x->slot_pte[e->slot] = e->op == MEMOP_CAS ? e->to : e->pte;
    if (!is_mine) {
        if (e->op != MEMOP_CAS) shared_came(c, e);
    } else if (e->op == MEMOP_CAS) {
        add_pte(c, EXPLAIN_UPDATED, part, e);
    } else {
        pte_came(c, part, e, 0);
    }
}

static void shares(struct core *c, const struct walk_event *e, unsigned part) {
    struct explain *x = c->opt->explain;
    next_level(x, part);
    struct spec_answer spec = explain_spec(c, e->access, e->part);
    unsigned n = top_level(x) - x->level[part];
    struct explain_step *s = explain_add(c, EXPLAIN_WAIT, part);
    s->wait.why = "share";
    if (n >= spec.reads) return;
    x->shared[part] = spec.read_pa[n];
    for (unsigned tag = 0; tag < COUNTERS_TAGS; tag++) {
        const struct entry *other;
        bool reads = c->asked[tag].pa == spec.read_pa[n] && c->asked[tag].op != MEMOP_CAS;
        if (reads && tag != e->slot && core_slot_part(c, tag, &other))
            s->wait.by = record_of(other);
    }
}

static void wait(struct core *c, unsigned part, const char *why) {
    explain_add(c, EXPLAIN_WAIT, part)->wait.why = why;
}

void explain_walk(struct core *c, const struct walk_event *e) {
    struct explain *x = c->opt->explain;
    struct explain_step *s;
    unsigned part = 0;
    bool is_mine = explain_part(x, e->access, e->part, &part);
    if (e->kind == WALK_ANSWER) answered(c, e, is_mine, part);
    if (!is_mine) return;
    switch (e->kind) {
    case WALK_START:
        s = explain_add(c, EXPLAIN_START, part);
        s->start.level = x->level[part] = e->level;
        s->start.top = top_level(x);
        x->pointer[part] = false;
        return;
    case WALK_ASK:
        next_level(x, part);
        add_pte(c, e->op == MEMOP_CAS ? EXPLAIN_UPDATE : EXPLAIN_READ, part, e);
        return;
    case WALK_SHARE: shares(c, e, part); return;
    case WALK_DENY: wait(c, part, "deny"); return;
    case WALK_HOLD: wait(c, part, "hold"); return;
    default: return; /* told with the L2 compare, and with the answer */
    }
}

/* ---- L2: compare and fill ------------------------------------------------------------------ */

/* Who walks the page of this part already? */
static uint64_t walker_of(struct core *c, const struct entry *a, const struct part *p) {
    for (unsigned slot = 0; slot < COUNTERS_TAGS; slot++) {
        const struct entry *other;
        if (!(c->counters.open >> slot & 1)) continue;
        const struct part *q = core_slot_part(c, slot, &other);
        if (q && q != p && other->pid == a->pid && !((q->va ^ p->va) >> PAGE_SHIFT))
            return record_of(other);
    }
    return 0;
}

void explain_l2_compare(struct core *c) {
    struct explain *x = c->opt->explain;
    const struct mmu_out *o = &c->out;
    const struct entry *a;
    unsigned part;
    const struct part *p = core_slot_part(c, o->ev_l2_slot_o, &a);
    unsigned unit = explain_l2_of(x->cfg, a && a->type == ACCESS_FETCH);
    if (!explain_part(x, a, p, &part)) return;
    explain_tlb_lookup(x, unit, p->va, o->ev_l2_hit_o, explain_add(c, EXPLAIN_LOOKUP, part));
    if (o->ev_line_hit_o) wait(c, part, "line");
    if (o->ev_line_wait_o) wait(c, part, "line_wait");
    if (!o->ev_merge_o) return;
    uint64_t by = walker_of(c, a, p);
    wait(c, part, "merge");
    x->step[x->steps - 1].wait.by = by;
}

void explain_l2_fill(struct core *c) {
    struct explain *x = c->opt->explain;
    const struct mmu_out *o = &c->out;
    bool walked = o->ev_walk_end_o && o->ev_walk_end_size_o != SIZE_NONE;
    unsigned slot = walked ? o->ev_walk_end_slot_o : o->ev_line_hit_slot_o, part;
    const struct entry *a;
    const struct part *p = core_slot_part(c, slot, &a);
    if (!p || (!walked && !o->ev_line_hit_o)) return; /* of a prefetch nothing is told */
    unsigned unit = explain_l2_of(x->cfg, a->type == ACCESS_FETCH);
    struct explain_filled f = {.va = p->va,
                               .pte = walked ? x->slot_pte[slot] : 0, /* of a line: not told */
                               .size = walked ? o->ev_walk_end_size_o : SIZE_4K,
                               .cycle = c->cycle,
                               .record = a->index};
    explain_tlb_fill(x, unit, o->ev_l2_fill_large_o, o->ev_l2_fill_set_o, o->ev_l2_fill_way_o, &f);
    if (!explain_part(x, a, p, &part)) return;
    struct explain_step *s = explain_add(c, EXPLAIN_FILL, part);
    s->fill.unit = (uint8_t)unit;
    s->fill.large = o->ev_l2_fill_large_o;
    s->fill.set = o->ev_l2_fill_set_o;
    s->fill.way = o->ev_l2_fill_way_o;
}
