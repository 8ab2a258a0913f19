/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages that are one file and need nothing: a template of sim/web with style, scripts and data put
 * in where it says {{NAME}}. A part is put by the caller's function, from files of the checkout or
 * from what it has.
 */
#ifndef PW_WEB_PAGE_H
#define PW_WEB_PAGE_H
#include <jansson.h>
#include <stdio.h>

typedef void web_part(FILE *, const void *who, const char *name);

/* The checkout that the program belongs to; without one the program ends, exit 3. */
const char *web_root(void);
/* Writes the page whole or not at all; a place that cannot be written is exit 3. */
void web_page(const char *path, const char *template, web_part *, const void *who);
void web_put_file(FILE *, const char *name);    /* of the checkout, as it is */
void web_put_escaped(FILE *, const char *text); /* as text between tags */
void web_put_data(FILE *, json_t *);            /* inside a script element; the object is freed */

#endif
