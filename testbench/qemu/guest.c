/* SPDX-License-Identifier: Apache-2.0
 *
 * What runs on the emulated hart, in M-mode: takes steps from a file of the host, sets CSRs, PMP
 * and memory, makes the access with the privilege of the step, and writes back what it saw.
 */
#include "cases.h"
#include <stdbool.h>

enum {
    SYS_OPEN = 1,
    SYS_WRITE = 5,
    SYS_READ = 6,
    SYS_EXIT = 24,
    READ_BINARY = 1,
    WRITE_BINARY = 5
};
enum { EXIT_OK = 0x20026, MODE_MPP = 3 << 11, STATUS_SUM = 1 << 18, STATUS_MXR = 1 << 19 };
enum { BATCH = 128 };
#define TOKEN 0xa5c3968778695a4bull

long host_call(long operation, void *arguments);
void attempt(long way, uint64_t va, uint64_t *value, uint64_t *answer);
void guest(void);

static struct qemu_step steps[BATCH];
static struct qemu_answer answers[BATCH];

static void set_csrs(const struct qemu_step *s) {
    uint64_t mask = MODE_MPP | STATUS_SUM | STATUS_MXR;
    __asm__ volatile("csrc mstatus, %0; csrs mstatus, %1" ::"r"(mask),
                     "r"(s->status | s->priv << 11));
    __asm__ volatile("csrw satp, %0" ::"r"(s->satp) : "memory");
    static uint64_t addr[QEMU_PMP]; /* a write costs QEMU its TLB */
#define ADDR(n)                                                                                    \
    if (addr[n] != s->pmp_addr[n])                                                                 \
        __asm__ volatile("csrw pmpaddr" #n ", %0" ::"r"(s->pmp_addr[n]));                          \
    addr[n] = s->pmp_addr[n];
    ADDR(0)
    ADDR(1) ADDR(2) ADDR(3) ADDR(4) ADDR(5) ADDR(6) ADDR(7) ADDR(8) ADDR(9) ADDR(10) ADDR(11)
        ADDR(12) ADDR(13) ADDR(14) ADDR(15) __asm__ volatile(
            "csrw pmpcfg0, %0; csrw pmpcfg2, %1" ::"r"(s->pmp_cfg[0]), "r"(s->pmp_cfg[1]));
    if (s->fence) __asm__ volatile("sfence.vma" ::: "memory");
}

/* An entry that covers a part of an access denies it to M-mode, too. */
static void end_pmp(void) {
    __asm__ volatile("csrw pmpcfg0, zero; csrw pmpcfg2, zero");
}

static long way_of(const struct qemu_step *s) {
    unsigned size = s->bytes == 8 ? 3 : s->bytes == 4 ? 2 : s->bytes == 2;
    switch (s->op) {
    case QEMU_LOAD: return 1 + size;
    case QEMU_STORE: return 5 + size;
    case QEMU_AMO: return 9 + size - 2;
    case QEMU_LR: return 11 + size - 2;
    default: return 0;
    }
}

static uint64_t read_places(const struct qemu_step *s) {
    uint64_t value = 0;
    for (unsigned n = 0; n < s->places; n++)
        value |= (uint64_t) * (volatile uint8_t *)s->place[n] << 8 * n;
    return value;
}

static void write_places(const struct qemu_step *s, uint64_t value) {
    for (unsigned n = 0; n < s->places; n++)
        *(volatile uint8_t *)s->place[n] = (uint8_t)(value >> 8 * n);
}

static void step(const struct qemu_step *s, struct qemu_answer *a) {
    uint64_t mask = s->bytes == 8 ? ~0ull : (1ull << 8 * s->bytes) - 1, value = TOKEN & mask;
    uint64_t before = s->op == QEMU_FETCH   ? s->bytes == 2 ? 0x9002 : 0x73 /* c.ebreak, ecall */
                      : s->op == QEMU_STORE ? 0
                                            : ~TOKEN & mask;
    for (unsigned n = 0; n < s->words; n++)
        if (s->set >> n & 1) *(volatile uint64_t *)s->word_pa[n] = s->word[n];
    write_places(s, before);
    if (s->op == QEMU_FETCH) __asm__ volatile("fence.i" ::: "memory");
    set_csrs(s);
    attempt(way_of(s), s->va, &value, &a->cause);
    end_pmp();
    uint64_t after = read_places(s), sign = s->bytes == 4 ? mask : ~0ull;
    bool stored = s->op == QEMU_STORE || s->op == QEMU_AMO, loaded = s->op != QEMU_STORE && s->op;
    a->token = (!loaded || (value & sign) == before) && (!stored || after == (TOKEN & mask));
    write_places(s, 0);
    for (unsigned n = 0; n < s->words; n++) a->word[n] = *(volatile uint64_t *)s->word_pa[n];
}

static long open_file(const char *name, long bytes, long mode) {
    long arguments[3] = {(long)name, mode, bytes};
    return host_call(SYS_OPEN, arguments);
}

static void end_case(const struct qemu_step *s) {
    for (unsigned n = 0; n < s->words; n++) *(volatile uint64_t *)s->word_pa[n] = 0;
}

void guest(void) {
    static struct qemu_step last;
    __asm__ volatile("csrw 0x30a, %0" ::"r"(1ull << 62)); /* menvcfg.PBMTE */
    long in = open_file("cases.bin", 9, READ_BINARY),
         out = open_file("answers.bin", 11, WRITE_BINARY);
    for (;;) {
        long get[3] = {in, (long)steps, sizeof steps};
        unsigned count =
            (unsigned)((sizeof steps - (unsigned long)host_call(SYS_READ, get)) / sizeof *steps);
        if (!count) break;
        for (unsigned n = 0; n < count; n++) {
            if (steps[n].first) end_case(&last);
            step(&steps[n], &answers[n]);
            last = steps[n];
        }
        long put[3] = {out, (long)answers, (long)(count * sizeof *answers)};
        host_call(SYS_WRITE, put);
    }
    long arguments[2] = {EXIT_OK, 0};
    host_call(SYS_EXIT, arguments);
}
