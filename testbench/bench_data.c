/* SPDX-License-Identifier: Apache-2.0
 *
 * What opinion 3 costs a replay that runs with --check: nanoseconds of CPU time for the verdict on
 * an access and the bytes of its load or store, eight bytes each, loads and stores in turn. The
 * host's own cache and TLB misses on 64 MiB of pages are in the figure.
 */
#include "data.h"
#include "token.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BASE 0x10000000ull
enum { ACCESSES = 4000000, PAGES = 16384 };
static const uint64_t area_bytes = (uint64_t)PAGES * PAGE_BYTES;

static uint64_t four_pages(uint64_t i) {
    return i % 4 * PAGE_BYTES + i % 512 * 8;
}
static uint64_t in_order(uint64_t i) {
    return i * 32;
}
static uint64_t at_random(uint64_t i) {
    return token_mix(i) & ~7ull;
}

static double nanoseconds(struct data *d, uint64_t (*place)(uint64_t)) {
    uint8_t bytes[8] = {0}, code;
    clock_t start = clock();
    for (uint64_t i = 0; i < ACCESSES; i++) {
        vaddr_t va = BASE + place(i) % area_bytes;
        bool store = i / 4 & 1;
        if (data_verdict(d, 1, store ? ACCESS_STORE : ACCESS_LOAD, va, 8, &code)) abort();
        if (store)
            data_store(d, 1, va, bytes, 8);
        else
            data_load(d, 1, va, bytes, 8);
    }
    return (double)(clock() - start) * 1e9 / CLOCKS_PER_SEC / ACCESSES;
}

int main(void) {
    const struct config config = {.os_mode = MODE_SV39};
    struct data *d = data_new(&config);
    const uint64_t flags = MAP_F_PRIVATE | MAP_F_ANON;
    const struct os_call calls[] = {
        {.nr = CALL_EXEC, .pid = 1},
        {.nr = CALL_MMAP, .pid = 1, .arg = {BASE, area_bytes, PROT_R | PROT_W, flags}}};
    if (!data_call(d, &calls[0]) || !data_call(d, &calls[1])) abort();
    printf("four pages in turn            %6.1f ns\n", nanoseconds(d, four_pages));
    printf("64 MiB in order, first touch  %6.1f ns\n", nanoseconds(d, in_order));
    printf("64 MiB in order, again        %6.1f ns\n", nanoseconds(d, in_order));
    printf("64 MiB at random              %6.1f ns\n", nanoseconds(d, at_random));
    data_delete(d);
    return 0;
}
