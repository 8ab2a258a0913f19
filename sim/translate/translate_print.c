/* SPDX-License-Identifier: Apache-2.0
 *
 * The answer line, put together by hand in one buffer: printf would cost more than the walk.
 */
#include "translate.h"
#include <string.h>

bool translate_flush(struct translate_out *o) {
    bool done = fwrite(o->text, 1, o->used, o->file) == o->used;
    o->used = 0;
    return done;
}

void translate_say(struct translate_out *o, const char *text, size_t bytes) {
    if (bytes > sizeof o->text - o->used) {
        translate_flush(o); /* the stream remembers an error until the end */
        if (bytes > sizeof o->text) {
            fwrite(text, 1, bytes, o->file);
            return;
        }
    }
    memcpy(o->text + o->used, text, bytes);
    o->used += bytes;
}

#define SAY(o, words) translate_say(o, words, sizeof(words) - 1)

static void say_hex(struct translate_out *o, uint64_t value) {
    char digits[16];
    unsigned n = sizeof digits;
    do digits[--n] = "0123456789abcdef"[value & 15];
    while (value >>= 4);
    translate_say(o, digits + n, sizeof digits - n);
}

static void say_cause(struct translate_out *o, unsigned cause) {
    char digits[2] = {(char)('0' + cause / 10), (char)('0' + cause % 10)};
    translate_say(o, cause < 10 ? digits + 1 : digits, cause < 10 ? 1 : 2);
}

static void say_walk(struct translate_out *o, const struct translate_answer *a) {
    for (unsigned n = 0; n < a->writes; n++) {
        if (n)
            SAY(o, ",");
        else
            SAY(o, " w=");
        say_hex(o, a->write[n].pa);
        SAY(o, ":");
        say_hex(o, a->write[n].now);
    }
    for (unsigned n = 0; n < a->reads && !o->compared; n++) {
        if (n)
            SAY(o, ",");
        else
            SAY(o, " r=");
        say_hex(o, a->read[n]);
    }
}

/* Of a page-crossing access both. */
static void say_types(struct translate_out *o, const struct translate_answer *a) {
    static const char *const words[] = {"pma", "nc", "io", "3"};
    if (!a->pbmt[0] && !(a->parts == 2 && a->pbmt[1])) return;
    SAY(o, " pbmt=");
    translate_say(o, words[a->pbmt[0]], strlen(words[a->pbmt[0]]));
    if (a->parts < 2) return;
    SAY(o, ",");
    translate_say(o, words[a->pbmt[1]], strlen(words[a->pbmt[1]]));
}

void translate_print(struct translate_out *o, const struct translate_answer *a) {
    if (!a->cause) {
        SAY(o, "ok pa=");
        say_hex(o, a->pa[0]);
        if (a->parts == 2) {
            SAY(o, ",");
            say_hex(o, a->pa[1]);
        }
        say_walk(o, a);
        if (o->compared) say_types(o, a);
        return;
    }
    SAY(o, "trap c=");
    say_cause(o, a->cause);
    SAY(o, " tval=");
    say_hex(o, a->tval);
    say_walk(o, a);
    if (a->bus && !o->compared) {
        SAY(o, " bus=");
        say_hex(o, a->bus_pa);
    }
    if (a->parts) {
        SAY(o, " part=");
        say_hex(o, a->pa[0]);
    }
}

bool translate_same(const struct translate_answer *a, const struct translate_answer *b) {
    if (a->cause != b->cause || a->parts != b->parts || a->writes != b->writes) return false;
    if (a->cause && a->tval != b->tval) return false;
    for (unsigned n = 0; n < a->parts; n++)
        if (a->pa[n] != b->pa[n] || a->pbmt[n] != b->pbmt[n]) return false;
    for (unsigned n = 0; n < a->writes; n++)
        if (a->write[n].pa != b->write[n].pa || a->write[n].now != b->write[n].now) return false;
    return true;
}
