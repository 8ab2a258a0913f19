/* SPDX-License-Identifier: Apache-2.0
 *
 * The directed stimulus of the verification plan: a machine of model and RTL in lock-step, with a
 * memory of its own, driven one access at a time or several at once; tests with the tags of
 * plan.def; and their expectations, which come from the specification.
 */
#ifndef PW_PLAN_MACHINE_H
#define PW_PLAN_MACHINE_H
#include "config.h"
#include "engine.h"
#include "enums.h"
#include "types.h"

/* Builds of the RTL; a test names those that it is for. NARROW ones have fewer physical address
 * and ASID bits. RV64_LINES, with a PTE-line buffer, is for coincidences alone. */
enum { RV64 = 1, RV64_NARROW = 2, RV32 = 4, RV32_NARROW = 8, BUILDS = 4, RV64_LINES = 16 };

/* What a test may ask of an access beside type, privilege and address. */
enum { SUM = 1, MXR = 2, ADUE = 4, PBMTE = 8, NO_NAPOT = 16, NO_PBMT = 32, NO_ADU = 64 };

enum { WORDS = 512, ANSWERS = 16, READS = 24 };

struct answer {
    bool there; /* false: not answered yet, or killed */
    uint8_t cause, size, pbmt, source;
    paddr_t pa;
    unsigned reads, writes; /* of page tables, since the access began */
    paddr_t read[READS];
    paddr_t write_pa;
    pte_t write;
};

struct machine {
    const char *tag;
    unsigned build, failures;
    bool rv32;
    struct config config;
    struct engine *engine;
    struct mmu_in in;
    struct mmu_out out;
    uint64_t cycle;
    uint8_t pins; /* NO_NAPOT, NO_PBMT, NO_ADU */
    struct answer answer[2][32];
    unsigned reads, writes;
    paddr_t read[READS], write_pa;
    pte_t write;
    uint8_t cfg[2][64]; /* as written: PMP, PMA */
    /* memory: words of a PTE's size, zero where nothing was written */
    paddr_t word_pa[WORDS];
    uint64_t word[WORDS];
    unsigned words;
    struct {
        uint64_t due, data[8]; /* a PTE, or the line around it */
        uint8_t tag;
        bool error, done;
    } reply[ANSWERS];
    unsigned replies, latency;
    unsigned ready_every;      /* cycles: how often the memory port is ready */
    paddr_t no_read, no_write; /* the bus refuses these, if not 0 */
    paddr_t race;              /* not 0: this word becomes race_to once it has been read */
    uint64_t race_to;
    bool oldest_other; /* oldest_* names an access that is none of ours */
};

/* One test: a tag of the plan, the builds it is for, and what it does. */
struct plan_test {
    const char *tag;
    unsigned builds;
    void (*run)(struct machine *);
};
extern const struct plan_test plan_satp[], plan_step[], plan_pmp[], plan_pma[],
    plan_fence[]; /* {0} ends */

/* ---- Memory and CSRs */
void poke(struct machine *, paddr_t pa, uint64_t value);
uint64_t peek(const struct machine *, paddr_t pa);
void write_csr(struct machine *, uint16_t addr, uint64_t value);
void set_pmp(struct machine *, unsigned entry, uint8_t cfg, uint64_t addr); /* addr: pmpaddr */
void set_pma(struct machine *, unsigned entry, uint8_t cfg, uint64_t addr);
void set_state(struct machine *, unsigned state); /* ADUE, PBMTE */
void fence(struct machine *, uint8_t op, bool rs1, bool rs2, vaddr_t va, uint16_t asid);
void fence_all(struct machine *);

/* ---- Page tables: `space` has one table a level. A path of pointers to the PTE of `level` */
ppn_t table_of(unsigned space, unsigned level);
paddr_t pte_at(const struct machine *, unsigned space, unsigned level, vaddr_t va);
void map(struct machine *, unsigned space, uint8_t mode, vaddr_t va, unsigned level, pte_t pte);
void enter(struct machine *, uint8_t mode, unsigned space, uint16_t asid);
unsigned levels_of(uint8_t mode);
unsigned level_bits(const struct machine *);

/* ---- Accesses */
void machine_config(struct config *, unsigned build);
void machine_open(struct machine *, const char *tag, unsigned build, uint8_t pins);
void machine_close(struct machine *);
void machine_edge(struct machine *);
void offer(struct machine *, uint8_t id, uint8_t access, uint8_t priv, unsigned state, vaddr_t va,
           unsigned bytes);
struct answer await(struct machine *, uint8_t id, uint8_t access);
/* One alone, of 8 bytes (RV32: 4). */
struct answer do_access(struct machine *, uint8_t access, uint8_t priv, unsigned state, vaddr_t va);
struct answer do_bytes(struct machine *, uint8_t access, uint8_t priv, vaddr_t va, unsigned bytes);
void settle(struct machine *);
void plan_rows(struct machine *);         /* walk.c: all rows of the machine's tag */
void plan_coincidences(struct machine *); /* coincidence.c: what may fall into one cycle */
void plan_lines(struct machine *);        /* lines.c: the same, of the PTE-line buffer */
bool plan_has_rows(const char *tag, bool rv32);
bool plan_run(const char *tag, unsigned *failed); /* all tests of a tag; false: it has none */
#define PLAN_COINCIDENCES "coincidences"          /* a tag that is no item */

/* ---- Expectations: a line for each that fails */
void expect(struct machine *, bool holds, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void expect_cause(struct machine *, struct answer, uint8_t cause, const char *what);
void expect_pa(struct machine *, struct answer, paddr_t pa, const char *what);
void expect_walk(struct machine *, struct answer, unsigned reads, const char *what);
void expect_hit(struct machine *, struct answer, const char *what);
uint8_t page_fault_of(uint8_t access);
uint8_t access_fault_of(uint8_t access);

#endif
