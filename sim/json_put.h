/* SPDX-License-Identifier: Apache-2.0
 *
 * Into a JSON object or array; the value is the container's from then on. No memory, a value that
 * could not be made among it, is an internal error.
 */
#ifndef PW_JSON_PUT_H
#define PW_JSON_PUT_H
#include <jansson.h>
#include <stdint.h>

void json_put(json_t *object, const char *key, json_t *value);
void json_put_count(json_t *object, const char *key, uint64_t count);
void json_push(json_t *array, json_t *value);

#endif
