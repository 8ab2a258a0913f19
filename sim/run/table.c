/* SPDX-License-Identifier: Apache-2.0
 *
 * The table that `run` prints for people. Rates are of the replayed window; a structure nobody
 * looked up shows
 * `-`, not 0. A row whose trace did not pass is red on a terminal, unless NO_COLOR is set.
 */
#include "table.h"
#include "error.h"
#include "term.h"
#include <inttypes.h>
#include <string.h>

void table_head(FILE *out) {
    fprintf(out, "%-24s %11s %11s %6s %6s %6s %9s %6s %8s %11s %10s\n", "trace", "accesses",
            "cycles", "L1I %", "L1D %", "L2 %", "walks", "reads", "faults", "compared",
            "mismatches");
    fprintf(out, "%-24s %11s %11s %6s %6s %6s %9s %6s %8s %11s %10s\n", "", "", "", "hits", "hits",
            "hits", "", "/walk", "", "cycles", "");
}

static const char *percent(const struct replay_tlb *t, char out[16]) {
    if (t->lookups == 0) return "-";
    snprintf(out, 16, "%.2f", 100.0 * (double)t->hits / (double)t->lookups);
    return out;
}

const char *table_faults(const struct replay_result *r, char *out, size_t bytes) {
    size_t at = 0;
    snprintf(out, bytes, "none");
#define KIND(name)                                                                                 \
    if (r->os.name && at < bytes)                                                                  \
    at += (size_t)snprintf(out + at, bytes - at, "%s%" PRIu64 " " #name, at ? ", " : "", r->os.name)
    KIND(zero_page);
    KIND(anon_alloc);
    KIND(thp_zero);
    KIND(thp_alloc);
    KIND(file_map);
    KIND(shmem_alloc);
    KIND(cow_file);
    KIND(cow_copy);
    KIND(cow_reuse);
    KIND(mkwrite);
    KIND(swap_in);
    KIND(migration);
    KIND(ad_update);
    KIND(spurious);
    KIND(sigsegv);
    KIND(sigbus);
#undef KIND
    return out;
}

void table_row(FILE *out, const char *name, const struct replay_result *r) {
    char l1i[16], l1d[16], l2[16], reads[16] = "-", compared[24] = "-", mismatches[24] = "-",
                                   kinds[512];
    uint64_t faults =
        r->faults_instruction_page + r->faults_load_page + r->faults_store_page + r->faults_access;
    if (r->walks) snprintf(reads, sizeof reads, "%.2f", (double)r->pte_reads / (double)r->walks);
    if (r->compared_cycles) snprintf(compared, sizeof compared, "%" PRIu64, r->compared_cycles);
    if (r->checked) snprintf(mismatches, sizeof mismatches, "%" PRIu64, r->mismatches);
    bool red = r->exit_code != 0 && term_color(out);
    size_t n = strlen(name);
    /* the end of a file's name tells it apart, the beginning of a generator's says what it is */
    const char *shown = n > 24 && strncmp(name, "gen:", 4) ? name + n - 24 : name;
    fprintf(out,
            "%s%-24.24s %11" PRIu64 " %11" PRIu64 " %6s %6s %6s %9" PRIu64 " %6s %8" PRIu64
            " %11s %10s%s%s\n",
            red ? TERM_RED : "", shown, r->accesses, r->cycles, percent(&r->l1i, l1i),
            percent(&r->l1d, l1d), percent(&r->l2, l2), r->walks, reads, faults, compared,
            mismatches, r->exit_code == EXIT_INTERRUPTED ? "  interrupted" : "",
            red ? TERM_PLAIN : "");
    fprintf(out, "    faults: %s", table_faults(r, kinds, sizeof kinds));
    if (r->expectations_skipped)
        fprintf(out, "; %" PRIu64 " expectation%s skipped", r->expectations_skipped,
                r->expectations_skipped > 1 ? "s" : "");
    if (r->racing) fprintf(out, "; %" PRIu64 " racing", r->racing);
    fputc('\n', out);
}

void table_overhead(FILE *out, const struct overhead *v) {
    fputs("    translation overhead:", out);
    for (unsigned deps = 0; deps < DEPS_COUNT; deps++) {
        double ideal = (double)v->ideal_cycles[deps];
        fprintf(out, "%s core.deps = %s ", deps ? "," : "", deps_word(deps));
        if (v->ideal_cycles[deps])
            fprintf(out, "%.2f %%", 100 * ((double)v->cycles[deps] / ideal - 1));
        else
            fputc('-', out);
    }
    fputc('\n', out);
}

void table_add(struct replay_result *sum, const struct replay_result *r) {
#define ADD(field) sum->field += r->field
    ADD(accesses);
    ADD(cycles);
    ADD(walks);
    ADD(pte_reads);
    ADD(mismatches);
    ADD(compared_cycles);
    ADD(faults_instruction_page);
    ADD(faults_load_page);
    ADD(faults_store_page);
    ADD(faults_access);
    ADD(racing);
    ADD(expectations);
    ADD(expectations_skipped);
#define ADD_TLB(tlb) (ADD(tlb.lookups), ADD(tlb.hits), ADD(tlb.misses))
    ADD_TLB(l1i);
    ADD_TLB(l1d);
    ADD_TLB(l2);
    /* struct os_stats is counts and nothing else */
    uint64_t *to = (uint64_t *)&sum->os;
    const uint64_t *from = (const uint64_t *)&r->os;
    for (size_t i = 0; i < sizeof r->os / sizeof *to; i++) to[i] += from[i];
    sum->checked |= r->checked;
    if (r->exit_code > sum->exit_code) sum->exit_code = r->exit_code;
}
