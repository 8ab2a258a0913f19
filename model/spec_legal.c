/* SPDX-License-Identifier: Apache-2.0
 *
 * Opinion 2, what may lawfully be answered while translations are cached. "The results of implicit
 * address-translation reads in step 2 may be held in a read-only, incoherent address-translation
 * cache" [priv 12.3.2]: so step 2 may give any value its word has had since the last fence that
 * covers this use of it, and an answer is lawful if one choice of such values, of the kept satp
 * values and of the kept ADUE values gives it.
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
 */
#include "spec_keep.h"
#include "enums.h"

enum { LISTED = 4 }; /* lawful answers named in a complaint */

struct answer {
    uint8_t cause;
    paddr_t pa;
};

struct search {
    struct spec *s;
    const struct spec_request *r;
    uint64_t accepted;
    struct { /* kept values on the way */
        uint64_t until;
        unsigned level;
        bool leaf;
    } used[SPEC_LEVELS + 1];
    unsigned depth;
    bool foreign;      /* the root is another ASID's */
    bool svade, svadu; /* lawful views of menvcfg.ADUE */
    /* what is looked for: an answer, or the update of this leaf */
    bool update;
    struct answer want;
    paddr_t word;
    pte_t pte;
    /* what else was found */
    struct answer lawful[LISTED];
    unsigned found;
};

/* ---- One choice of kept values --------------------------------------------------------------- */
static bool covered(const struct search *f, unsigned n, bool global) {
    struct keep_use u = {.va = f->r->va,
                         .level = f->used[n].level,
                         .asid = (uint16_t)(f->r->satp >> SATP_ASID_SHIFT),
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
static bool choose(struct search *f, uint64_t until, unsigned level, bool leaf) {
    if (until == KEEP_NEVER) return true;
    f->used[f->depth].until = until;
    f->used[f->depth].level = level;
    f->used[f->depth++].leaf = leaf;
    return !covered(f, f->depth - 1, true);
}

/* The walk ends in this answer. True ends the search. */
static bool answer(struct search *f, bool global, uint8_t cause, paddr_t pa) {
    if (f->update || !choice_lawful(f, global)) return false;
    if (cause == f->want.cause && (cause || pa == f->want.pa)) return true;
    for (unsigned n = 0; n < f->found; n++)
        if (f->lawful[n].cause == cause && (cause || f->lawful[n].pa == pa)) return false;
    if (f->found < LISTED) f->lawful[f->found++] = (struct answer){cause, pa};
    return false;
}

static bool answer_at(struct search *f, bool global, paddr_t pa) {
    if (!spec_reachable(f->r, pa)) return answer(f, global, spec_access_cause(f->r->access), 0);
    return answer(f, global, CAUSE_NONE, pa);
}

/* Steps 9 and 10 with a leaf that lacks A or D. */
static bool leaf_to_update(struct search *f, bool global, paddr_t at, pte_t pte, paddr_t pa) {
    if (f->svade && answer(f, global, spec_page_cause(f->r->access), 0)) return true;
    if (!f->svadu) return false;
    if (f->update) return at == f->word && pte == f->pte && choice_lawful(f, global);
    /* an access that must fail whatever A and D are need not set them first */
    return !spec_reachable(f->r, pa) && answer_at(f, global, pa);
}

/* ---- The search ------------------------------------------------------------------------------ */
static bool try_table(struct search *f, paddr_t table, unsigned i, bool global);

/* Steps 3 to 10 with one value of the word at `at`. */
static bool try_entry(struct search *f, paddr_t at, pte_t pte, uint64_t until, unsigned i,
                      bool global) {
    unsigned depth = f->depth;
    bool found = false;
    global |= (pte & PTE_V) && (pte & PTE_G);
    if (choose(f, until, i, keep_leaf(pte))) {
        paddr_t pa = spec_translated(f->r->va, pte, i);
        switch (spec_pte_verdict(f->r, pte, i)) {
        case SPEC_POINTER: found = try_table(f, spec_pte_table(pte), i - 1, global); break;
        case SPEC_PAGE_FAULT: found = answer(f, global, spec_page_cause(f->r->access), 0); break;
        case SPEC_SUCCESS: found = answer_at(f, global, pa); break;
        case SPEC_UPDATE: found = leaf_to_update(f, global, at, pte, pa); break;
        }
    }
    f->depth = depth;
    return found;
}

/* Step 2 with every value of the word. */
static bool try_table(struct search *f, paddr_t table, unsigned i, bool global) {
    paddr_t at = spec_pte_address(table, f->r->va, i);
    if (!spec_pte_readable(f->s->mem, f->r, at))
        return answer(f, global, spec_access_cause(f->r->access), 0);
    if (try_entry(f, at, mem_read64(f->s->mem, at), KEEP_NEVER, i, global)) return true;
    for (uint32_t v = keep_first(f->s, at); v != KEEP_NONE; v = f->s->value[v].next)
        if (try_entry(f, at, f->s->value[v].pte, f->s->value[v].until, i, global)) return true;
    return false;
}

/* Steps 0 and 1 with one satp value. */
static bool try_root(struct search *f, uint64_t satp, uint64_t until) {
    struct spec_mode mode = spec_mode(satp);
    bool found = false;
    if (choose(f, until, 0, false)) {
        if (spec_canonical(f->r->va, mode.va_bits))
            found = try_table(f, (satp & SATP_PPN_MASK) << PAGE_SHIFT, mode.levels - 1, false);
        else
            found = answer(f, false, spec_page_cause(f->r->access), 0);
    }
    f->depth = 0;
    return found;
}

static bool search(struct search *f) {
    const struct spec_request *r = f->r;
    if (r->priv == PRIV_M || r->satp >> SATP_MODE_SHIFT == MODE_BARE) /* at once, never cached */
        return answer_at(f, false, r->va);
    f->svade = keep_adue(f->s, f->accepted, r->adue, false);
    f->svadu = keep_adue(f->s, f->accepted, r->adue, true);
    if (try_root(f, r->satp, KEEP_NEVER)) return true;
    for (size_t n = 0; n < f->s->roots; n++) {
        const struct keep_root *root = &f->s->root[n];
        f->foreign =
            (uint16_t)(root->satp >> SATP_ASID_SHIFT) != (uint16_t)(r->satp >> SATP_ASID_SHIFT);
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

static void say_answer(struct text *t, const struct answer *a) {
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
bool spec_judge(struct spec *s, uint64_t accepted, uint64_t cycle, const struct spec_request *r,
                uint8_t cause, paddr_t pa, char *why, size_t bytes) {
    struct spec_answer plain;
    s->now = cycle;
    s->judged++;
    spec_walk(s->mem, r, &plain);
    if (!plain.writes && plain.cause == cause && (cause || plain.pa == pa)) return true;
    struct search f = {.s = s, .r = r, .accepted = accepted, .want = {cause, pa}};
    if (search(&f)) return true;
    explain(&f, why, bytes);
    return false;
}

uint64_t spec_judged(const struct spec *s) {
    return s->judged;
}

/* Has this request passed every check at a leaf that stands in memory at pa, and needs A or D
 * there? */
static bool may_update(struct spec *s, const struct spec_request *r, uint64_t accepted, paddr_t pa,
                       pte_t old) {
    struct spec_answer plain;
    spec_walk(s->mem, r, &plain);
    if (plain.writes && plain.write_pa == pa && plain.write_old == old) return true;
    struct search f = {
        .s = s, .r = r, .accepted = accepted, .update = true, .word = pa, .pte = old};
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
    if (pa % PTE_BYTES || !mem_has(s->mem, pa, PTE_BYTES) || mem_read64(s->mem, pa) != old)
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
