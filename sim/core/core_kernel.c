/* SPDX-License-Identifier: Apache-2.0
 *
 * Between two clock edges: where the program meets the kernel half. A trap kills what is younger,
 * takes the fault to the kernel half, performs what that asks of the hart (satp writes, fences,
 * each to its `done`), and leaves the killed accesses to be issued again. A kernel record waits
 * until nothing is in flight. The kernel's own accesses to user memory (read, write, kload, kstore)
 * go through the data port as S-mode accesses with SUM, a page at a time; get_user_pages (gup)
 * walks the tables itself.
 *
 * Costs add up in os_cycles; the clock stands still meanwhile.
 */
#include "core.h"
#include "hart.h"
#include "error.h"
#include <inttypes.h>
#include <string.h>

enum { TRAPS_MAX = 1000 }; /* of one access: beyond that kernel half and MMU disagree for ever */

/* ---- Ports for CSRs and fences ------------------------------------------------------------- */

static bool csr_write(struct core *c, uint16_t csr, uint64_t value) {
    bool taken = false;
    if (core_told(c)) events_csr(c, csr, value, false);
    core_note(c, EV_CSR, 0, 0, 0, csr, value);
    while (!taken) {
        c->in.csr_valid_i = 1;
        c->in.csr_addr_i = csr;
        c->in.csr_wdata_i = value;
        if (!core_clock(c)) return false;
        taken = c->out.csr_ready_o;
    }
    do {
        if (!core_clock(c)) return false;
    } while (!c->out.csr_done_o);
    if (c->judge) judge_csr(c->judge, csr, value);
    if (core_told(c)) events_csr(c, csr, value, true);
    c->progress = c->cycle;
    return true;
}

static bool fence(struct core *c, const struct os_op *op) {
    bool taken = false;
    uint64_t offered = c->cycle;
    if (core_told(c)) events_fence(c, op, false);
    core_note(c, EV_FENCE, op->rs1, op->rs2, op->fence, op->va, op->asid);
    if (c->judge) judge_fence(c->judge, op);
    while (!taken) {
        c->in.fence_valid_i = 1;
        c->in.fence_op_i = op->fence;
        c->in.fence_rs1_i = op->rs1;
        c->in.fence_rs2_i = op->rs2;
        c->in.fence_va_i = op->rs1 ? op->va : 0;
        c->in.fence_asid_i = op->rs2 ? op->asid : 0;
        if (!core_clock(c)) return false;
        taken = c->out.fence_ready_o;
    }
    do {
        if (!core_clock(c)) return false;
    } while (!c->out.fence_done_o);
    if (c->judge) judge_fence_done(c->judge, op);
    c->res->fence_cycles += c->cycle - offered;
    if (core_told(c)) events_fence(c, op, true);
    c->progress = c->cycle;
    return true;
}

/* Before a window there is no hart: the opinions and the lookaside are told, nothing is clocked. */
static void op_functional(struct core *c, const struct os_op *op) {
    core_functional_flush(c);
    if (!c->judge) return;
    if (op->kind == OS_OP_SATP) {
        judge_csr(c->judge, CSR_SATP, op->satp);
    } else {
        judge_fence(c->judge, op);
        judge_fence_done(c->judge, op);
    }
}

bool core_ops(struct core *c) {
    size_t count;
    const struct os_op *op = os_ops(c->os, &count);
    for (size_t i = 0; i < count; i++) {
        if (!c->timed)
            op_functional(c, &op[i]);
        else if (op[i].kind == OS_OP_SATP ? !csr_write(c, CSR_SATP, op[i].satp) : !fence(c, &op[i]))
            return false;
    }
    if (count) os_ops_done(c->os);
    return !c->judge || judge_kernel(c->judge) ||
           core_fail(c, OPINION_KERNEL, c->subject, "%s", c->judge->why);
}

static const struct os_op everything = {.kind = OS_OP_FENCE};

bool core_flush(struct core *c) {
    if (!c->cfg->core_flush) return true;
    c->fetched.valid = false;
    c->flushes++;
    return fence(c, &everything);
}

/* As firmware and kernel do: PMP open, ADUE and PBMTE, and the fence that orders them [priv 3.7,
 * menvcfg]; then the process of the window. */
bool core_boot(struct core *c) {
    struct hart_csr csr[3];
    unsigned count = hart_firmware(c->cfg, csr);
    csr[count++] = hart_menvcfg(c->cfg, c->cfg->os_svadu, c->cfg->hart_svpbmt);
    for (unsigned i = 0; i < count; i++) {
        if (!csr_write(c, csr[i].csr, csr[i].value)) return false;
    }
    c->boot_csr_writes = count;
    if (!fence(c, &everything)) return false;
    return !c->running || csr_write(c, CSR_SATP, os_satp(c->os, c->running));
}

/* ---- Faults -------------------------------------------------------------------------------- */

void core_count_fault(struct core *c, uint8_t cause) {
    struct replay_result *r = c->res;
    bool page = cause >= CAUSE_INSTRUCTION_PAGE;
    r->faults_instruction_page += cause == CAUSE_INSTRUCTION_PAGE;
    r->faults_load_page += cause == CAUSE_LOAD_PAGE;
    r->faults_store_page += cause == CAUSE_STORE_PAGE;
    r->faults_access += cause == CAUSE_INSTRUCTION_ACCESS || cause == CAUSE_LOAD_ACCESS ||
                        cause == CAUSE_STORE_ACCESS;
    if (page && !r->first_fault_cycle && c->timed) r->first_fault_cycle = c->cycle;
}

/* One line of `pagewalk faults`. */
static void list_fault(struct core *c, const struct entry *a, vaddr_t va,
                       const struct os_outcome *o) {
    fprintf(c->opt->faults, "%" PRIu64 " %u %s 0x%" PRIx64 " ", ++c->fault_lines, a->pid,
            access_word(a->type), va);
    if (o->sig)
        fprintf(c->opt->faults, "%s %s\n", signal_word(o->sig), sicode_word(o->code));
    else if (o->efault)
        fputs("efault\n", c->opt->faults);
    else
        fprintf(c->opt->faults, "%s%s %s\n", kfault_word(o->kind), fault_by(a->kernel, a->gup),
                o->major ? "major" : "minor");
}

static bool may_fail(struct core *c, const struct entry *a) {
    uint8_t code;
    return !c->judge || os_enomem(c->os) ||
           data_verdict(c->judge->data, a->pid, a->type, a->va, a->bytes, &code) ||
           data_may_break(c->judge->data, a->pid, a->va, a->bytes) ||
           core_fail(c, OPINION_DATA, a, "the kernel's access must succeed; it failed (EFAULT)");
}

bool core_fault(struct core *c, struct entry *a, uint8_t cause, vaddr_t va, bool *repaired) {
    struct entry *record = a->kernel ? &c->call : a;
    if (!record->framed) record->frames = os_frames_used(c->os);
    record->framed = true;
    enum outcome says = core_signal_says(c, a);
    struct os_trap trap = {.pid = a->pid,
                           .va = va,
                           .access = a->type,
                           .cause = cause,
                           .kernel = a->kernel,
                           .caught = says != OUTCOME_ENDS};
    if (c->opt->explain) explain_trapping(c, a, va);
    struct os_outcome o = os_trap(c->os, &trap);
    core_count_fault(c, cause);
    if (!core_handled(c, a, cause, va, &o, repaired)) return false;
    if (o.sig && o.sig != SIGNAL_KILL) {
        if (!core_must_signal(c, a, &o)) return false;
        core_signalled(c, a, &o, says);
    }
    return !o.efault || may_fail(c, a);
}

bool core_handled(struct core *c, struct entry *a, uint8_t cause, vaddr_t va,
                  const struct os_outcome *o, bool *repaired) {
    struct entry *record = a->kernel ? &c->call : a;
    core_note(c, EV_TRAP, a->type, o->kind, cause, va, o->sig);
    record->traps++;
    record->kfault = o->kind;
    c->res->os_cycles += o->cost;
    if (c->opt->faults) list_fault(c, a, va, o);
    if (core_told(c)) events_trap(c, a, cause, va, o);
    a->traps += a != record;
    if (a->traps > TRAPS_MAX) {
        return core_fail(c, OPINION_HANG, a, "%u faults, each repaired, and still no translation",
                         a->traps);
    }
    *repaired = !o->sig && !o->efault;
    a->efault = o->efault;
    if (o->sig == SIGNAL_KILL) { /* out of memory: core_news says who dies for it */
        a->sig = o->sig;
        c->subject = record;
        c->res->signals++;
    }
    return core_news(c, record->index);
}

/* Everything in the ring starts anew; what has been in the MMU is counted. */
static void unissue(struct core *c) {
    for (uint64_t entry = c->head; entry < c->tail; entry++) {
        struct entry *a = core_at(c, entry);
        for (unsigned n = 0; n < a->parts; n++) {
            struct part *p = &a->part[n];
            bool taken = p->state != PART_NEW && p->state != PART_RIDES && !p->rode;
            a->again |= taken;
            c->res->killed_lookups += taken && entry > c->head;
            p->state = PART_NEW;
            p->rode = false;
        }
        a->issued = 0;
        a->counted = false;
    }
    c->issue = c->head;
    c->inflight = 0;
    c->load_waits = false;
    c->load_data = 0;
    c->fetched.valid = false;
}

bool core_trap(struct core *c) {
    struct entry *a = core_at(c, c->head), was = *a;
    const struct part *p = &was.part[was.part[0].state != PART_FAULT];
    bool repaired;
    c->trap = false;
    unissue(c);
    if (c->busy[0] | c->busy[1]) {
        c->in.ikill_i = c->busy[0];
        c->in.dkill_i = c->busy[1];
        core_note(c, EV_KILL, 0, 0, 0, c->busy[0], c->busy[1]);
        if (!core_clock(c)) return false;
    }
    if (!core_fault(c, a, p->cause, p->va, &repaired)) return false;
    if (!repaired) {
        memcpy(a->part, was.part,
               sizeof a->part); /* the row of --log shows the attempt that failed */
        c->head++;
        if (a->sig == SIGNAL_KILL) core_drop_younger(c);
        if (c->head != c->tail && !a->forgiven) {
            return core_fail(c, OPINION_TRACE, a,
                             "%s %s ended the process; the trace goes on without saying so",
                             signal_word(a->sig), sicode_word(a->code));
        }
        if (!core_retired(c, a)) return false;
    }
    return core_ops(c);
}

/* ---- Records ------------------------------------------------------------------------------- */

static void begin_call(struct core *c) {
    c->call = (struct entry){.index = c->next.index,
                             .line = c->next.line,
                             .pid = c->running,
                             .frames = os_frames_used(c->os),
                             .framed = true};
    c->subject = &c->call;
    c->fetched.valid = false;
}

static _Noreturn void refused(const struct core *c, const char *why) {
    if (c->next.line) input_error(c->path, c->next.line, 0, "correct the trace", "%s", why);
    record_error(c->path, c->next.index, 0, "correct the trace", "%s", why);
}

static bool switch_to(struct core *c, uint32_t pid) {
    if (!os_switch(c->os, pid)) refused(c, os_error(c->os));
    if (c->judge && !judge_vmas(c->judge, c->os, pid)) /* a child's, above all */
        return core_fail(c, OPINION_DATA, &c->call, "%s", c->judge->why);
    c->running = pid;
    c->skipping = 0;
    return core_ops(c);
}

static bool plain_call(struct core *c, const struct os_call *k) {
    uint32_t caller = c->running;
    uint64_t before = os_get_stats(c->os)->os_cycles;
    if (!os_call(c->os, k)) refused(c, os_error(c->os));
    c->res->os_cycles += os_get_stats(c->os)->os_cycles - before; /* pages written back */
    if (!core_news(c, c->call.index)) return false;
    if (caller && c->skipping == caller && k->pid == caller) { /* killed in the call */
        core_unborn(c, k);
        return core_ops(c);
    }
    bool denied = os_enomem(c->os);
    bool told = !c->judge || (denied ? core_denied(c, k) : judge_call(c->judge, k));
    if (!told || (c->judge && !judge_vmas(c->judge, c->os, k->pid)))
        return core_fail(c, OPINION_DATA, &c->call, "%s", c->judge->why);
    c->denied = denied;
    if (denied) return core_ops(c);
    if (k->nr == CALL_EXEC) core_know(c, k->pid);
    if (k->nr == CALL_FORK || k->nr == CALL_CLONE) core_know(c, (uint32_t)k->arg[0]);
    if (k->nr == CALL_EXIT || (k->nr == CALL_CLONE && (k->arg[1] & CLONE_F_VFORK))) c->running = 0;
    if (!core_ops(c)) return false;
    if (k->nr == CALL_EXEC && !switch_to(c, k->pid)) return false;
    if (c->judge && !judge_disk(c->judge, c->os, k))
        return core_fail(c, OPINION_DATA, &c->call, "%s", c->judge->why);
    return true;
}

static bool call(struct core *c) {
    const struct os_call *k = &c->next.call;
    begin_call(c);
    core_note(c, EV_CALL, k->nr, 0, 0, k->arg[0], k->arg[1]);
    return call_copies(k->nr) ? core_copy_user(c, k) : plain_call(c, k);
}

/* setup_rt_frame has failed: no handler can run, so SIGSEGV it is (force_sigsegv); a handler of
 * that one may have a stack of its own. */
static bool frame_refused(struct core *c, vaddr_t va) {
    enum outcome says = core_signal_says(c, &c->call);
    struct os_outcome o = os_frame_refused(c->os, c->running, says == OUTCOME_CAUGHT);
    c->res->os_cycles += o.cost;
    if (core_told(c)) events_frame_refused(c, c->running, va, &o);
    core_signalled(c, &c->call, &o, says);
    return core_ops(c);
}

bool core_record(struct core *c) {
    bool about = c->next.kind == TRACE_SIGNAL || c->next.kind == TRACE_EXPECT;
    core_ps(c, c->next.index);
    if (c->signalled && !about) {
        if (!c->announced) {
            return core_fail(c, OPINION_TRACE, c->subject,
                             "%s %s ended the process; the trace does not say so",
                             signal_word(c->subject->sig), sicode_word(c->subject->code));
        }
        c->signalled = false;
    }
    if (!about && !core_denied_told(c)) return false;
    if (core_background_due(c)) return core_background(c);
    bool skipped, ok = core_skip(c, &skipped);
    if (!skipped && c->next.kind == TRACE_ACCESS) return true; /* now it may be issued */
    if (!ok || skipped) {
        c->have_next = false;
        return ok;
    }
    bool kernel = c->next.kind == TRACE_SWITCH || c->next.kind == TRACE_CALL;
    bool frame = c->next.kind == TRACE_CALL && c->next.call.nr == CALL_SIGFRAME;
    const vaddr_t va = c->next.call.arg[0];
    if (kernel && core_told(c)) events_record(c, &c->next);
    switch (c->next.kind) {
    case TRACE_SWITCH:
        begin_call(c);
        ok = c->next.pid == c->running || switch_to(c, c->next.pid);
        break;
    case TRACE_CALL: ok = call(c); break;
    case TRACE_SIGNAL: ok = core_announce(c, c->next.sig, c->next.code, c->next.caught); break;
    default: ok = core_expect(c, c->next.text);
    }
    c->have_next = false;
    return ok && (!frame || !c->call.efault || frame_refused(c, va));
}
