/* SPDX-License-Identifier: Apache-2.0
 *
 * The state of the MMU between two clock edges, and what one edge shares between its chapters.
 * Private to mmu.c and ptw.c.
 */
#ifndef PW_MMU_STATE_H
#define PW_MMU_STATE_H
#include "ctx.h"
#include "l1.h"
#include "l2.h"
#include "lines.h"
#include "mmu.h"
#include "perm.h"
#include "pmp.h"
#include "prefetch.h"
#include "pwc.h"

enum { PORT_FETCH = 0, PORT_DATA = 1, SLOTS_MAX = 32, NO_SLOT = -1 };

/* One request that missed L1: miss register, walk context, follower and answer in one
 * (docs/microarchitecture.md). */
struct walk_slot {
    uint8_t state; /* enum slot */
    uint8_t id, access, priv;
    bool sum, mxr, adue, pbmte;
    uint16_t last;  /* bytes minus one */
    bool stale;     /* a fence or satp write has passed: uses no cache, fills no cache, merges with
                       nothing */
    bool fresh;     /* not walked yet: base is the root, the walk caches may be asked */
    bool again;     /* looks up L2 a second time: not counted */
    bool ahead;     /* a prefetch: any page will do that has A set, and nobody is answered */
    bool killed;    /* killed while its read was offered: drains once that is taken */
    bool global;    /* a pointer on the way had G */
    bool line;      /* RD: its read brings a whole line */
    bool single;    /* the bus refused the whole line: it reads its PTE alone */
    uint8_t level;  /* level of the PTE at base */
    uint8_t low;    /* DONE: VPN bits that the leaf does not translate */
    uint8_t span;   /* DONE: log2 of the neighbouring pages that one L1 entry may serve */
    uint8_t source; /* enum source */
    uint8_t cause;  /* DONE: enum cause */
    uint8_t lead;   /* MERGED, LINE: slot of the walk it waits for; SHARE: whose read */
    vaddr_t va;
    ppn_t base;   /* table that holds the PTE to read */
    pte_t pte;    /* last leaf read */
    uint64_t seq; /* age: order of acceptance, data before fetch */
    uint64_t due; /* L2Q, RDQ, DONE: the first cycle in which it may go on */
};

struct ptw {
    uint32_t in[SLOT_COUNT]; /* slots by state */
    uint32_t of_port[2];     /* slots of each port */
    uint32_t ahead;          /* the slot of no port, for prefetch */
    uint8_t slots, walkers;
    bool waits; /* of the knobs for extra cycles one is set */
    bool held;  /* an offered request was not taken: the same one is offered again */
    uint8_t held_slot;
    bool held_line;
    uint64_t seq;
    struct walk_slot slot[SLOTS_MAX];
    uint64_t started[SLOTS_MAX]; /* statistics: cycle of walk_start */
    uint32_t updates;            /* statistics: slots whose last request was an A/D update */
};

/* What leaves on a port's hit channel. */
struct hit {
    bool now; /* there is one */
    uint8_t id;
    paddr_t pa;
    uint8_t cause, size, pbmt;
};

struct mmu {
    uint64_t satp; /* in the layout of RV64, whatever XLEN */
    bool adue, pbmte;
    bool csr_done, fence_done;
    struct ctx ctx;
    struct l1 l1[2];
    struct hit hit[2]; /* L1 latency 1: answered in this cycle */
    struct l2 l2, l2i; /* l2i: of fetches, if the L2 TLB is split */
    bool l2_split;
    struct pwc pwc[PWC_LEVELS]; /* [k-1]: level k */
    struct lines lines;
    struct prefetch prefetch;
    struct ptw ptw;
    struct pmp pmp, pma;
    uint64_t cycle;
    struct mmu_stats stats;
    bool rv32;
    uint8_t pa_bits, asid_bits;
    uint32_t digest;      /* of the configuration: pin config_o */
    bool watched;         /* pins ev_*_state_o are driven */
    struct config config; /* what reset goes back to */
};

/* What is decided from the inputs and the state at the start of the cycle, before anything changes.
 */
struct edge {
    const struct mmu_in *in;
    struct mmu_out *out;
    bool fence_taken, csr_taken; /* accepted in this cycle */
    bool fence;                  /* accepted, and with an effect */
    bool satp_write;             /* accepted, and legal */
    uint64_t satp;               /* satp_write: the value */
    uint16_t fence_asid;
    bool fence_here; /* the fence reaches the address space of satp */
    struct cover cover;
    uint32_t start[SLOT_COUNT]; /* slots by state, at the start of the cycle */
    struct walk_slot q[2];      /* the requests offered, by port */
    bool l1_lookup[2];          /* accepted, and looked up L1 */
    int alloc[2];               /* slot taken by this cycle's miss of each port, or NO_SLOT */
    bool ahead;                 /* a prefetch takes the slot that is for it */
    struct walk_slot q_ahead;   /* its page */
    struct l1_hit l1_hit[2];    /* to be touched after the fill */
    vpn_t l1_hit_vpn[2];
    struct l2_hit l2_hit; /* touched after the fill */
    vpn_t l2_hit_vpn;
    int l2_hit_port;
    unsigned pwc_hit_level; /* 0: none; touched after the fill */
    int pwc_hit_way;
    int line_slot;    /* the slot that a line answers, or NO_SLOT: it fills L2 if no walk does */
    int line_hit_way; /* to be touched after the fill, or -1 */
    bool l2_filled;   /* a walk has this cycle's fill of L2, whether it found a place or not */
    struct l2_fill l2_fill;
    int l2_fill_port;
    uint64_t l2_clear, l2i_clear; /* second cycle of a VA fence */
};

/* The VPN that tags hold: all that a canonical address of any mode has. */
static inline vpn_t va_vpn(vaddr_t va) {
    return va >> PAGE_SHIFT & ((1ull << VPN_BITS) - 1);
}

/* Every slot, the one for prefetch too. */
static inline uint32_t slot_all(const struct ptw *p) {
    return p->of_port[PORT_FETCH] | p->of_port[PORT_DATA] | p->ahead;
}

uint32_t mmu_config_digest(const struct config *);            /* pin config_o */
void mmu_state_digests(const struct mmu *, struct mmu_out *); /* pins ev_*_state_o */

/* No slot in use, no answer still to leave or to be looked at, no fence under way. */
bool mmu_idle(const struct mmu *);

/* The L2 TLB of a port. */
static inline struct l2 *l2_of(struct mmu *m, int port) {
    return m->l2_split && port == PORT_FETCH ? &m->l2i : &m->l2;
}

/* Level of the root table's PTEs. */
static inline unsigned mode_top(uint64_t satp) {
    uint64_t mode = satp >> SATP_MODE_SHIFT;
    return mode == MODE_SV32 ? 1 : mode == MODE_SV39 ? 2 : mode == MODE_SV48 ? 3 : 4;
}

/* VPN bits below the largest page of any mode: 256 TiB, on RV32 4 MiB. */
static inline unsigned largest_low(bool rv32) {
    return rv32 ? SV32_LEVEL_BITS : VPN_BITS - LEVEL_BITS;
}
static inline uint16_t satp_asid(uint64_t satp) {
    return (uint16_t)(satp >> SATP_ASID_SHIFT);
}

void slot_init(struct ptw *, const struct config *);
void slot_respond(struct mmu *, struct edge *); /* answers of finished slots, L1 fills */
void ptw_start(struct mmu *,
               struct edge *); /* a free walker takes the oldest waiting slot; walk caches */
void ptw_compare(struct mmu *, struct edge *); /* L2 compare, merge */
void ptw_answer(struct mmu *, struct edge *);  /* a memory answer: decode, check, A/D, fills */
void ptw_fill_from_line(struct mmu *, struct edge *); /* L2, if no walk fills it */
void ptw_request(struct mmu *, struct edge *);        /* release of a held store, memory request */
void slot_admit(struct mmu *, struct edge *);         /* L2 port */
void slot_kill(struct mmu *, struct edge *);
void slot_mark(struct mmu *, struct edge *); /* fence, satp write */
/* PMP and PMA: on any bytes, and on those of a request at their physical address. */
bool allowed(const struct mmu *, const struct pmp_access *);
bool slot_allowed(const struct mmu *, const struct walk_slot *, paddr_t);
void slot_allocate(struct mmu *, uint32_t slot, const struct walk_slot *);
void slot_prefetch(struct mmu *, struct edge *); /* what came to L1, and what may come next */

#endif
