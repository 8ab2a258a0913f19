#include "traffic.h"
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
    struct config c; config_defaults(&c);
    int seeds = argc > 2 ? atoi(argv[2]) : 10; int base = argc > 4 ? atoi(argv[4]) : 1;
    uint64_t cycles = argc > 3 ? strtoull(argv[3],0,0) : 50000;
    for (int s = base; s < base+seeds; s++) {
        char why[256]; struct traffic_result r;
        struct engine *e = engine_open(argv[1], &c, (uint32_t)s, why, sizeof why);
        if (!e) { puts(why); return 1; }
        traffic_run(e, &c, (uint32_t)s, cycles, &r);
        printf("seed %d cycles %lu req %lu hits %lu faults %lu killed %lu fences %lu csr %lu pte %lu ad %lu compared %lu\n", s, r.cycles, r.requests, r.hits, r.faults, r.killed, r.fences, r.csr_writes, r.pte_changes, r.ad_writes, e->compared_cycles);
        const struct mmu_stats *st = e->stats(e);
        if (st) printf("   l2 %lu/%lu pwc %lu %lu %lu %lu walks %lu reads %lu merged %lu holds %lu retries %lu\n", st->l2_hits, st->l2_lookups, st->pwc_hits[0],st->pwc_hits[1],st->pwc_hits[2],st->pwc_hits[3], st->walks, st->pte_reads, st->merged, st->holds, st->retries);
        if (r.failed) { printf("in: dva %lx acc %d priv %d ireq %d va %lx fence %d rs1 %d rs2 %d fva %lx fasid %x csr %d %x %lx\n", e->diff.in.dreq_va_i, e->diff.in.dreq_access_i, e->diff.in.dreq_priv_i, e->diff.in.ireq_valid_i, e->diff.in.ireq_va_i, e->diff.in.fence_valid_i, e->diff.in.fence_rs1_i, e->diff.in.fence_rs2_i, e->diff.in.fence_va_i, e->diff.in.fence_asid_i, e->diff.in.csr_valid_i, e->diff.in.csr_addr_i, e->diff.in.csr_wdata_i); printf("rtl dhit pa %lx cause %d size %d\n", e->diff.out_rtl.dhit_pa_o, e->diff.out_rtl.dhit_cause_o, e->diff.out_rtl.dhit_size_o); printf("FAILED cycle %lu opinion %s: %s\n", r.failed_cycle, r.opinion, r.why); char d[8000]; size_t n = e->dump(e,d,sizeof d); fwrite(d,1,n,stdout); return 1; }
        e->close(e);
    }
    return 0;
}
