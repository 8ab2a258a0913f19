/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the frame of a signal goes that a fault raises. qemu-user pushes it, in its own code, so no
 * callback tells of it; what decides is known: the program's handlers and alternate stacks, from
 * its system calls, and its stack pointer.
 *
 * The plugin interface of qemu 7.2 reads no registers. But generated code keeps a pointer to the
 * guest's in one of the host's (TCG_AREG0), they begin with x0, x1, x2, and each access to memory
 * finds them up to date there. A fault inside a helper of qemu's may find something else in that
 * register; then the place that an earlier fault of this thread has shown is as good.
 */
#define _GNU_SOURCE
#include "enums.h"
#include "numbers.h"
#include "os/call.h"
#include "plugin.h"
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

enum { SIGNALS = 65, STACK_DISABLED = 2, STACK_ALIGN = 16 };
enum { HANDLER_DEFAULT, HANDLER_IGNORE }; /* others are addresses */
#define FLAG_ONSTACK   0x08000000u
#define FLAG_RESETHAND 0x80000000u

static struct action { /* of the guest: struct sigaction of riscv64 */
    uint64_t handler, flags, mask;
} actions[SIGNALS];

/* ---- System calls ---------------------------------------------------------------------------- */

/* What a call asks for may be overwritten by what it returns: it is read before. */
void signals_enter(struct recorder *r, int64_t nr) {
    struct {
        uint64_t sp;
        uint32_t flags, pad;
        uint64_t bytes;
    } stack;
    struct action *a = &actions[r->args[0] % SIGNALS];
    r->asked = false;
    if (nr == NR_SIGACTION && r->args[1] && r->args[0] < SIGNALS) {
        r->asked = guest_read(r, r->args[1], r->asks, sizeof *a);
    } else if (nr == NR_SIGALTSTACK && guest_read(r, r->args[0], &stack, sizeof stack)) {
        r->asked = true;
        r->asks[0] = stack.sp;
        r->asks[1] = stack.flags & STACK_DISABLED ? 0 : stack.bytes;
    }
}

void signals_leave(struct recorder *r, int64_t nr, int64_t ret) {
    if (ret < 0 || !r->asked) return;
    r->asked = false;
    if (nr == NR_SIGACTION) {
        actions[r->args[0]] = (struct action){r->asks[0], r->asks[1], r->asks[2]};
    } else {
        r->stack = r->asks[0];
        r->stack_bytes = r->asks[1];
    }
}

/* ---- The stack pointer ----------------------------------------------------------------------- */

static uint64_t env_register(const void *context) {
    const ucontext_t *u = context;
#if defined __x86_64__
    return (uint64_t)u->uc_mcontext.gregs[REG_RBP];
#elif defined __aarch64__
    return u->uc_mcontext.regs[19];
#else
    (void)u;
    return 0;
#endif
}

/* x0, ra, sp at this place of the host? */
static bool stack_pointer(const struct recorder *r, uint64_t env, uint64_t *sp) {
    uint64_t x[3];
    struct iovec local = {x, sizeof x}, remote = {(void *)(uintptr_t)env, sizeof x};
    if (!env || process_vm_readv(getpid(), &local, 1, &remote, 1, 0) != (ssize_t)sizeof x)
        return false;
    *sp = x[2];
    return !x[0] && x[2] && x[2] < r->ring->guest_bytes;
}

static bool stack_pointer_at(struct recorder *r, const void *context, uint64_t *sp) {
    uint64_t env = env_register(context);
    if (r->env && env != r->env) return stack_pointer(r, r->env, sp);
    if (!stack_pointer(r, env, sp) || !mapped_rights(*sp - 1)) return false;
    r->env = env;
    return true;
}

uint64_t signals_frame_left(const struct recorder *r) {
    uint64_t sp;
    return r->env && stack_pointer(r, r->env, &sp) ? sp : 0;
}

/* ---- The frame ------------------------------------------------------------------------------- */

static bool writable(uint64_t va, uint64_t bytes) {
    for (uint64_t at = va & ~4095ull; at < va + bytes; at += 4096)
        if (!(mapped_rights(at) & PROT_W)) return false;
    return true;
}

/* get_sigframe and target_sigsp of qemu's linux-user. A frame that would leave its alternate stack
 * goes to an address that nobody has, as in Linux. */
static uint64_t frame_below(const struct recorder *r, uint64_t sp, bool onstack) {
    bool there = sp - r->stack < r->stack_bytes;
    if (there && sp - RING_FRAME_BYTES - r->stack >= r->stack_bytes)
        return -(uint64_t)RING_FRAME_BYTES;
    if (onstack && !there && r->stack_bytes) sp = r->stack + r->stack_bytes;
    return (sp - RING_FRAME_BYTES) & ~(uint64_t)(STACK_ALIGN - 1);
}

static bool has_handler(int sig) {
    return actions[sig].handler != HANDLER_DEFAULT && actions[sig].handler != HANDLER_IGNORE;
}

/* Where the signal's frame goes; what is to run once has run. */
static uint64_t deliver(struct recorder *r, int sig, uint64_t sp) {
    struct action *a = &actions[sig];
    uint64_t va = frame_below(r, sp, a->flags & FLAG_ONSTACK);
    if (a->flags & FLAG_RESETHAND) {
        r->once = a->handler;
        a->handler = HANDLER_DEFAULT;
    }
    return va;
}

enum ring_frame signals_frame(struct recorder *r, int sig, const void *context, uint64_t va[2]) {
    uint64_t sp;
    va[0] = va[1] = r->once = 0;
    if (!has_handler(sig)) return RING_FRAME_NONE;
    if (!stack_pointer_at(r, context, &sp)) return RING_FRAME_UNKNOWN;
    va[0] = deliver(r, sig, sp);
    if (writable(va[0], RING_FRAME_BYTES)) return RING_FRAME_FITS;
    if (sig != SIGNAL_SEGV && has_handler(SIGNAL_SEGV)) { /* force_sigsegv */
        va[1] = deliver(r, SIGNAL_SEGV, sp);
        if (!writable(va[1], RING_FRAME_BYTES)) va[1] = 0;
    }
    return RING_FRAME_REFUSED;
}

void signals_absorbed(struct recorder *r, int sig) {
    if (r->once) actions[sig].handler = r->once;
}
