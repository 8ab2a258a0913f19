/* SPDX-License-Identifier: Apache-2.0
 *
 * The page that a lecturer shows: the object of --json, drawn by sim/web/explain_*.js.
 */
#include "explain.h"
#include "web_page.h"
#include <inttypes.h>
#include <string.h>

struct page {
    const struct explain *x;
    const struct explain_facts *facts;
};

/* What the kernel half did last; NULL: nothing. */
static const char *deed(const struct explain *x) {
    for (size_t i = x->steps; i-- > 0;) {
        const struct os_outcome *o = &x->step[i].kernel.outcome;
        if (x->step[i].kind != EXPLAIN_KERNEL) continue;
        return o->sig ? signal_word(o->sig) : o->efault ? "efault" : kfault_word(o->kind);
    }
    return NULL;
}

static void put_title(FILE *out, const struct explain *x) {
    char title[128];
    const char *did = deed(x);
    snprintf(title, sizeof title, "%s %s of %u byte%s at 0x%" PRIx64 "%s%s",
             x->kernel                 ? "The kernel's"
             : x->access == ACCESS_AMO ? "An"
                                       : "A",
             access_word(x->access), x->bytes, x->bytes == 1 ? "" : "s", x->va, did ? ": " : "",
             did ? did : "");
    web_put_escaped(out, title);
}

static void put_part(FILE *out, const void *who, const char *name) {
    const struct page *p = who;
    if (!strcmp(name, "TITLE")) put_title(out, p->x);
    if (!strcmp(name, "STYLE")) web_put_file(out, "sim/web/explain.css");
    if (!strcmp(name, "DATA")) web_put_data(out, explain_json(p->x, p->facts));
    if (strcmp(name, "SCRIPT")) return;
    web_put_file(out, "sim/web/explain_state.js");
    web_put_file(out, "sim/web/explain_draw.js");
    web_put_file(out, "sim/web/explain.js");
}

void explain_html(const struct explain *x, const struct explain_facts *facts, const char *path) {
    const struct page p = {x, facts};
    web_page(path, "sim/web/explain.html", put_part, &p);
}
