/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps as one JSON object, for programs and for the page. Addresses and PTEs are hexadecimal
 * text: a PTE has more bits than a number of JavaScript.
 */
#include "explain.h"
#include "json_put.h"
#include "json.h"
#include <inttypes.h>
#include <string.h>

static void put_hex(json_t *o, const char *key, uint64_t value) {
    char text[24];
    snprintf(text, sizeof text, "0x%" PRIx64, value);
    json_put(o, key, json_string(text));
}

static void put_word(json_t *o, const char *key, const char *word) {
    json_put(o, key, json_string(word));
}

static void put_flag(json_t *o, const char *key, bool flag) {
    json_put(o, key, json_boolean(flag));
}

static json_t *pte_json(const struct config *cfg, pte_t e) {
    static const char *const names[] = {"v", "r", "w", "x", "u", "g", "a", "d"};
    json_t *o = json_object();
    put_hex(o, "value", e);
    for (unsigned i = 0; i < 8; i++) json_put_count(o, names[i], e >> i & 1);
    json_put_count(o, "rsw", e >> 8 & 3);
    put_hex(o, "ppn", e >> PTE_PPN_SHIFT & ((1ull << PTE_PPN_BITS) - 1));
    if (cfg->xlen == 32) return o;
    json_put_count(o, "n", e >> 63);
    put_word(o, "pbmt", pbmt_word(e >> PTE_PBMT_SHIFT & 3));
    return o;
}

/* ---- One step of each kind ----------------------------------------------------------------- */

static void put_vma(json_t *o, const struct explain_step *s) {
    char text[48];
    put_flag(o, "there", s->vma.there);
    if (!s->vma.there) return;
    snprintf(text, sizeof text, "%08" PRIx64 "-%08" PRIx64, s->vma.smaps.start, s->vma.smaps.end);
    put_word(o, "range", text);
    put_word(o, "perm", s->vma.smaps.perm);
    snprintf(text, sizeof text, "%08" PRIx64, s->vma.smaps.offset);
    put_word(o, "offset", text);
    put_word(o, "name", s->vma.name);
    put_word(o, "class", s->vma.class);
}

static void put_request(json_t *o, const struct explain *x, const struct explain_step *s) {
    unsigned mode = explain_mode(x->cfg, s->request.satp);
    json_t *vpn = json_array();
    put_word(o, "port", s->request.port ? "data" : "fetch");
    put_hex(o, "va", s->request.va);
    json_put_count(o, "bytes", s->request.bytes);
    put_word(o, "mode", mode_word(mode));
    json_put_count(o, "asid", explain_asid(x->cfg, s->request.satp));
    put_hex(o, "root", explain_root(x->cfg, s->request.satp) << 12);
    for (unsigned i = 0; mode != MODE_BARE && i < (mode == MODE_SV32 ? 2 : mode - MODE_SV39 + 3);
         i++)
        json_push(vpn, json_integer(explain_vpn(x->cfg, s->request.va, i)));
    json_put(o, "vpn", vpn);
}

static void put_lookup(json_t *o, const struct explain *x, const struct explain_step *s) {
    put_word(o, "tlb", explain_units[s->lookup.unit]);
    put_flag(o, "hit", s->lookup.hit);
    put_flag(o, "large", s->lookup.large);
    json_put_count(o, "set", s->lookup.set);
    if (!s->lookup.known) return;
    json_put_count(o, "way", s->lookup.way);
    json_put_count(o, "filled", s->lookup.filled);
    json_put_count(o, "by", s->lookup.by);
    put_word(o, "size", size_word(s->lookup.size));
    if (s->lookup.pte) json_put(o, "pte", pte_json(x->cfg, s->lookup.pte));
}

static void put_walk(json_t *o, const struct explain *x, const struct explain_step *s) {
    json_put_count(o, "level", s->pte.level);
    put_hex(o, "at", s->pte.pa);
    if (s->kind == EXPLAIN_READ) put_word(o, "op", memop_word(s->pte.op));
    if (s->kind == EXPLAIN_PTE) {
        put_flag(o, "error", s->pte.error);
        json_put(o, "pte", pte_json(x->cfg, s->pte.pte));
        if (s->pte.by) json_put_count(o, "by", s->pte.by);
    }
    if (s->kind == EXPLAIN_UPDATE) {
        json_put(o, "from", pte_json(x->cfg, s->pte.pte));
        json_put(o, "to", pte_json(x->cfg, s->pte.to));
    }
    if (s->kind == EXPLAIN_UPDATED) put_flag(o, "ok", s->pte.ok && !s->pte.error);
}

static void put_fill(json_t *o, const struct explain_step *s) {
    put_word(o, "unit", explain_units[s->fill.unit]);
    if (s->fill.unit == UNIT_PWC) {
        json_put_count(o, "level", s->fill.level);
    } else {
        put_flag(o, "large", s->fill.large);
        json_put_count(o, "set", s->fill.set);
    }
    json_put_count(o, "way", s->fill.way);
}

static void put_answer(json_t *o, const struct explain *x, const struct explain_step *s) {
    const struct spec_answer *spec = &s->answer.spec;
    put_word(o, "cause", cause_word(s->answer.cause));
    put_word(o, "source", source_word(s->answer.source));
    put_flag(o, "agrees", explain_agrees(s));
    if (s->kind == EXPLAIN_CHECK) {
        const struct explain_clause *clause = explain_clause(x, spec);
        if (clause) put_word(o, "tag", clause->tag);
        if (spec->reads) json_put(o, "pte", pte_json(x->cfg, spec->read_pte[spec->reads - 1]));
        return;
    }
    put_hex(o, "pa", s->answer.pa);
    put_word(o, "size", size_word(s->answer.size));
    put_word(o, "memory", pbmt_word(s->answer.pbmt));
    json_put_count(o, "cycles", s->answer.cycles);
}

static json_t *page_json(const struct explain *x, const struct explain_page *p) {
    static const char *const kinds[] = {"zero", "anonymous", "cache"};
    json_t *o = json_object();
    put_word(o, "page", p->swapped ? "swap" : p->there ? kinds[p->page.kind] : "none");
    json_put(o, "pte", pte_json(x->cfg, p->pte));
    json_put_count(o, "level", (uint64_t)p->level);
    if (!p->there) return o;
    put_hex(o, "frame", p->page.ppn);
    json_put_count(o, "mapped", p->page.mapped);
    put_flag(o, "huge", p->page.huge);
    return o;
}

static void put_kernel(json_t *o, const struct explain *x, const struct explain_step *s) {
    const struct os_outcome *r = &s->kernel.outcome;
    put_word(o, "did", r->sig ? signal_word(r->sig) : r->efault ? "efault" : kfault_word(r->kind));
    if (r->sig) put_word(o, "code", sicode_word(r->code));
    put_flag(o, "major", r->major);
    json_put_count(o, "cost", r->cost);
    json_put(o, "before", page_json(x, &s->kernel.before));
    json_put(o, "after", page_json(x, &s->kernel.after));
    json_put_count(o, "stores", s->kernel.stores);
}

static void put_store(json_t *o, const struct explain *x, const struct explain_step *s) {
    put_hex(o, "at", s->store.pa);
    json_put(o, "from", pte_json(x->cfg, s->store.from));
    json_put(o, "to", pte_json(x->cfg, s->store.to));
    json_put(o, "level", s->store.level < 0 ? json_null() : json_integer(s->store.level));
    if (s->store.va) put_hex(o, "of", s->store.va);
}

static void put_fence(json_t *o, const struct explain_step *s) {
    put_word(o, "op", fence_word(s->fence.op.fence));
    json_put_count(o, "done", s->fence.done);
    if (s->fence.op.rs1) put_hex(o, "va", s->fence.op.va);
    if (s->fence.op.rs2) json_put_count(o, "asid", s->fence.op.asid);
}

static void put_bytes(json_t *o, const char *key, const uint8_t *byte, unsigned count) {
    char text[2 * EXPLAIN_VALUE_BYTES + 1] = "";
    for (unsigned i = 0; i < count; i++) snprintf(text + 2 * i, 3, "%02x", byte[i]);
    put_word(o, key, text);
}

static void put_value(json_t *o, const struct explain_step *s) {
    put_hex(o, "pa", s->value.pa);
    json_put_count(o, "bytes", s->value.bytes);
    put_bytes(o, s->value.loaded ? "loaded" : "before", s->value.byte, s->value.shown);
    if (!s->value.store) return;
    put_bytes(o, "stored", s->value.stored, s->value.shown);
    json_put_count(o, "store", s->value.store);
}

static void put_details(json_t *o, const struct explain *x, const struct explain_step *s) {
    switch (s->kind) {
    case EXPLAIN_VMA: put_vma(o, s); return;
    case EXPLAIN_REQUEST: put_request(o, x, s); return;
    case EXPLAIN_LOOKUP: put_lookup(o, x, s); return;
    case EXPLAIN_WAIT:
        put_word(o, "why", s->wait.why);
        if (s->wait.by) json_put_count(o, "by", s->wait.by);
        if (s->wait.pa) put_hex(o, "pa", s->wait.pa);
        return;
    case EXPLAIN_START:
        json_put_count(o, "level", s->start.level);
        json_put_count(o, "root", s->start.top);
        return;
    case EXPLAIN_READ:
    case EXPLAIN_PTE:
    case EXPLAIN_UPDATE:
    case EXPLAIN_UPDATED: put_walk(o, x, s); return;
    case EXPLAIN_FILL: put_fill(o, s); return;
    case EXPLAIN_ANSWER:
    case EXPLAIN_CHECK: put_answer(o, x, s); return;
    case EXPLAIN_KILL: json_put_count(o, "younger", s->kill.count); return;
    case EXPLAIN_FAULT:
        put_word(o, "cause", cause_word(s->fault.cause));
        put_hex(o, "tval", s->fault.tval);
        return;
    case EXPLAIN_KERNEL: put_kernel(o, x, s); return;
    case EXPLAIN_STORE: put_store(o, x, s); return;
    case EXPLAIN_FENCE: put_fence(o, s); return;
    case EXPLAIN_VALUE: put_value(o, s); return;
    default: put_word(o, "signal", s->signal.efault ? "efault" : signal_word(s->signal.sig));
    }
}

/* ---- The object ---------------------------------------------------------------------------- */

static json_t *step_json(const struct explain *x, size_t i) {
    const struct explain_step *s = &x->step[i];
    struct explain_lines l;
    json_t *o = json_object(), *text = json_array();
    json_put_count(o, "step", i + 1);
    json_put_count(o, "attempt", s->attempt);
    json_put_count(o, "page", s->part + 1u);
    json_put_count(o, "cycle", s->cycle);
    put_word(o, "kind", explain_words[s->kind]);
    put_details(o, x, s);
    explain_say(x, s, &l);
    for (unsigned n = 0; n < l.count; n++) json_push(text, json_string(l.line[n]));
    json_put(o, "text", text);
    return o;
}

static json_t *chain_json(const struct explain *x) {
    json_t *chain = json_array();
    for (unsigned i = 0; i < x->links; i++) {
        json_t *o = json_object();
        put_word(o, "link", x->link[i].word);
        if (x->link[i].record) json_put_count(o, "record", x->link[i].record);
        put_word(o, "text", x->link[i].text);
        json_push(chain, o);
    }
    return chain;
}

json_t *explain_json(const struct explain *x, const struct explain_facts *f) {
    json_t *o = json_object(), *steps = json_array();
    json_put_count(o, "schema", JSON_SCHEMA);
    put_word(o, "trace", f->trace);
    put_word(o, "engine", f->engine);
    json_put(o, "config", json_config(x->cfg, f->config_name));
    json_put_count(o, "record", x->at);
    json_put_count(o, "line", f->line);
    put_word(o, "text", f->text);
    json_put_count(o, "pid", x->pid);
    put_word(o, "access", access_word(x->access));
    put_flag(o, "kernel", x->kernel);
    put_flag(o, "gup", x->gup);
    put_hex(o, "va", x->va);
    json_put_count(o, "bytes", x->bytes);
    json_put_count(o, "attempts", x->attempt);
    json_put_count(o, "faults", x->faults);
    put_word(o, "ended", x->efault ? "efault" : x->sig ? signal_word(x->sig) : "done");
    put_flag(o, "agrees", !x->differs);
    for (size_t i = 0; i < x->steps; i++) json_push(steps, step_json(x, i));
    if (x->links) json_put(o, "chain", chain_json(x));
    json_put(o, "steps", steps);
    return o;
}
