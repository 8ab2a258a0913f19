/* SPDX-License-Identifier: Apache-2.0
 *
 * The bench at the side of the replay. For opinion 2 it keeps what each accepted request asked and
 * which CSR values stood when it was accepted, from the pins alone, so the driver cannot lead the
 * spec walker astray; page-table stores reach the walker straight from physical memory. For opinion
 * 3 it compares bytes.
 */
#include "judge.h"
#include "error.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void judge_pte_write(void *who, paddr_t pa, uint64_t old, uint64_t now) {
    struct judge *j = who;
    spec_pte_write(j->spec, *j->cycle, pa, old, now);
    if (j->stale) stale_pte_write(j->stale, pa, old, now);
}

struct judge *judge_new(const struct config *cfg, struct mem *mem, const uint64_t *cycle) {
    struct judge *j = calloc(1, sizeof *j);
    if (!j) internal_error("out of memory");
    struct spec_hart hart = registers_hart(cfg, mem);
    j->spec = spec_new_hart(&hart);
    registers_init(&j->csr, cfg, j->spec, *cycle);
    j->data = data_new(cfg);
    j->cycle = cycle;
    j->mem = mem;
    mem_set_watch(mem, judge_pte_write, j);
    return j;
}

void judge_delete(struct judge *j) {
    if (!j) return;
    mem_set_watch(j->mem, NULL, NULL);
    if (j->os) os_set_watch(j->os, NULL);
    stale_delete(j->stale);
    spec_delete(j->spec);
    data_delete(j->data);
    free(j->file);
    free(j);
}

/* ---- The kernel-side check ------------------------------------------------------------------ */

static void told_op(void *who, const struct os_op *op) {
    struct judge *j = who;
    if (op->kind == OS_OP_SATP)
        stale_satp(j->stale, op->satp);
    else
        stale_fence(j->stale, op->fence, op->rs1, op->rs2, op->va, op->asid);
}

static void told_freed(void *who, ppn_t ppn) {
    stale_freed(((struct judge *)who)->stale, ppn);
}

static void told_cleaned(void *who, ppn_t ppn) {
    stale_cleaned(((struct judge *)who)->stale, ppn);
}

static bool vma_prot(const void *os, ppn_t root, vaddr_t va, uint8_t *prot) {
    return os_vma_prot(os, root, va, prot);
}

void judge_kernel_begin(struct judge *j, const struct config *cfg, struct os *os) {
    const struct os_watch watch = {j, told_op, told_freed, told_cleaned};
    j->os = os;
    j->stale = stale_new(j->mem, cfg->os_mode, vma_prot, os);
    os_set_watch(os, &watch);
}

bool judge_kernel(struct judge *j) {
    if (!j->stale) return true;
    stale_user(j->stale);
    if (!stale_found(j->stale)) return true;
    snprintf(j->why, sizeof j->why, "%s", stale_found(j->stale));
    return false;
}

uint64_t judge_answers(const struct judge *j) {
    return j ? spec_judged(j->spec) + j->refused : 0;
}

/* ---- Opinion 2 ----------------------------------------------------------------------------- */

static void accept(struct judge *j, unsigned port, unsigned id, const struct spec_request *r) {
    j->live[port] |= 1u << id;
    j->request[port][id] = *r;
    j->accepted[port][id] = *j->cycle;
}

static void accept_all(struct judge *j, const struct mmu_in *in, const struct mmu_out *out) {
    struct spec_request r = registers_request(&j->csr);
    if (in->ireq_valid_i && out->ireq_ready_o) {
        r.access = ACCESS_FETCH;
        r.priv = in->ireq_priv_i;
        r.va = in->ireq_va_i;
        r.bytes = in->ireq_last_i + 1u;
        accept(j, 0, in->ireq_id_i, &r);
    }
    if (in->dreq_valid_i && out->dreq_ready_o) {
        r.access = in->dreq_access_i;
        r.priv = in->dreq_priv_i;
        r.sum = in->dreq_sum_i;
        r.mxr = in->dreq_mxr_i;
        r.va = in->dreq_va_i;
        r.bytes = in->dreq_last_i + 1u;
        accept(j, 1, in->dreq_id_i, &r);
    }
}

static bool answer(struct judge *j, unsigned port, unsigned id, uint8_t cause, paddr_t pa,
                   uint8_t pbmt) {
    if (!(j->live[port] >> id & 1)) {
        snprintf(j->why, sizeof j->why, "an answer for id %u, which is not in flight", id);
        return false;
    }
    j->live[port] &= ~(1u << id);
    j->bad = !spec_judge_typed(j->spec, j->accepted[port][id], *j->cycle, &j->request[port][id],
                               cause, pa, pbmt, j->why, sizeof j->why);
    j->bad_port = port;
    j->bad_id = id;
    return !j->bad;
}

bool judge_edge(struct judge *j, const struct mmu_in *in, const struct mmu_out *out) {
    const uint32_t older[2] = {j->live[0], j->live[1]}; /* a kill names none of this cycle */
    if (out->imiss_valid_o &&
        !answer(j, 0, out->imiss_id_o, out->imiss_cause_o, out->imiss_pa_o, out->imiss_pbmt_o))
        return false;
    if (out->dmiss_valid_o &&
        !answer(j, 1, out->dmiss_id_o, out->dmiss_cause_o, out->dmiss_pa_o, out->dmiss_pbmt_o))
        return false;
    accept_all(j, in, out);
    if (out->ihit_valid_o &&
        !answer(j, 0, out->ihit_id_o, out->ihit_cause_o, out->ihit_pa_o, out->ihit_pbmt_o))
        return false;
    if (out->dhit_valid_o &&
        !answer(j, 1, out->dhit_id_o, out->dhit_cause_o, out->dhit_pa_o, out->dhit_pbmt_o))
        return false;
    j->live[0] &= ~(in->ikill_i & older[0]);
    j->live[1] &= ~(in->dkill_i & older[1]);
    return true;
}

bool judge_cas(struct judge *j, const struct mmu_in *in, const struct mmu_out *out) {
    struct spec_request unfinished[2 * JUDGE_IDS];
    uint64_t accepted[2 * JUDGE_IDS];
    unsigned count = 0;
    int oldest = -1;
    for (unsigned port = 0; port < 2; port++) {
        for (unsigned id = 0; id < JUDGE_IDS; id++) {
            if (!(j->live[port] >> id & 1)) continue;
            if (in->oldest_valid_i && in->oldest_port_i == port && in->oldest_id_i == id)
                oldest = (int)count;
            unfinished[count] = j->request[port][id];
            accepted[count++] = j->accepted[port][id];
        }
    }
    return spec_judge_ad(j->spec, *j->cycle, out->mem_req_addr_o, out->mem_req_cmp_o,
                         out->mem_req_data_o, unfinished, accepted, count, oldest, j->why,
                         sizeof j->why);
}

void judge_csr(struct judge *j, unsigned csr, uint64_t value) {
    registers_write(&j->csr, *j->cycle, csr, value);
}

void judge_fence(struct judge *j, const struct os_op *op) {
    switch (op->fence) {
    case FENCE_SFENCE_W_INVAL: spec_w_inval(j->spec, *j->cycle); break;
    case FENCE_SINVAL_VMA:
        spec_sinval(j->spec, *j->cycle, op->rs1, op->rs2, op->va, op->asid);
        break;
    case FENCE_SFENCE_INVAL_IR: spec_inval_ir_begin(j->spec, *j->cycle); break;
    default: spec_fence_begin(j->spec, *j->cycle, op->rs1, op->rs2, op->va, op->asid);
    }
}

void judge_fence_done(struct judge *j, const struct os_op *op) {
    if (op->fence == FENCE_SFENCE_VMA) spec_fence_end(j->spec, *j->cycle);
    if (op->fence == FENCE_SFENCE_INVAL_IR) spec_inval_ir_end(j->spec, *j->cycle);
}

/* ---- Opinion 3 ----------------------------------------------------------------------------- */

bool judge_call(struct judge *j, const struct os_call *call) {
    if (call->nr == CALL_FILE) {
        uint32_t *file = realloc(j->file, (j->files + 1) * sizeof *file);
        if (!file) internal_error("out of memory");
        j->file = file;
        j->file[j->files++] = call->file;
    }
    if (data_call(j->data, call)) return true;
    snprintf(j->why, sizeof j->why, "the kernel half did `%s`; the semantics refuse it: %s",
             call_word(call->nr), data_error(j->data));
    return false;
}

static bool same_disk(struct judge *j, const struct os *os, uint32_t file) {
    uint8_t got[PAGE_BYTES], want[PAGE_BYTES];
    for (uint64_t offset = 0;; offset += PAGE_BYTES) {
        size_t n = os_disk_read(os, file, offset, got, sizeof got);
        data_disk_seen(j->data, file, offset, got, n);
        size_t m = data_disk_read(j->data, file, offset, want, sizeof want);
        char what[64];
        snprintf(what, sizeof what, "file %u on disk, from byte %" PRIu64, file, offset);
        if (!judge_copied(j, what, got, n, want, m)) return false;
        if (n < PAGE_BYTES) return true;
    }
}

bool judge_disk(struct judge *j, const struct os *os, const struct os_call *call) {
    if (call->nr == CALL_FSYNC) return same_disk(j, os, call->file);
    if (call->nr != CALL_MSYNC && call->nr != CALL_WRITEBACK) return true;
    for (size_t i = 0; i < j->files; i++) {
        if (!same_disk(j, os, j->file[i])) return false;
    }
    return true;
}

bool judge_verdict(struct judge *j, uint32_t pid, uint8_t access, vaddr_t va, size_t bytes,
                   uint8_t sig, uint8_t code) {
    uint8_t want_code = SICODE_NONE;
    uint8_t want = data_verdict(j->data, pid, access, va, bytes, &want_code);
    j->refused += code == SICODE_BUS_ADRALN;
    if (want == sig && (!want || want_code == code)) return true;
    if (!want && code == SICODE_BUS_ADRERR && data_may_break(j->data, pid, va, bytes)) return true;
    char must[48] = "succeed", did[48] = "succeeded";
    if (want)
        snprintf(must, sizeof must, "end in %s %s", signal_word(want), sicode_word(want_code));
    if (sig) snprintf(did, sizeof did, "ended in %s %s", signal_word(sig), sicode_word(code));
    snprintf(j->why, sizeof j->why, "the access must %s; it %s", must, did);
    return false;
}

bool judge_copied(struct judge *j, const char *what, const uint8_t *got, size_t got_bytes,
                  const uint8_t *want, size_t want_bytes) {
    if (got_bytes != want_bytes) {
        snprintf(j->why, sizeof j->why, "%s: %zu bytes, must be %zu", what, got_bytes, want_bytes);
        return false;
    }
    if (!memcmp(got, want, got_bytes)) return true;
    size_t i = 0;
    while (got[i] == want[i]) i++;
    int n = snprintf(j->why, sizeof j->why, "%s: byte %zu of %zu is 0x%02x, must be 0x%02x;", what,
                     i, got_bytes, got[i], want[i]);
    for (size_t k = i; k < got_bytes && k < i + 8; k++) {
        n += snprintf(j->why + n, sizeof j->why - (size_t)n, " %02x/%02x", got[k], want[k]);
    }
    return false;
}

bool judge_load(struct judge *j, uint32_t pid, vaddr_t va, const uint8_t *got, size_t bytes) {
    uint8_t want[PAGE_BYTES];
    data_seen(j->data, pid, va, got, bytes);
    data_load(j->data, pid, va, want, bytes);
    return judge_copied(j, "bytes loaded (got/must be)", got, bytes, want, bytes);
}
