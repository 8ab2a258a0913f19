/* SPDX-License-Identifier: Apache-2.0
 *
 * Opinion 2, what may lawfully be answered while translations are cached. "The results of implicit
 * address-translation reads in step 2 may be held in a read-only, incoherent address-translation
 * cache" [priv 12.3.2]: so step 2 may give any value its word has had since the last fence that
 * covers this use of it, and an answer is lawful if one choice of such values, of the kept satp
 * values and of the kept values of ADUE, PBMTE, PMP and PMA gives it.
 *
 * Nearly every answer is the one that memory gives now; that is tried first and costs one plain
 * walk. Else a search goes depth first over satp values, then over the values of each word:
 *   - satp: the request's own; former ones of its ASID (MODE and PPN); those of other ASIDs for
 *     global mappings only, since a false G bit "can unpredictably result in either mapping being
 *     used" [priv 12.3.1].
 *   - a fence with rs2 spares global mappings, and whether a mapping is global is known at its
 *     leaf: each kept value on the way is judged when the walk has ended.
 *   - "The address-translation cache cannot be used in step 9": an entry without the A or D that
 *     the access needs gives no answer under Svadu. The update writes memory first; what it wrote
 *     is then a value like any other.
 *   - "implicit reads of a NAPOT PTE may create address-translation cache entries" for every page
 *     of its 64 KiB [priv, Svnapot]: the values of the 16 words around are values of this word.
 */
#include "spec_keep.h"
#include "enums.h"

enum { LISTED = 4 }; /* lawful answers named in a complaint */

enum { ANY_TYPE = 255 }; /* of an answer that does not tell its memory type */

struct search {
    struct spec *s;
    const struct spec_request *r;
    struct spec_request view; /* r, with the PBMTE that one check sees */
    uint64_t accepted;
    struct spec_mode mode;
    struct { /* kept values on the way */
        uint64_t until;
        unsigned shift;
        bool leaf;
    } used[SPEC_LEVELS + 1];
    unsigned depth;
    bool foreign;      /* the root is another ASID's */
    bool svade, svadu; /* lawful views of menvcfg.ADUE */
    /* what is looked for: this answer, this update, or all of either */
    enum { ANSWER, UPDATE, ANSWERS, UPDATES } goal;
    struct spec_outcome want;
    struct spec_update want_update;
    /* what was found, but for what is looked for */
    struct spec_outcome *lawful;
    struct spec_update *update;
    unsigned found, room;
};

static uint8_t page_cause(const struct search *f) {
    return spec_page_cause(f->r->access);
}

static uint8_t access_cause(const struct search *f) {
    return spec_access_cause(f->r->access);
}

/* ---- One choice of kept values --------------------------------------------------------------- */
static bool covered(const struct search *f, unsigned n, bool global) {
    struct keep_use u = {.va = f->r->va,
                         .shift = f->used[n].shift,
                         .asid = spec_asid(&f->s->hart, f->r->satp),
                         .leaf = f->used[n].leaf,
                         .global = global};
    return keep_covered(f->s, f->used[n].until, f->accepted, &u);
}

static bool choice_lawful(const struct search *f, bool global) {
    if (f->foreign && !global) return false;
    for (unsigned n = 0; n < f->depth; n++)
        if (covered(f, n, global)) return false;
    return true;
}

/* Push a value that stood until then; false if no fence can have spared it. */
static bool choose(struct search *f, uint64_t until, unsigned shift, bool leaf) {
    if (until == KEEP_NEVER) return true;
    f->used[f->depth].until = until;
    f->used[f->depth].shift = shift;
    f->used[f->depth++].leaf = leaf;
    return !covered(f, f->depth - 1, true);
}

/* The walk ends in this answer. True ends the search. */
static bool answer(struct search *f, bool global, uint8_t cause, paddr_t pa, uint8_t pbmt) {
    bool all = f->goal == ANSWERS;
    if ((f->goal != ANSWER && !all) || !choice_lawful(f, global)) return false;
    if (!all && cause == f->want.cause &&
        (cause || (pa == f->want.pa && (f->want.pbmt == ANY_TYPE || f->want.pbmt == pbmt))))
        return true;
    for (unsigned n = 0; n < f->found; n++)
        if (f->lawful[n].cause == cause &&
            (cause || (f->lawful[n].pa == pa && f->lawful[n].pbmt == pbmt)))
            return false;
    if (f->found < f->room)
        f->lawful[f->found++] = (struct spec_outcome){.cause = cause, .pbmt = pbmt, .pa = pa};
    return false;
}

static bool fault(struct search *f, bool global, uint8_t cause) {
    return answer(f, global, cause, 0, PBMT_PMA);
}

/* May PMP and PMA, as some check may see them, come to this? Of a table word, of the access. */
static bool table_seen(const struct search *f, paddr_t pa, uint8_t access, bool allowed) {
    return keep_check_seen(f->s, f->r, f->accepted, pa, f->mode.pte_bytes, access, PRIV_S, allowed);
}

static bool data_seen(const struct search *f, paddr_t pa, bool allowed) {
    return keep_check_seen(f->s, f->r, f->accepted, spec_first_byte(f->r, pa), f->r->bytes,
                           f->r->access, f->r->priv, allowed);
}

/* After translation; `fails`: only the ways in which the access then fails. */
static bool answer_at(struct search *f, bool global, paddr_t pa, uint8_t pbmt, bool fails) {
    bool there = spec_data_there(&f->s->hart, f->r, pa);
    if ((!there || data_seen(f, pa, false)) && fault(f, global, access_cause(f))) return true;
    return !fails && there && data_seen(f, pa, true) && answer(f, global, CAUSE_NONE, pa, pbmt);
}

/* Memory must hold what the update compares with. */
static bool update_of(struct search *f, bool global, paddr_t at, pte_t pte) {
    struct spec_update u = {at, pte, spec_pte_updated(f->r, pte)};
    if (keep_word(f->s, at, f->mode.pte_bytes) != pte || !choice_lawful(f, global)) return false;
    if (f->goal == UPDATE) return at == f->want_update.pa && pte == f->want_update.old;
    for (unsigned n = 0; n < f->found; n++)
        if (f->update[n].pa == at && f->update[n].old == pte) return false;
    if (f->found < f->room) f->update[f->found++] = u;
    return false;
}

/* Steps 9 and 10 with a leaf that lacks A or D. */
static bool leaf_to_update(struct search *f, bool global, paddr_t at, pte_t pte, paddr_t pa) {
    if (f->svade && fault(f, global, page_cause(f))) return true;
    if (!f->svadu) return false;
    const struct spec_hart *h = &f->s->hart;
    bool rom = h->rom && h->rom(h->memory, at);
    if ((rom || table_seen(f, at, SPEC_TABLE_WRITE, false)) && fault(f, global, access_cause(f)))
        return true;
    if (f->goal == UPDATE || f->goal == UPDATES)
        return !rom && table_seen(f, at, SPEC_TABLE_WRITE, true) && update_of(f, global, at, pte);
    /* an access that must fail whatever A and D are need not set them first */
    return answer_at(f, global, pa, PBMT_PMA, true);
}

/* ---- The search ------------------------------------------------------------------------------ */
static bool try_table(struct search *f, paddr_t table, unsigned i, bool global);

/* Steps 3 to 10 with one value of the word at `at`, as one PBMTE has it. */
static bool try_step(struct search *f, paddr_t at, pte_t pte, unsigned i, bool global) {
    paddr_t pa = spec_translated(&f->mode, f->r->va, pte, i);
    uint8_t pbmt = (uint8_t)(pte >> PTE_PBMT_SHIFT & 3);
    switch (spec_pte_step(&f->s->hart, &f->mode, &f->view, pte, i).verdict) {
    case SPEC_POINTER: return try_table(f, spec_pte_table(pte), i - 1, global);
    case SPEC_PAGE_FAULT: return fault(f, global, page_cause(f));
    case SPEC_SUCCESS: return answer_at(f, global, pa, pbmt, false);
    default: return leaf_to_update(f, global, at, pte, pa);
    }
}

static bool try_entry(struct search *f, paddr_t at, pte_t pte, uint64_t until, unsigned i,
                      bool global) {
    unsigned depth = f->depth;
    bool found = false;
    global |= (pte & PTE_V) && (pte & PTE_G);
    if (choose(f, until, keep_shift(&f->mode, pte, i), keep_leaf(pte)))
        for (unsigned pbmte = 0; pbmte < 2 && !found; pbmte++) {
            bool now = f->r->pbmte;
            if (pbmte != now &&
                (!(pte & PTE_PBMT) || !keep_flag_seen(f->s, &f->s->pbmte, f->accepted, now, pbmte)))
                continue;
            f->view.pbmte = pbmte;
            found = try_step(f, at, pte, i, global);
        }
    f->depth = depth;
    return found;
}

/* Every value of the word; `copies`: only those that a NAPOT PTE lends to its range. */
static bool try_word(struct search *f, paddr_t at, unsigned i, bool global, bool copies) {
    pte_t pte = keep_word(f->s, at, f->mode.pte_bytes);
    if ((!copies || keep_shift(&f->mode, pte, i) == NAPOT_SHIFT) &&
        try_entry(f, at, pte, KEEP_NEVER, i, global))
        return true;
    for (uint32_t v = keep_first(f->s, at); v != KEEP_NONE; v = f->s->value[v].next) {
        const struct keep_value *k = &f->s->value[v];
        if ((!copies || keep_shift(&f->mode, k->pte, i) == NAPOT_SHIFT) &&
            try_entry(f, at, k->pte, k->until, i, global))
            return true;
    }
    return false;
}

/* Step 2 with every value of the word, and at level 0 with the NAPOT PTEs around it. */
static bool try_table(struct search *f, paddr_t table, unsigned i, bool global) {
    const struct spec_hart *h = &f->s->hart;
    paddr_t at = spec_pte_address(&f->mode, table, f->r->va, i);
    pte_t pte;
    bool there = spec_pte_read(h, &f->mode, f->r->pa_bits, at, &pte);
    if ((!there || table_seen(f, at, SPEC_TABLE_READ, false)) && fault(f, global, access_cause(f)))
        return true;
    if (there && table_seen(f, at, SPEC_TABLE_READ, true) && try_word(f, at, i, global, false))
        return true;
    if (i > 0 || !h->svnapot || h->rv32) return false;
    paddr_t first = at & ~(paddr_t)(NAPOT_PTES * PTE_BYTES - 1);
    for (paddr_t near = first; near < first + NAPOT_PTES * PTE_BYTES; near += PTE_BYTES)
        if (near != at && spec_pte_read(h, &f->mode, f->r->pa_bits, near, &pte) &&
            table_seen(f, near, SPEC_TABLE_READ, true) && try_word(f, near, i, global, true))
            return true;
    return false;
}

/* Steps 0 and 1 with one satp value. */
static bool try_root(struct search *f, uint64_t satp, uint64_t until) {
    bool found = false;
    f->mode = spec_mode(&f->s->hart, satp);
    if (choose(f, until, PAGE_SHIFT, false)) {
        if (spec_canonical(&f->mode, f->r->va))
            found = try_table(f, spec_root(&f->s->hart, satp), f->mode.levels - 1, false);
        else
            found = fault(f, false, page_cause(f));
    }
    f->depth = 0;
    return found;
}

static bool search(struct search *f) {
    const struct spec_request *r = f->r;
    const struct spec_hart *h = &f->s->hart;
    f->view = *r;
    f->mode = spec_mode(h, r->satp);
    if (r->priv == PRIV_M || f->mode.levels == 0) /* at once, never cached */
        return answer_at(f, false, r->va, PBMT_PMA, false);
    f->svade = keep_flag_seen(f->s, &f->s->adue, f->accepted, r->adue, false);
    f->svadu = keep_flag_seen(f->s, &f->s->adue, f->accepted, r->adue, true);
    if (try_root(f, r->satp, KEEP_NEVER)) return true;
    for (size_t n = 0; n < f->s->roots; n++) {
        const struct keep_root *root = &f->s->root[n];
        f->foreign = spec_asid(h, root->satp) != spec_asid(h, r->satp);
        if (root->satp != r->satp && root->from <= f->accepted &&
            try_root(f, root->satp, root->until))
            return true;
    }
    return false;
}

/* ---- Complaints ------------------------------------------------------------------------------ */
struct text {
    char *out;
    size_t room;
};

static void say(struct text *t, const char *words) {
    while (*words && t->room > 1) {
        *t->out++ = *words++;
        t->room--;
    }
    if (t->room) *t->out = '\0';
}

static void say_hex(struct text *t, uint64_t value) {
    char digits[19] = "0x";
    unsigned n = 2;
    for (int shift = 60; shift >= 0; shift -= 4)
        if (n > 2 || value >> shift || shift == 0)
            digits[n++] = "0123456789abcdef"[value >> shift & 15];
    digits[n] = '\0';
    say(t, digits);
}

static void say_answer(struct text *t, const struct spec_outcome *a) {
    if (a->cause) {
        say(t, cause_word(a->cause));
        return;
    }
    say(t, "pa ");
    say_hex(t, a->pa);
}

static void say_request(struct text *t, const struct spec_request *r) {
    say(t, access_word(r->access));
    say(t, " of ");
    say_hex(t, r->va);
    say(t, " in ");
    say(t, priv_word(r->priv));
}

static void explain(const struct search *f, char *why, size_t bytes) {
    struct text t = {why, bytes};
    say_request(&t, f->r);
    say(&t, ": answer ");
    say_answer(&t, &f->want);
    say(&t, "; lawful: ");
    for (unsigned n = 0; n < f->found; n++) {
        say(&t, n ? ", " : "");
        say_answer(&t, &f->lawful[n]);
    }
    if (f->found == 0) say(&t, "none before A or D is set in memory");
}

/* ---- Judgements ------------------------------------------------------------------------------ */
bool spec_judge_typed(struct spec *s, uint64_t accepted, uint64_t cycle,
                      const struct spec_request *r, uint8_t cause, paddr_t pa, uint8_t pbmt,
                      char *why, size_t bytes) {
    struct spec_answer plain;
    struct spec_outcome lawful[LISTED], want = {.cause = cause, .pbmt = pbmt, .pa = pa};
    s->now = cycle;
    s->judged++;
    spec_walk_hart(&s->hart, r, &plain);
    if (!plain.writes && plain.cause == cause &&
        (cause || (plain.pa == pa && (pbmt == ANY_TYPE || plain.pbmt == pbmt))))
        return true;
    struct search f = {
        .s = s, .r = r, .accepted = accepted, .want = want, .lawful = lawful, .room = LISTED};
    if (search(&f)) return true;
    explain(&f, why, bytes);
    return false;
}

bool spec_judge(struct spec *s, uint64_t accepted, uint64_t cycle, const struct spec_request *r,
                uint8_t cause, paddr_t pa, char *why, size_t bytes) {
    return spec_judge_typed(s, accepted, cycle, r, cause, pa, ANY_TYPE, why, bytes);
}

unsigned spec_lawful(struct spec *s, uint64_t accepted, const struct spec_request *r,
                     struct spec_outcome *lawful, unsigned room) {
    struct search f = {
        .s = s, .r = r, .accepted = accepted, .goal = ANSWERS, .lawful = lawful, .room = room};
    search(&f);
    return f.found;
}

unsigned spec_lawful_updates(struct spec *s, uint64_t accepted, const struct spec_request *r,
                             struct spec_update *update, unsigned room) {
    struct search f = {
        .s = s, .r = r, .accepted = accepted, .goal = UPDATES, .update = update, .room = room};
    search(&f);
    return f.found;
}

uint64_t spec_judged(const struct spec *s) {
    return s->judged;
}

/* Has this request passed every check at a leaf that stands in memory at pa, and needs A or D
 * there? */
static bool may_update(struct spec *s, const struct spec_request *r, uint64_t accepted, paddr_t pa,
                       pte_t old) {
    struct spec_answer plain;
    spec_walk_hart(&s->hart, r, &plain);
    if (plain.writes && plain.write_pa == pa && plain.write_old == old) return true;
    struct search f = {.s = s,
                       .r = r,
                       .accepted = accepted,
                       .goal = UPDATE,
                       .want_update = {.pa = pa, .old = old}};
    return search(&f);
}

static bool complain(char *why, size_t bytes, paddr_t pa, pte_t old, pte_t now, const char *rule) {
    struct text t = {why, bytes};
    say(&t, "A/D update of ");
    say_hex(&t, pa);
    say(&t, " from ");
    say_hex(&t, old);
    say(&t, " to ");
    say_hex(&t, now);
    say(&t, ": ");
    say(&t, rule);
    return false;
}

bool spec_judge_ad(struct spec *s, uint64_t cycle, paddr_t pa, pte_t old, pte_t now,
                   const struct spec_request *unfinished, const uint64_t *accepted, unsigned count,
                   int oldest, char *why, size_t bytes) {
    s->now = cycle;
    pte_t set = now & ~old;
    unsigned word = s->hart.rv32 ? SV32_PTE_BYTES : PTE_BYTES;
    pte_t stands;
    if (pa % word || !s->hart.read(s->hart.memory, pa, word, &stands) || stands != old)
        return complain(why, bytes, pa, old, now, "memory does not hold the value compared with");
    if ((now & old) != old || set & ~(PTE_A | PTE_D) || !set || !(now & PTE_A))
        return complain(why, bytes, pa, old, now, "it may set A, or A and D, and nothing else");
    for (unsigned n = 0; n < count; n++) {
        const struct spec_request *r = &unfinished[n];
        bool may_set = !(set & PTE_D) || ((int)n == oldest && spec_needs_dirty(r->access));
        if (may_set && may_update(s, r, accepted[n], pa, old)) return true;
    }
    return complain(
        why, bytes, pa, old, now,
        set & PTE_D
            ? "D without a store that is the oldest unfinished access and passed every check"
            : "A without an unfinished access that passed every check");
}
