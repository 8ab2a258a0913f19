/* SPDX-License-Identifier: Apache-2.0
 *
 * Opinion 3 on VMAs can object: the kernel half is told one mapping, the semantics another, and
 * each difference is found. VMAs that are one here and two there are alike.
 */
#include "os_hart.h"
#include "core/judge.h"
#include "data.h"

enum { FILE_PAGES = 8 };

struct map { /* one mmap; bytes 0: none */
    uint64_t page, pages, prot, flags;
    uint32_t file;
    uint64_t offset;
};

static struct map anon(uint64_t page, uint64_t pages, uint64_t prot) {
    return (struct map){.page = page, .pages = pages, .prot = prot, .flags = ANON};
}

static struct os_call call_of(const struct map *m) {
    return (struct os_call){.nr = CALL_MMAP,
                            .pid = 1,
                            .file = m->file,
                            .arg = {AT + m->page * PAGE, m->pages * PAGE, m->prot,
                                    m->flags | MAP_F_FIXED, m->offset * PAGE}};
}

/* NULL: alike; else a part of what must be said. */
static void judged(const struct map half[2], const struct map data[2], const char *why) {
    struct world *w = world_new(MODE_SV39, true, true, 16);
    struct judge j = {.data = data_new(&w->cfg)};
    struct os_call exec = {.nr = CALL_EXEC, .pid = 1};
    struct os_call file = {.nr = CALL_FILE, .file = 1, .arg = {FILE_PAGES * PAGE}};
    assert_true(data_call(j.data, &file) && data_call(j.data, &exec));
    FILE_OF(1, FILE_PAGES * PAGE);
    EXEC(1);
    for (int i = 0; i < 2; i++) {
        struct os_call a = call_of(&half[i]), b = call_of(&data[i]);
        assert_true(!half[i].pages || os_call(w->os, &a));
        assert_true(!data[i].pages || data_call(j.data, &b));
        perform(w);
    }
    bool alike = judge_vmas(&j, w->os, 1);
    if (alike != !why || (why && !strstr(j.why, why)))
        fail_msg("want %s, got %s", why ? why : "alike", alike ? "alike" : j.why);
    data_delete(j.data);
    EXIT(1);
    world_end(w);
}

static void test_vmas(void **state) {
    const struct map rw = anon(0, 4, 3), file = {0, 4, 1, SHARED, 1, 2};
    (void)state;
    struct map a[2] = {rw, file}, b[2] = {rw, file};
    judged(a, b, NULL);
    a[0] = anon(0, 2, 3), a[1] = anon(2, 2, 3);
    b[0] = rw, b[1] = (struct map){0};
    judged(a, b, NULL);
    a[1].pages = 1;
    judged(a, b, "has nothing mapped from 0x10003000 on; must be 0x10003000-0x10004000 rw-p");
    judged(b, a, "has 0x10003000-0x10004000 rw-p mapped from 0x10003000 on; must be nothing");
    a[1] = anon(2, 2, 1);
    judged(a, b, "has 0x10002000-0x10004000 r--p");
    a[0] = rw, a[1] = (struct map){0};
    b[0].flags = SHARED | MAP_F_ANON;
    judged(a, b, "must be 0x10000000-0x10004000 rw-s of shared memory");
    a[0] = b[0] = file;
    a[0].offset = 3;
    judged(a, b, "of file 1 from byte 0x3000 mapped");
    a[0] = file, a[0].flags = PRIV;
    judged(a, b, "has 0x10000000-0x10004000 r--p of file 1");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vmas)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
