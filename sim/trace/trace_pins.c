/* SPDX-License-Identifier: Apache-2.0
 *
 * Records at the pins as lines of text, and the rules they keep. A line is a cycle, a word and what
 * belongs to it: `120 load 3 0x40001000 8 S sum`. docs/trace-format.md, "Traces at the pins".
 */
#include "trace_private.h"
#include "lex.h"
#include "enums.h"
#include <inttypes.h>

/* then accesses, then fences */
enum { WORD_RESET, WORD_WORD, WORD_CSR, WORD_KILL, WORD_ROM, WORD_OWN };
static const char *const own[WORD_OWN] = {"reset", "word", "csr", "kill", "rom"};

/* ---- Reading --------------------------------------------------------------------------------- */

static void scan_request(struct lex *l, struct pins_record *p, unsigned access) {
    static const char *const privs[] = {"U", "S", "M", NULL};
    static const uint8_t priv[] = {PRIV_U, PRIV_S, PRIV_M, 0};
    p->kind = PINS_REQUEST;
    p->access = (uint8_t)access;
    p->id = (uint8_t)lex_number(l, "the request's id", 0, PINS_IDS - 1);
    p->at = lex_number(l, "the address", 0, UINT64_MAX);
    p->bytes = (uint16_t)lex_number(l, "the number of bytes", 1, PAGE_BYTES);
    p->priv = priv[lex_pick(l, "a privilege", privs)];
    p->sum = lex_take(l, "sum");
    p->mxr = lex_take(l, "mxr");
}

static void scan_fence(struct lex *l, struct pins_record *p, unsigned fence) {
    p->kind = PINS_FENCE;
    p->fence = (uint8_t)fence;
    p->rs1 = !lex_take(l, "x0");
    p->at = lex_number(l, "the address of rs1, behind x0 if it is none", 0, UINT64_MAX);
    p->rs2 = !lex_take(l, "x0");
    p->value = lex_number(l, "the ASID of rs2, behind x0 if it is none", 0, UINT16_MAX);
}

static void scan_kill(struct lex *l, struct pins_record *p) {
    static const char *const ports[] = {"fetch", "data", NULL};
    p->kind = PINS_KILL;
    p->access = lex_pick(l, "a port", ports) ? ACCESS_LOAD : ACCESS_FETCH;
    p->value = lex_number(l, "a bit an id", 1, UINT32_MAX);
}

void trace_pins_scan(struct lex *l, struct trace_record *r) {
    const char *words[WORD_OWN + ACCESS_COUNT + FENCE_COUNT + 1] = {NULL};
    struct pins_record *p = &r->pins;
    r->kind = TRACE_PINS;
    for (unsigned i = 0; i < WORD_OWN; i++) words[i] = own[i];
    for (unsigned i = 0; i < ACCESS_COUNT; i++) words[WORD_OWN + i] = access_word(i);
    for (unsigned i = 0; i < FENCE_COUNT; i++) words[WORD_OWN + ACCESS_COUNT + i] = fence_word(i);
    p->cycle = lex_number(l, "the cycle", 0, UINT64_MAX);
    unsigned word = lex_pick(l, "what is on the pins", words);
    if (word >= WORD_OWN + ACCESS_COUNT) {
        scan_fence(l, p, word - WORD_OWN - ACCESS_COUNT);
    } else if (word >= WORD_OWN) {
        scan_request(l, p, word - WORD_OWN);
    } else if (word == WORD_KILL) {
        scan_kill(l, p);
    } else if (word == WORD_RESET) {
        p->kind = PINS_RESET;
    } else if (word == WORD_ROM) {
        p->kind = PINS_ROM;
        p->at = lex_number(l, "where", 0, UINT64_MAX);
    } else {
        p->kind = word == WORD_CSR ? PINS_CSR : PINS_WORD;
        p->at = lex_number(l, "where", 0, word == WORD_CSR ? PINS_CSRS - 1 : UINT64_MAX);
        p->value = lex_number(l, "the value", 0, UINT64_MAX);
    }
    lex_end(l);
}

/* ---- Printing -------------------------------------------------------------------------------- */

int trace_pins_print(const struct pins_record *p, char *out, size_t bytes) {
    const char *from = p->rs1 ? "" : "x0 ", *of = p->rs2 ? "" : "x0 ";
    switch (p->kind) {
    case PINS_RESET: return snprintf(out, bytes, "%" PRIu64 " reset", p->cycle);
    case PINS_ROM: return snprintf(out, bytes, "%" PRIu64 " rom 0x%" PRIx64, p->cycle, p->at);
    case PINS_REQUEST:
        return snprintf(out, bytes, "%" PRIu64 " %s %u 0x%" PRIx64 " %u %s%s%s", p->cycle,
                        access_word(p->access), p->id, p->at, p->bytes, priv_word(p->priv),
                        p->sum ? " sum" : "", p->mxr ? " mxr" : "");
    case PINS_KILL:
        return snprintf(out, bytes, "%" PRIu64 " kill %s 0x%" PRIx64, p->cycle,
                        p->access == ACCESS_FETCH ? "fetch" : "data", p->value);
    case PINS_FENCE:
        return snprintf(out, bytes, "%" PRIu64 " %s %s0x%" PRIx64 " %s%" PRIu64, p->cycle,
                        fence_word(p->fence), from, p->at, of, p->value);
    default:
        return snprintf(out, bytes, "%" PRIu64 " %s 0x%" PRIx64 " 0x%" PRIx64, p->cycle,
                        own[p->kind == PINS_CSR ? WORD_CSR : WORD_WORD], p->at, p->value);
    }
}

/* ---- Rules ----------------------------------------------------------------------------------- */

/* Which of the pins of its cycle the record drives, a bit each; words and kills may be many. */
static unsigned drives(const struct pins_record *p) {
    switch (p->kind) {
    case PINS_CSR: return 1;
    case PINS_FENCE: return 2;
    case PINS_REQUEST: return p->access == ACCESS_FETCH ? 4 : 8;
    case PINS_RESET: return 16;
    default: return 0;
    }
}

const char *trace_pins_check(struct trace_check *c, const struct pins_record *p) {
    if (c->pins_begun && p->cycle < c->pins_cycle) return "cycles do not go back";
    if (!c->pins_begun || p->cycle != c->pins_cycle) c->pins_driven = 0;
    c->pins_begun = true;
    c->pins_cycle = p->cycle;
    if (c->pins_driven & drives(p)) return "a port takes one a cycle";
    c->pins_driven |= drives(p);
    if (p->kind == PINS_REQUEST && p->at % PAGE_BYTES + p->bytes > PAGE_BYTES)
        return "a request does not cross a page";
    if (p->kind == PINS_REQUEST && p->access == ACCESS_FETCH && p->at % 2)
        return "an instruction lies at an even address";
    if (p->kind == PINS_ROM && p->at % PAGE_BYTES) return "a page of ROM lies at a page";
    if (p->kind == PINS_WORD && p->at % SV32_PTE_BYTES)
        return "a word lies at a multiple of 4 or 8";
    return NULL;
}
