/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside opinion 3 (data.h): bytes, the things that hold bytes, and who sees them where.
 *
 *   page      4096 bytes with a count of owners; two owners or more: whoever writes first takes a
 * copy pages     index -> page, sparse, in order of index object    what several mappings can
 * share: a file, or shared anonymous memory mapping   a range of one address space, its
 * permissions, and its object if it has one space     one process: its mappings in order, and the
 * pages that are its own alone
 *
 * A byte of a mapping is looked for in this order: the process's own page (private mappings only),
 * the object's page, zero. That order is all there is to copy-on-write, sharing and demand paging
 * once frames and tables are left out.
 *
 * data_pages.c (page, pages, object) < data_store.c (a store that is full) < data_space.c (mapping,
 * space) < data_call.c (calls) < data.c (accesses).
 */
#ifndef PW_DATA_INTERNAL_H
#define PW_DATA_INTERNAL_H
#include "data.h"

struct page {
    uint32_t refs;
    bool dirty;      /* page of a file: written since it was last copied to disk */
    bool placed;     /* page of a file: its store has given it a place */
    bool lost;       /* page of a file: not written back; it may become what is on the disk */
    bool lazy;       /* MADV_FREE, and not written since: it may become zeros */
    uint8_t *byte;   /* apart, so that counts stay together in the host's caches */
    uint8_t **other; /* what else it may hold (data_choice.c) */
    size_t others;
};

enum { PAGES_RUN = 512 };
struct pages_run {
    uint32_t used;
    struct page *page[PAGES_RUN];
};
struct pages {
    struct pages_key {
        uint64_t key; /* index / PAGES_RUN */
        struct pages_run *run;
    } * at;
    size_t count, room;
};

struct object {
    uint32_t file;  /* 0: shared anonymous memory */
    uint8_t store;  /* enum store */
    bool shmem;     /* there is no disk; zeros to begin with */
    bool device;    /* there is no disk */
    bool special;   /* the kernel's own: mapped and unmapped whole, no store that could be full */
    uint8_t broken; /* I/O errors: 1 of reads, 2 of writes */
    uint32_t refs;  /* mappings, and one for the table of files */
    uint64_t bytes;
    uint64_t born; /* offsets below still have the file's first bytes unless a page says otherwise;
                      above: zero */
    struct pages cache, disk;
    uint64_t placed, declared; /* places on its store: now, and when it was declared */
};

struct mapping {
    vpn_t start, end;
    uint64_t offset; /* page of the object at `start` */
    struct object *object;
    uint8_t prot;
    bool shared, grows;
    bool stays, wiped; /* at fork: the child has no such mapping; has it, but empty */
    bool held;         /* mlock without MLOCK_ONFAULT: what it gets is brought in at once */
};

/* What the last access to a page found; valid while `epoch` is that of struct data. */
struct glance {
    uint64_t vpn : 52, allowed : 8; /* bit a of `allowed`: access kind a may succeed */
    uint64_t epoch;
    const uint8_t *read; /* NULL: not looked up yet */
    uint8_t *write;      /* NULL: not looked up, or not this process's alone to write */
};

enum { GLANCES = 1024 };
struct space {
    uint32_t users;      /* tasks that run on it */
    struct mapping *map; /* ordered, never overlapping */
    size_t count, room;
    struct pages own;
    bool has_heap;
    bool locks; /* mlockall: what is mapped from now on is brought in at once */
    vpn_t heap_start, heap_end;
    struct glance glance[GLANCES];
};

struct task {
    uint32_t pid, group;
    struct space *space;
};

struct data {
    struct config config;
    vpn_t task_end; /* first page that no process may map */
    uint64_t epoch; /* steps whenever a glance may have become wrong */
    struct space **space;
    size_t spaces, spaces_room;
    struct task *task;
    size_t tasks, tasks_room;
    struct space *last; /* of last_pid, the task that was looked for last */
    uint32_t last_pid;
    struct object **file; /* in order of id */
    size_t files, files_room;
    char error[160];
};

/* False, with a sentence for data_error. */
bool data_refuse(struct data *, const char *sentence, ...) __attribute__((format(printf, 2, 3)));

/* ---- data_pages.c ---------------------------------------------------------------------------- */

/* An array with room for one element more than `count`; memory that is used up ends the program. */
void *data_grow(void *array, size_t count, size_t *room, size_t element_bytes);
void *data_alloc(size_t bytes); /* zeroed */

struct page *data_page_new(const uint8_t *bytes); /* NULL: zero */
void data_page_drop(struct page *);

struct page *data_pages_get(const struct pages *, uint64_t index); /* NULL: none */
struct page **data_pages_slot(struct pages *, uint64_t index);     /* the caller fills it */
struct page *data_pages_take(struct pages *, uint64_t index);      /* out of the set */
/* First page at *index or above and below `end`; *index becomes its index. NULL: none. */
struct page *data_pages_next(const struct pages *, uint64_t *index, uint64_t end);
void data_pages_drop(struct pages *, uint64_t first, uint64_t end);
void data_pages_share(struct pages *to, const struct pages *from); /* `to` is empty */
void data_pages_free(struct pages *);

struct object *data_object_new(uint32_t file, uint64_t bytes, enum store);
void data_object_drop(struct object *);
uint64_t data_object_pages(const struct object *); /* pages that hold a byte below the end */
struct page *data_object_page(struct object *, uint64_t index);
void data_object_resize(struct object *, uint64_t bytes, bool written);     /* or truncated */
void data_object_sync(struct object *, uint64_t first, uint64_t end);       /* cache -> disk */
struct page *data_object_disk_first(const struct object *, uint64_t index); /* as it was declared */
struct object *data_file(const struct data *, uint32_t file);               /* NULL: not declared */
void data_file_add(struct data *, struct object *);

/* ---- data_store.c ---------------------------------------------------------------------------- */

bool data_store_bounded(const struct data *, const struct object *);
/* The page has a place on its store from now on; false: the store is full. */
bool data_store_place(struct data *, struct object *, uint64_t index);
void data_store_leave(struct object *, uint64_t first, uint64_t end); /* the pages go */
void data_store_lost(struct object *, struct page *, uint64_t index); /* not written to the disk */
/* Does an access need one? What is not written to takes none on a disk. */
bool data_store_needs(const struct data *, const struct space *, const struct mapping *, vpn_t,
                      bool write);

/* ---- data_special.c: false: it is refused -------------------------------------------------- */

bool data_special_fits(struct data *, const struct mapping *);
bool data_special_whole(struct data *, const struct space *, vpn_t first, vpn_t end);
/* mprotect: whole, and not what it may never be. */
bool data_special_may(struct data *, const struct space *, vpn_t first, vpn_t end, uint8_t prot);

/* ---- data_task.c ----------------------------------------------------------------------------- */

struct space *data_space(struct data *, uint32_t pid);   /* NULL: not alive */
bool data_task_taken(const struct data *, uint32_t pid); /* lives, or its group does */
uint32_t data_task_group(const struct data *, uint32_t pid);
void data_task_new(struct data *, uint32_t pid, uint32_t group, struct space *);
void data_task_end(struct data *, uint32_t pid); /* the space ends with its last user */
void data_group_end(struct data *, uint32_t group);

/* ---- data_choice.c --------------------------------------------------------------------------- */

void data_page_may(struct page *, const uint8_t *bytes); /* may hold this, too; NULL: zeros */
void data_page_sure(struct page *);                      /* holds `byte` */
struct page *data_page_copy(const struct page *);        /* what it may hold; not lazy */
void data_page_write(struct page *, size_t at, const uint8_t *in, size_t bytes);
void data_page_seen(struct page **slot, size_t at, const uint8_t *got, size_t bytes);
void data_space_lazy(struct space *, vpn_t first, vpn_t end);
void data_object_aged(struct object *);
void data_object_punch(struct object *, uint64_t first, uint64_t end);

/* ---- data_space.c ---------------------------------------------------------------------------- */

struct space *data_space_new(struct data *); /* empty, nobody's */
void data_space_delete(struct data *, struct space *);
void data_space_fork(struct space *child, const struct space *parent);

/* Index of the first mapping that ends above vpn; space->count if there is none. */
size_t data_space_find(const struct space *, vpn_t);
/* The mapping that holds vpn, or NULL. */
struct mapping *data_space_at(const struct space *, vpn_t);
bool data_space_covered(const struct space *, vpn_t first, vpn_t end);
bool data_space_empty(const struct space *, vpn_t first, vpn_t end);

/* The range is empty; the space takes over the reference to the object. */
void data_space_map(struct space *, const struct mapping *);
void data_space_unmap(struct space *, vpn_t first, vpn_t end);
void data_space_protect(struct space *, vpn_t first, vpn_t end, uint8_t prot);
enum data_flag { DATA_STAYS, DATA_WIPED, DATA_HELD };
void data_space_flag(struct space *, vpn_t first, vpn_t end, enum data_flag, bool on);
void data_space_move(struct space *, vpn_t first, vpn_t end, vpn_t to); /* `to` is empty */
/* The mapping that ends at `end` reaches to `to`; what lies between is empty. */
void data_space_extend(struct space *, vpn_t end, vpn_t to);
/* Takes now what accesses would take: private pages of writable private file mappings, places on a
 * store that may be full. As MAP_POPULATE does, MADV_POPULATE_READ, MADV_POPULATE_WRITE. */
enum data_populate { DATA_POPULATE_MAP, DATA_POPULATE_READ, DATA_POPULATE_WRITE };
void data_space_populate(struct data *, struct space *, vpn_t first, vpn_t end, enum data_populate);
/* The process's own page of a private mapping, made now if need be, and no other's. */
struct page *data_space_own(struct space *, const struct mapping *, vpn_t);

#endif
