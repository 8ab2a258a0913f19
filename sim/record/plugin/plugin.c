/* SPDX-License-Identifier: Apache-2.0
 *
 * The recorder inside qemu-user: one item for every instruction fetched, every load, store and
 * atomic, in the order in which they happen, and for every host fault that the guest's access
 * caused.
 *
 * An access that faults makes no memory callback. The plugin therefore stands before qemu's own
 * SIGSEGV and SIGBUS handlers: it reports the refused access and calls qemu's handler. If that
 * returns, the fault was qemu's own affair (a write to a page whose code it has translated) and the
 * access is repeated: RING_ABSORBED takes the report back. If it does not return, the guest gets
 * the signal. A fetch from a page without PROT_EXEC is refused by qemu without any host fault and
 * cannot be seen here.
 *
 * All state is static, or the thread's: qemu gives callbacks no place for it, every thread of the
 * guest is a thread of the host, and fork copies it.
 */
#define _GNU_SOURCE
#include "plugin.h"
#include "enums.h"
#include "qemu.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

__attribute__((visibility("default"))) int qemu_plugin_version = QEMU_PLUGIN_INTERFACE;
__attribute__((visibility("default"))) int
qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv);

static struct ring *ring;
static unsigned parent_at; /* what the program before this one was told of a waiting parent */
static _Thread_local struct recorder self;
static struct sigaction qemu_segv, qemu_bus;

/* ---- Instructions: what a callback must know, packed into its userdata ----------------------- */

static void *insn_pack(uint64_t va, size_t bytes, struct opcode op) {
    return (void *)(uintptr_t)(va | (uint64_t)bytes << 48 | (uint64_t)op.access << 52 |
                               (uint64_t)op.bytes << 56);
}

static uint64_t insn_va(uint64_t insn) {
    return insn & 0xffffffffffff;
}
static unsigned insn_bytes(uint64_t insn) {
    return insn >> 48 & 15;
}
static unsigned insn_access(uint64_t insn) {
    return insn >> 52 & 15;
}
static unsigned insn_access_bytes(uint64_t insn) {
    return (unsigned)(insn >> 56);
}

static void on_insn(unsigned vcpu, void *userdata) {
    (void)vcpu;
    if (!self.ring) task_begin(&self, ring);
    self.current = (uintptr_t)userdata;
    self.atomic_pushed = false;
    const uint64_t va = insn_va(self.current);
    push(&self, RING_ACCESS, ACCESS_FETCH, insn_bytes(self.current), &va, 1);
}

/* qemu makes an AMO and an SC of a load and a store; both are one access. */
static void on_access(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t va, void *userdata) {
    (void)vcpu;
    unsigned access = insn_access((uintptr_t)userdata);
    if (access == ACCESS_AMO || access == ACCESS_SC) {
        if (self.atomic_pushed) return;
        self.atomic_pushed = true;
    } else if (access != ACCESS_LR) {
        access = qemu_plugin_mem_is_store(info) ? ACCESS_STORE : ACCESS_LOAD;
    }
    push(&self, RING_ACCESS, access, 1u << qemu_plugin_mem_size_shift(info), &va, 1);
}

/* ---- Host faults ----------------------------------------------------------------------------- */

static void on_fault(int sig, siginfo_t *info, void *context) {
    uint64_t va = (uintptr_t)info->si_addr - ring->guest_base;
    bool guest = self.ring && info->si_code > 0 && va < ring->guest_bytes;
    if (guest) {
        uint64_t code = sig == SIGBUS        ? SICODE_BUS_ADRERR
                        : !mapped_rights(va) ? SICODE_SEGV_MAPERR
                                             : SICODE_SEGV_ACCERR;
        uint64_t frame[2], fate = signals_frame(&self, sig, context, frame);
        const uint64_t arg[] = {va, (uint64_t)sig, code, fate, frame[0], frame[1]};
        unsigned bytes = insn_access_bytes(self.current);
        push(&self, RING_FAULT, insn_access(self.current), bytes ? bytes : 2, arg, 6);
        space_settle(&self);
    }
    const struct sigaction *chain = sig == SIGBUS ? &qemu_bus : &qemu_segv;
    if (chain->sa_flags & SA_SIGINFO)
        chain->sa_sigaction(sig, info, context);
    else if (chain->sa_handler != SIG_DFL && chain->sa_handler != SIG_IGN)
        chain->sa_handler(sig);
    else
        signal(sig, SIG_DFL); /* returns into the same fault, which ends the process */
    if (!guest) return;
    signals_absorbed(&self, sig);
    push(&self, RING_ABSORBED, 0, 0, NULL, 0);
}

static void faults_take(int sig, struct sigaction *old) {
    sigaction(sig, NULL, old);
    struct sigaction mine = *old;
    mine.sa_sigaction = on_fault;
    mine.sa_flags |= SA_SIGINFO;
    sigaction(sig, &mine, NULL);
}

/* ---- qemu's callbacks ------------------------------------------------------------------------ */

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
    static bool started;
    (void)id;
    if (!started) { /* the first thing that qemu does for the loaded guest, before it runs */
        started = true;
        task_begin(&self, ring);
        startup_push(&self);
        task_started(&self, parent_at);
        faults_take(SIGSEGV, &qemu_segv);
        faults_take(SIGBUS, &qemu_bus);
    }
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        size_t bytes = qemu_plugin_insn_size(insn);
        uint32_t word = 0;
        memcpy(&word, qemu_plugin_insn_data(insn), bytes < 4 ? bytes : 4);
        void *packed = insn_pack(qemu_plugin_insn_vaddr(insn), bytes, opcode_decode(word));
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_insn, QEMU_PLUGIN_CB_NO_REGS, packed);
        qemu_plugin_register_vcpu_mem_cb(insn, on_access, QEMU_PLUGIN_CB_NO_REGS,
                                         QEMU_PLUGIN_MEM_RW, packed);
    }
}

static void on_syscall(qemu_plugin_id_t id, unsigned vcpu, int64_t nr, uint64_t a1, uint64_t a2,
                       uint64_t a3, uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7,
                       uint64_t a8) {
    (void)id, (void)vcpu, (void)a7, (void)a8;
    const uint64_t arg[6] = {a1, a2, a3, a4, a5, a6};
    syscall_enter(&self, nr, arg);
}

static void on_syscall_ret(qemu_plugin_id_t id, unsigned vcpu, int64_t nr, int64_t ret) {
    (void)id, (void)vcpu;
    syscall_leave(&self, nr, ret);
}

/* argv[0] is ring=FD: the descriptor of the recorder's shared memory; argv[1], after an execve,
 * vfork=PLACE, where the parent of this process waits (0: it does not). */
int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv) {
    (void)info;
    if (argc < 1 || strncmp(argv[0], "ring=", 5) != 0) return -1;
    if (argc > 1 && strncmp(argv[1], "vfork=", 6) == 0) parent_at = (unsigned)atoi(argv[1] + 6);
    int fd = atoi(argv[0] + 5);
    void *shared = mmap(NULL, sizeof(struct ring), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared == MAP_FAILED) return -1;
    close(fd);
    ring = shared;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    qemu_plugin_register_vcpu_syscall_cb(id, on_syscall);
    qemu_plugin_register_vcpu_syscall_ret_cb(id, on_syscall_ret);
    return 0;
}
