/* SPDX-License-Identifier: Apache-2.0
 *
 * Which pages of a file a fault or a read(2) brings into the page cache: windows and markers, by
 * hand from mm/readahead.c. A page that is there costs no read; that is how it is asked for.
 */
#include "os_hart.h"

enum { PAGES = 1024 };

static struct world *file_world(void **state, uint32_t ra_pages) {
    struct config cfg;
    config_defaults(&cfg);
    cfg.mem_mib = 64;
    cfg.os_ra_pages = ra_pages;
    struct world *w = world_of(&cfg);
    *state = w;
    EXEC(1);
    FILE_OF(1, PAGES * PAGE);
    MMAP_FILE(1, AT, PAGES * PAGE, RW, SHARED, 1, 0);
    return w;
}

static void end(struct world *w) {
    EXIT(1);
    world_end(w);
}

/* Frames in use grow by the pages that the access brought in: its page table is there. */
static void store_reads(struct world *w, uint64_t page, uint64_t pages, bool major) {
    uint64_t before = os_frames_used(w->os);
    assert_true(touch(w, 1, ACCESS_STORE, AT + page * PAGE));
    assert_int_equal(w->last.major, major);
    assert_int_equal(os_frames_used(w->os) - before, pages);
}

static void test_around(void **state) {
    struct world *w = file_world(state, 32);
    touch(w, 1, ACCESS_LOAD, AT + 1000 * PAGE); /* 984 to 1015 */
    store_reads(w, 983, 17, true);              /* 967 to 998; 984 and on are there */
    end(w);
}

/* Windows meet what is there; a mark that is not the last window's begins where the pages end, and
 * windows behind a mark end on a boundary of their order. */
static void test_overlap(void **state) {
    struct world *w = file_world(state, 16);
    touch(w, 1, ACCESS_LOAD, AT);
    store_reads(w, 100, 16, true); /* 92 to 107 */
    store_reads(w, 91, 9, true);   /* 83 to 98: 92 and on are there */
    store_reads(w, 92, 0, false);
    store_reads(w, 104, 16, false); /* 108 to 123, in folios of 4, the first one marked */
    store_reads(w, 110, 4, false);  /* 124 to 127 */
    end(w);
}

/* The 101st miss that no hit makes up for reads one page. */
static void test_stops(void **state) {
    struct world *w = file_world(state, 4);
    touch(w, 1, ACCESS_LOAD, AT);
    touch(w, 1, ACCESS_LOAD, AT + 1020 * PAGE);
    for (unsigned i = 1; i <= 100; i++) store_reads(w, i * 8, 4, true);
    store_reads(w, 101 * 8, 1, true);
    store_reads(w, 102 * 8, 1, true);
    touch(w, 1, ACCESS_LOAD, AT + 9 * PAGE); /* fault-around finds pages: hits */
    store_reads(w, 103 * 8, 4, true);
    end(w);
}

static uint64_t read_at(struct world *w, uint64_t page, uint64_t pages) {
    static uint8_t buffer[64 * PAGE];
    uint64_t cost, before = os_frames_used(w->os), end = (page + pages) * PAGE;
    assert_int_equal(os_file_read(w->os, 1, page * PAGE, buffer, pages * PAGE, end, &cost),
                     pages * PAGE);
    os_file_read_done(w->os, 1, end);
    return os_frames_used(w->os) - before;
}

static void test_read(void **state) {
    struct world *w = file_world(state, 32);
    assert_int_equal(read_at(w, 0, 1), 4); /* 0 to 3; the mark is 1 */
    assert_int_equal(read_at(w, 1, 1), 8); /* 4 to 11, twice four, in folios of 4; the mark is 4 */
    assert_int_equal(read_at(w, 2, 2), 0);
    assert_int_equal(read_at(w, 4, 1), 4);     /* 12 to 15: 16 pages, cut at a boundary of 16 */
    assert_int_equal(read_at(w, 5, 12), 16);   /* at 12: 16 to 23; at 16: 24 to 31 */
    assert_int_equal(read_at(w, 17, 10), 16);  /* at 24: 32 to 47 */
    assert_int_equal(read_at(w, 500, 3), 3);   /* alone */
    assert_int_equal(read_at(w, 503, 1), 4);   /* goes on */
    assert_int_equal(read_at(w, 700, 50), 50); /* larger than the window: as it is */
    end(w);
}

/* Each store has its own time and its own window. */
static void test_stores(void **state) {
    static const uint8_t store[] = {STORE_DISK, STORE_FLASH, STORE_NFS, STORE_RAM, STORE_TMPFS};
    struct config cfg;
    config_defaults(&cfg);
    cfg.os_ra_pages = 4;
    cfg.os_flash_ra = 8;
    cfg.os_nfs_ra = 16;
    cfg.os_ram_ra = 2;
    const uint64_t pages[] = {4, 8, 16, 2, 1};
    const uint64_t read[] = {cfg.os_cost_major, cfg.os_flash_read, cfg.os_nfs_read, cfg.os_ram_read,
                             0};
    const uint64_t write[] = {cfg.os_disk_write, cfg.os_flash_write, cfg.os_nfs_write,
                              cfg.os_ram_write, 0};
    cfg.mem_mib = 64;
    struct world *w = world_of(&cfg);
    *state = w;
    EXEC(1);
    for (uint32_t i = 0; i < 5; i++) {
        vaddr_t va = AT + i * PAGES * PAGE;
        ok(w, CALL_FILE, 0, i + 1, PAGES * PAGE, store[i], 0, 0, 0);
        MMAP_FILE(1, va, PAGES * PAGE, RW, SHARED, i + 1, 0);
        MMAP(1, va + PAGES * PAGE - PAGE, PAGE, RW, ANON);
        touch(w, 1, ACCESS_STORE, va + PAGES * PAGE - PAGE); /* the table */
        touch(w, 1, ACCESS_STORE, va + 500 * PAGE);
        assert_int_equal(w->last.cost, w->cfg.os_cost_minor + read[i]);
        uint64_t before = os_frames_used(w->os), cycles = os_get_stats(w->os)->os_cycles;
        touch(w, 1, ACCESS_STORE, va + 400 * PAGE);
        assert_int_equal(os_frames_used(w->os) - before, pages[i]);
        cycles += w->last.cost;
        assert_int_equal(os_get_stats(w->os)->os_cycles, cycles);
        ok(w, CALL_MSYNC, 1, 0, va, PAGES * PAGE, 0, 0, 0);
        assert_int_equal(os_get_stats(w->os)->os_cycles, cycles + 2 * write[i]);
    }
    end(w);
}

static void test_none(void **state) {
    struct world *w = file_world(state, 0);
    touch(w, 1, ACCESS_LOAD, AT);
    store_reads(w, 3, 1, true);
    assert_int_equal(read_at(w, 10, 5), 5);
    end(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_around), cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_stops),  cmocka_unit_test(test_read),
        cmocka_unit_test(test_none),   cmocka_unit_test(test_stores),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
