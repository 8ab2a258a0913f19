/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens a trace and hands it to the reader of its form. The form is read from the content, never
 * from the name; a name that begins with `gen:`, `traffic:` or `translate:` is a generator's, and
 * there is no file.
 */
#include "trace_private.h"
#include "config.h"
#include "error.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void trace_unreadable(const char *path) {
    const char *remedy = errno == ENOENT   ? "check the name; the shipped traces are in traces/"
                         : errno == EACCES ? "give yourself the right to read it"
                                           : "check the disk and the path";
    input_error(path, 0, 0, remedy, "cannot be read: %s", strerror(errno));
}

static FILE *open_file(const char *path) {
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* a pipe must not wait for a writer */
    struct stat st;
    if (fd < 0 || fstat(fd, &st)) trace_unreadable(path);
    if (S_ISDIR(st.st_mode)) {
        input_error(path, 0, 0, "name the files in it, for example with *.trace",
                    "this is a directory, not a trace");
    }
    if (!S_ISREG(st.st_mode)) { /* a replay reads it twice, and so does the check of a .pwt */
        input_error(path, 0, 0, "write it to a file first",
                    "a trace must be a regular file, not a pipe or a device");
    }
    FILE *file = fdopen(fd, "rb");
    if (!file) trace_unreadable(path);
    return file;
}

/* Bytes that a text trace may begin with; a damaged .pwt keeps some that it may not. */
static bool looks_like_text(const uint8_t *s, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if ((s[i] < 32 || s[i] > 126) && (s[i] < 9 || s[i] > 13)) return false;
    }
    return true;
}

bool trace_is_generator(const char *path) {
    return !strncmp(path, TRACE_GENERATOR, strlen(TRACE_GENERATOR)) || trace_makes_pins(path);
}

struct trace *trace_open(const char *path) {
    struct config plain;
    config_defaults(&plain);
    return trace_open_for(path, &plain);
}

struct trace *trace_open_for(const char *path, const struct config *config) {
    uint8_t first[16];
    if (trace_makes_pins(path)) return trace_pins_open(path, config);
    if (trace_is_generator(path)) return trace_generator_open(path);
    FILE *file = open_file(path);
    size_t n = fread(first, 1, sizeof first, file);
    if (ferror(file)) trace_unreadable(path);
    if (!n) {
        input_error(path, 0, 0,
                    "record or copy it again; a text trace begins with `" TRACE_TEXT_MAGIC " 1`",
                    "the file is empty");
    }
    bool binary = trace_is_binary(first, n);
    if (!binary && !looks_like_text(first, n)) {
        record_error(path, 0, 0, "copy it again, or make one with `pagewalk record` or `import`",
                     "this is no trace: it begins neither as a .pwt file nor with "
                     "`" TRACE_TEXT_MAGIC "`");
    }
    rewind(file);
    return binary ? trace_binary_open(path, file) : trace_text_open(path, file);
}

bool trace_next(struct trace *t, struct trace_record *r) {
    t->racing += t->last;
    bool more = t->next(t, r);
    t->last = more && r->kind == TRACE_ACCESS && r->racing;
    return more;
}

uint64_t trace_racing(const struct trace *t) {
    return t->racing;
}

const struct trace_header *trace_get_header(const struct trace *t) {
    return &t->header;
}

const char *trace_path(const struct trace *t) {
    return t->path;
}

long trace_position(const struct trace *t) {
    return t->file ? (long)lseek(fileno(t->file), 0, SEEK_CUR) : 0;
}

void trace_forked(struct trace *t, long position) {
    char path[64];
    if (!t->file) return;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fileno(t->file));
    int own = open(path, O_RDONLY | O_CLOEXEC);
    if (own < 0 || lseek(own, position, SEEK_SET) < 0 || dup2(own, fileno(t->file)) < 0)
        trace_unreadable(t->path);
    close(own);
}

void trace_close(struct trace *t) {
    if (t->file) fclose(t->file);
    free(t->path);
    trace_check_free(&t->check);
    t->close(t); /* frees the reader, which begins with t */
}
