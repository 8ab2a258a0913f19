/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the program meets the kernel half: traps, calls, signals, promises, copies to and from user
 * memory.
 *
 * Included by core.h only.
 */
#ifndef PW_CORE_KERNEL_H
#define PW_CORE_KERNEL_H

bool core_boot(
    struct core *); /* menvcfg, a full fence, satp of the running process if there is one */
void core_count_fault(struct core *, uint8_t cause);
bool core_trap(struct core *);   /* the oldest access has faulted: kill, repair, reissue */
bool core_record(struct core *); /* c->next is no access, nothing is in flight: do it */
/* Takes a page or access fault to the kernel half. repaired: try again. Not repaired: the access
 * has ended, by a->sig or a->efault. Both leave os_ops to do. core_handled: once that is done. */
bool core_fault(struct core *, struct entry *a, uint8_t cause, vaddr_t va, bool *repaired);
bool core_handled(struct core *, struct entry *a, uint8_t cause, vaddr_t va,
                  const struct os_outcome *, bool *repaired);
bool core_ops(struct core *);   /* what os_ops asks for */
bool core_flush(struct core *); /* core.flush: forget everything before the next access */

/* core_signal.c: signals in the trace */
enum outcome { OUTCOME_ENDS, OUTCOME_CAUGHT, OUTCOME_FORGIVEN }; /* of a signal, for its process */
enum outcome core_signal_says(struct core *, const struct entry *); /* the trace, if one comes */
bool core_must_signal(struct core *, const struct entry *, const struct os_outcome *);
/* What the trace says of it is compared when its next record is read. */
void core_signalled(struct core *, struct entry *, const struct os_outcome *, enum outcome);
/* The trace says how the subject ended, and whether its process did. */
bool core_announce(struct core *, uint8_t sig, uint8_t code, bool caught);

/* core_oom.c */
bool core_news(struct core *, uint64_t record); /* after each call or trap of the kernel half */
bool core_skip(struct core *, bool *skipped);   /* is c->next of a killed process? passes over it */
void core_drop_younger(struct core *);          /* than an access whose process was killed */
void core_unborn(struct core *, const struct os_call *); /* its caller was killed in the call */
bool core_expect_kill(struct core *, uint32_t pid);      /* by the subject? */
bool core_kills_expected(struct core *);
bool core_denied(struct core *, const struct os_call *); /* opinion 3 hears what it did before */
bool core_expect_enomem(struct core *);
bool core_denied_told(struct core *); /* a call that ended in ENOMEM, and `expect enomem` */
void core_report_kills(const struct core *);
bool core_background_due(const struct core *); /* before c->next */
bool core_background(struct core *);

/* core_copy.c */
/* read, write, kload, kstore, gup, sigframe. c->call.efault: it was cut short, by a fault. */
bool core_copy_user(struct core *, const struct os_call *);
void core_know(struct core *, uint32_t pid);

#endif
