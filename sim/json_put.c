/* SPDX-License-Identifier: Apache-2.0 */
#include "json_put.h"
#include "error.h"

void json_put(json_t *object, const char *key, json_t *value) {
    if (json_object_set_new(object, key, value)) internal_error("no memory for --json");
}

void json_put_count(json_t *object, const char *key, uint64_t count) {
    json_put(object, key, json_integer((json_int_t)count));
}

void json_push(json_t *array, json_t *value) {
    if (json_array_append_new(array, value)) internal_error("no memory for --json");
}
