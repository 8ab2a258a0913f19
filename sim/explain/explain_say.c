/* SPDX-License-Identifier: Apache-2.0
 *
 * A step in words: first what happened, then what it means. The page and the terminal show the same
 * lines. Words of enums.def stand for what the run did, the plan's for the clause.
 */
#include "explain.h"
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static void line(struct explain_lines *l, const char *format,
                                                       ...) {
    va_list args;
    if (l->count == EXPLAIN_LINES) return;
    va_start(args, format);
    vsnprintf(l->line[l->count++], EXPLAIN_LINE, format, args);
    va_end(args);
}

/* ---- What a register and an address are made of -------------------------------------------- */

unsigned explain_mode(const struct config *cfg, uint64_t satp) {
    if (cfg->xlen == 32) return satp >> SATP32_MODE_SHIFT & 1;
    return (unsigned)(satp >> SATP_MODE_SHIFT);
}

uint16_t explain_asid(const struct config *cfg, uint64_t satp) {
    if (cfg->xlen == 32) return (uint16_t)(satp >> SATP32_ASID_SHIFT & SATP32_ASID_MASK);
    return (uint16_t)(satp >> SATP_ASID_SHIFT);
}

uint64_t explain_root(const struct config *cfg, uint64_t satp) {
    return satp & (cfg->xlen == 32 ? SATP32_PPN_MASK : SATP_PPN_MASK);
}

static unsigned level_bits(const struct config *cfg) {
    return cfg->xlen == 32 ? SV32_LEVEL_BITS : LEVEL_BITS;
}

unsigned explain_vpn(const struct config *cfg, vaddr_t va, unsigned level) {
    unsigned bits = level_bits(cfg);
    return (unsigned)(va >> (PAGE_SHIFT + bits * level)) & ((1u << bits) - 1);
}

static ppn_t ppn_of(pte_t pte) {
    return pte >> PTE_PPN_SHIFT & ((1ull << PTE_PPN_BITS) - 1);
}

const char *explain_pte_bits(const struct config *cfg, pte_t e, char out[64]) {
    int n = 0;
    if (cfg->xlen == 64)
        n = snprintf(out, 64, "N%u PBMT %s ", (unsigned)(e >> 63),
                     pbmt_word(e >> PTE_PBMT_SHIFT & 3));
    snprintf(out + n, 64 - (size_t)n, "PPN 0x%" PRIx64 " D%u A%u G%u U%u X%u W%u R%u V%u",
             (uint64_t)ppn_of(e), (unsigned)(e >> 7 & 1), (unsigned)(e >> 6 & 1),
             (unsigned)(e >> 5 & 1), (unsigned)(e >> 4 & 1), (unsigned)(e >> 3 & 1),
             (unsigned)(e >> 2 & 1), (unsigned)(e >> 1 & 1), (unsigned)(e & 1));
    return out;
}

/* ---- Before the walk ----------------------------------------------------------------------- */

static void say_vma(const struct explain_step *s, struct explain_lines *l) {
    const struct os_smaps *v = &s->vma.smaps;
    if (!s->vma.there) {
        line(l, "none: nothing is mapped there");
        return;
    }
    line(l, "%08" PRIx64 "-%08" PRIx64 " %s %08" PRIx64 "%s%s", v->start, v->end, v->perm,
         v->offset, *s->vma.name ? " " : "", s->vma.name);
    char swap[32] = "";
    if (v->swap) snprintf(swap, sizeof swap, ", Swap %" PRIu64 " kB", v->swap * 4);
    line(l, "%s: Size %" PRIu64 " kB, Rss %" PRIu64 " kB, Anonymous %" PRIu64 " kB%s", s->vma.class,
         (v->end - v->start) / 1024, v->rss * 4, v->anonymous * 4, swap);
}

static void say_request(const struct explain *x, const struct explain_step *s,
                        struct explain_lines *l) {
    unsigned mode = explain_mode(x->cfg, s->request.satp);
    line(l, "%s of %u byte%s at 0x%" PRIx64 ", %s port%s", access_word(x->access), s->request.bytes,
         s->request.bytes == 1 ? "" : "s", s->request.va, s->request.port ? "data" : "fetch",
         x->kernel ? ", the kernel's own, S-mode with SUM" : "");
    if (mode == MODE_BARE) {
        line(l, "satp bare: no translation");
        return;
    }
    line(l, "satp %s, ASID %u, root table 0x%" PRIx64, mode_word(mode),
         explain_asid(x->cfg, s->request.satp), explain_root(x->cfg, s->request.satp) << 12);
    char vpn[128];
    int n = 0;
    for (unsigned i = mode == MODE_SV32 ? 2 : mode - MODE_SV39 + 3; i-- > 0;)
        n += snprintf(vpn + n, sizeof vpn - (size_t)n, "VPN[%u] %u, ", i,
                      explain_vpn(x->cfg, s->request.va, i));
    line(l, "%soffset 0x%03x", vpn, (unsigned)(s->request.va % PAGE_BYTES));
}

static void say_lookup(const struct explain *x, const struct explain_step *s,
                       struct explain_lines *l) {
    char set[48] = "", bits[64];
    const char *unit = explain_units[s->lookup.unit];
    if (s->lookup.large)
        snprintf(set, sizeof set, " array of large pages");
    else if (s->lookup.sets)
        snprintf(set, sizeof set, " set %u of %u", s->lookup.set, s->lookup.sets);
    if (!s->lookup.hit)
        line(l, "%s%s: miss", unit, set);
    else if (!s->lookup.known)
        line(l, "%s: hit", unit);
    else
        line(l, "%s%s: hit in way %u, filled in cycle %" PRIu64 " by record %" PRIu64, unit, set,
             s->lookup.way, s->lookup.filled, s->lookup.by);
    if (!s->lookup.hit || !s->lookup.pte) return;
    line(l, "it holds the PTE 0x%" PRIx64, s->lookup.pte);
    line(l, "%s", explain_pte_bits(x->cfg, s->lookup.pte, bits));
}

static void say_wait(const struct explain_step *s, struct explain_lines *l) {
    static const struct {
        const char *why, *text;
    } texts[] = {
        {"share", "that PTE is being read already: it waits for the same read"},
        {"merge", "its page is being walked already: it joins that walk"},
        {"line", "a kept line of PTEs answers, without a walk"},
        {"line_wait", "the line of its PTE is on its way: it waits, without a walker"},
        {"hold", "D is to be set and older accesses are unfinished: it gives its walker back"},
        {"deny", "PMP or PMA refuse the table access that comes next"},
        {"rides", "no lookup of its own: an older fetch has looked up the same block"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcmp(texts[i].why, s->wait.why)) continue;
        line(l, "%s", texts[i].text);
        if (s->wait.by) line(l, "it is that of record %" PRIu64, s->wait.by);
        if (s->wait.pa) line(l, "physical address 0x%" PRIx64, s->wait.pa);
    }
}

/* ---- The walk ------------------------------------------------------------------------------ */

static void say_start(const struct explain_step *s, struct explain_lines *l) {
    if (s->start.level == s->start.top)
        line(l, "the walk begins at the root, level %u", s->start.level);
    else
        line(l, "the walk begins at level %u: a pointer of level %u is cached", s->start.level,
             s->start.level + 1);
}

static void say_read(const struct explain *x, const struct explain_step *s,
                     struct explain_lines *l) {
    unsigned bytes = x->cfg->xlen == 32 ? SV32_PTE_BYTES : PTE_BYTES;
    line(l, "level %u: PTE %u of table 0x%" PRIx64 ", at 0x%" PRIx64, s->pte.level,
         (unsigned)(s->pte.pa % PAGE_BYTES / bytes), s->pte.pa & ~(paddr_t)(PAGE_BYTES - 1),
         s->pte.pa);
    if (s->pte.op == MEMOP_LINE) line(l, "with the 64-byte line around it");
}

static void say_pte(const struct explain *x, const struct explain_step *s,
                    struct explain_lines *l) {
    char bits[64];
    if (s->pte.error) {
        line(l, "level %u: the bus refuses the read at 0x%" PRIx64, s->pte.level, s->pte.pa);
        return;
    }
    pte_t e = s->pte.pte;
    char means[64];
    if (!(e & PTE_V))
        snprintf(means, sizeof means, "not valid");
    else if (e & (PTE_R | PTE_X))
        snprintf(means, sizeof means, "a leaf");
    else
        snprintf(means, sizeof means, "pointer to table 0x%" PRIx64, (uint64_t)ppn_of(e) << 12);
    line(l, "level %u: PTE 0x%" PRIx64 ", %s", s->pte.level, e, means);
    line(l, "%s", explain_pte_bits(x->cfg, e, bits));
    if (s->pte.by) line(l, "brought by the read of record %" PRIu64, s->pte.by);
}

static void say_update(const struct explain *x, const struct explain_step *s,
                       struct explain_lines *l) {
    char bits[64];
    pte_t set = s->pte.to & ~s->pte.pte;
    line(l, "level %u: compare and write at 0x%" PRIx64 ", to set%s%s", s->pte.level, s->pte.pa,
         set & PTE_A ? " A" : "", set & PTE_D ? " D" : "");
    line(l, "0x%" PRIx64 " -> 0x%" PRIx64, s->pte.pte, s->pte.to);
    line(l, "%s", explain_pte_bits(x->cfg, s->pte.to, bits));
}

static void say_updated(const struct explain_step *s, struct explain_lines *l) {
    line(l, "%s",
         s->pte.error ? "the bus refuses it"
         : s->pte.ok  ? "written"
                      : "memory holds another value by now: that PTE is read again");
}

static void say_fill(const struct explain_step *s, struct explain_lines *l) {
    if (s->fill.unit == UNIT_PWC)
        line(l, "page-walk cache of level %u pointers, entry %u", s->fill.level, s->fill.way);
    else if (s->fill.large)
        line(l, "%s array of large pages, way %u", explain_units[s->fill.unit], s->fill.way);
    else
        line(l, "%s set %u, way %u", explain_units[s->fill.unit], s->fill.set, s->fill.way);
}

/* Not what memory says now. Whether that is lawful is opinion 2's to say. */
static void say_other(const struct explain_step *s, struct explain_lines *l) {
    const struct spec_answer *spec = &s->answer.spec;
    if (spec->cause)
        line(l, "the specification's walker finds %s in memory as it is now",
             cause_word(spec->cause));
    else
        line(l, "the specification's walker finds 0x%" PRIx64 " in memory as it is now", spec->pa);
    line(l, "that is lawful only if a cache holds an older PTE");
}

static void say_answer(const struct explain_step *s, struct explain_lines *l) {
    const char *plural = s->answer.cycles == 1 ? "" : "s";
    if (s->answer.cause)
        line(l, "refused: %s, after %" PRIu64 " cycle%s", cause_word(s->answer.cause),
             s->answer.cycles, plural);
    else
        line(l, "physical address 0x%" PRIx64 ", after %" PRIu64 " cycle%s", s->answer.pa,
             s->answer.cycles, plural);
    line(l, "from %s: %s", source_word(s->answer.source), source_doc(s->answer.source));
    if (!s->answer.cause && s->answer.size != SIZE_NONE)
        line(l, "a page of %s, memory type %s", size_word(s->answer.size),
             pbmt_word(s->answer.pbmt));
    if (s->answer.cause) return; /* the next step says why */
    if (explain_agrees(s))
        line(l, "the specification's walker finds the same in memory");
    else
        say_other(s, l);
}

static void say_check(const struct explain *x, const struct explain_step *s,
                      struct explain_lines *l) {
    const struct explain_clause *clause = explain_clause(x, &s->answer.spec);
    const struct spec_answer *spec = &s->answer.spec;
    char bits[64];
    if (!clause || !explain_agrees(s)) {
        say_other(s, l);
        return;
    }
    line(l, "%s [%s, %s]", clause->text, clause->tag, clause->step);
    if (spec->reads) line(l, "%s", explain_pte_bits(x->cfg, spec->read_pte[spec->reads - 1], bits));
    line(l, "so says the specification's walker of memory as it is now");
}

/* ---- The kernel half ----------------------------------------------------------------------- */

static void say_page(const struct explain_page *p, const char *when, struct explain_lines *l) {
    static const char *const kinds[] = {"the zero page", "anonymous", "of the page cache",
                                        "of a device"};
    char mapped[40] = "";
    if (!p->alive) return;
    if (p->swapped) {
        line(l, "%s: in swap; the PTE 0x%" PRIx64 " names the slot", when, p->pte);
    } else if (!p->there) {
        line(l, "%s: no page", when);
    } else {
        const struct os_page *o = &p->page;
        if (o->mapped)
            snprintf(mapped, sizeof mapped, ", mapped by %u PTE%s", o->mapped,
                     o->mapped == 1 ? "" : "s");
        line(l, "%s: frame 0x%" PRIx64 "%s, %s%s", when, (uint64_t)o->ppn,
             o->huge ? " of a 2 MiB page" : "", kinds[o->kind], mapped);
    }
}

/* Counts that moved beside that of the kind itself. */
static void say_counts(const struct explain_step *s, struct explain_lines *l) {
    char text[EXPLAIN_LINE] = "";
    size_t n = 0;
#define MOVED(key)                                                                                 \
    if (s->kernel.after.stats.key > s->kernel.before.stats.key && n < sizeof text)                 \
    n += (size_t)snprintf(text + n, sizeof text - n, "%s" #key " %" PRIu64, n ? ", " : "",         \
                          s->kernel.after.stats.key - s->kernel.before.stats.key)
    MOVED(fault_around);
    MOVED(swap_out);
    MOVED(writeback);
    MOVED(reclaimed);
    MOVED(lazyfree);
    MOVED(thp_fallback);
    MOVED(thp_split);
    MOVED(thp_collapse);
    MOVED(thp64_alloc);
    MOVED(thp64_fallback);
    MOVED(napot_unfold);
    MOVED(oom_kill);
    MOVED(migrated);
#undef MOVED
    if (n) line(l, "counted on the way: %s", text);
}

static void say_kernel(const struct explain *x, const struct explain_step *s,
                       struct explain_lines *l) {
    const struct os_outcome *o = &s->kernel.outcome;
    if (o->sig) {
        const char *doc = sicode_doc(o->code), *remark = strstr(doc, " (");
        int n = remark ? (int)(remark - doc) : (int)strlen(doc); /* without that on numbers */
        line(l, "%s %s: %.*s", signal_word(o->sig), sicode_word(o->code), n, doc);
    } else if (o->efault) {
        line(l, "efault: the kernel's own access cannot be repaired: EFAULT");
    } else {
        line(l, "%s%s, %s, %" PRIu64 " cycles", kfault_word(o->kind), x->by,
             o->major ? "major" : "minor", o->cost);
        line(l, "%s%s", kfault_doc(o->kind), x->gup ? ", for get_user_pages: no trap" : "");
    }
    if (s->kernel.grown) line(l, "the VMA grows: it begins at %08" PRIx64 " now", s->kernel.grown);
    if (o->sig && s->kernel.stores)
        line(l, "its memory is given back, with %" PRIu64 " stores to page tables",
             s->kernel.stores);
    if (o->sig) return;
    say_page(&s->kernel.before, "before", l);
    say_page(&s->kernel.after, "after", l);
    say_counts(s, l);
}

static void say_store(const struct explain *x, const struct explain_step *s,
                      struct explain_lines *l) {
    char bits[64], where[64] = "";
    if (s->store.level >= 0)
        snprintf(where, sizeof where, "level %d: ", s->store.level);
    else if (s->store.va)
        snprintf(where, sizeof where, "of page 0x%" PRIx64 ": ", s->store.va);
    line(l, "%sPTE at 0x%" PRIx64 ": 0x%" PRIx64 " -> 0x%" PRIx64, where, s->store.pa,
         s->store.from, s->store.to);
    if (s->store.to & PTE_V) line(l, "%s", explain_pte_bits(x->cfg, s->store.to, bits));
}

static void say_fence(const struct explain_step *s, struct explain_lines *l) {
    const struct os_op *op = &s->fence.op;
    bool operands = op->fence == FENCE_SFENCE_VMA || op->fence == FENCE_SINVAL_VMA;
    char va[32] = " x0", asid[32] = " x0";
    if (op->rs1) snprintf(va, sizeof va, " va 0x%" PRIx64, op->va);
    if (op->rs2) snprintf(asid, sizeof asid, " asid %u", op->asid);
    line(l, "%s%s%s; done in cycle %" PRIu64, fence_word(op->fence), operands ? va : "",
         operands ? asid : "", s->fence.done);
}

/* ---- The end ------------------------------------------------------------------------------- */

static void say_bytes(const struct explain_step *s, const uint8_t *byte, const char *what,
                      struct explain_lines *l) {
    char text[3 * 16 + 1] = "";
    unsigned shown = s->value.shown < 16 ? s->value.shown : 16;
    for (unsigned i = 0; i < shown; i++) snprintf(text + 3 * i, 4, " %02x", byte[i]);
    line(l, "%s%s%s", what, text, s->value.bytes > shown ? " ..." : "");
}

static void say_value(const struct explain_step *s, struct explain_lines *l) {
    line(l, "%u byte%s at physical address 0x%" PRIx64, s->value.bytes,
         s->value.bytes == 1 ? "" : "s", s->value.pa);
    say_bytes(s, s->value.byte, s->value.loaded ? "loaded" : "before", l);
    if (!s->value.store) return;
    say_bytes(s, s->value.stored, "stored", l);
    line(l, "the bytes of store %" PRIu64 " of the trace", s->value.store);
}

static void say_kill(const struct explain_step *s, struct explain_lines *l) {
    if (s->kill.by)
        line(l, "record %" PRIu64 ", which is older, has faulted: this one begins anew",
             s->kill.by);
    else
        line(l, "%u younger access%s in flight %s killed, to begin anew", s->kill.count,
             s->kill.count == 1 ? "" : "es", s->kill.count == 1 ? "is" : "are");
}

static void say_signal(const struct explain_step *s, struct explain_lines *l) {
    if (s->signal.efault)
        line(l, s->signal.frame ? "the signal frame cannot be written: SIGSEGV kernel"
                                : "the call returns EFAULT; the process goes on");
    else
        line(l, "%s %s: the process %s", signal_doc(s->signal.sig), sicode_word(s->signal.code),
             s->signal.then);
}

void explain_say(const struct explain *x, const struct explain_step *s, struct explain_lines *l) {
    l->count = 0;
    switch (s->kind) {
    case EXPLAIN_VMA: say_vma(s, l); return;
    case EXPLAIN_REQUEST: say_request(x, s, l); return;
    case EXPLAIN_LOOKUP: say_lookup(x, s, l); return;
    case EXPLAIN_WAIT: say_wait(s, l); return;
    case EXPLAIN_START: say_start(s, l); return;
    case EXPLAIN_READ: say_read(x, s, l); return;
    case EXPLAIN_PTE: say_pte(x, s, l); return;
    case EXPLAIN_UPDATE: say_update(x, s, l); return;
    case EXPLAIN_UPDATED: say_updated(s, l); return;
    case EXPLAIN_FILL: say_fill(s, l); return;
    case EXPLAIN_ANSWER: say_answer(s, l); return;
    case EXPLAIN_CHECK: say_check(x, s, l); return;
    case EXPLAIN_KILL: say_kill(s, l); return;
    case EXPLAIN_FAULT:
        line(l, "%s, cause %u, tval 0x%" PRIx64 ": %s", cause_word(s->fault.cause), s->fault.cause,
             s->fault.tval, cause_doc(s->fault.cause));
        return;
    case EXPLAIN_KERNEL: say_kernel(x, s, l); return;
    case EXPLAIN_STORE: say_store(x, s, l); return;
    case EXPLAIN_FENCE: say_fence(s, l); return;
    case EXPLAIN_VALUE: say_value(s, l); return;
    default: say_signal(s, l); return;
    }
}
