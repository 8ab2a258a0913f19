/* SPDX-License-Identifier: Apache-2.0
 *
 * The shipped configurations and presets: the files sim/configs/NAME.conf and sim/presets/NAME.conf
 * of the checkout that the program belongs to, by name.
 */
#include "config_file.h"
#include "dut.h"
#include "error.h"
#include "lex.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_configuration(const struct dirent *d) {
    size_t n = strlen(d->d_name);
    return n > 5 && !strcmp(d->d_name + n - 5, ".conf");
}

char **config_names(const char *folder) {
    char path[4096];
    struct dirent **files;
    const char *root = dut_root();
    snprintf(path, sizeof path, "%s/sim/%s", root ? root : ".", folder);
    int count = scandir(path, &files, is_configuration, alphasort);
    if (count < 0) return NULL;
    char **names = calloc((size_t)count + 1, sizeof *names);
    if (!names) internal_error("out of memory");
    for (int i = 0; i < count; i++) {
        names[i] = strndup(files[i]->d_name, strlen(files[i]->d_name) - 5);
        if (!names[i]) internal_error("out of memory");
        free(files[i]);
    }
    free(files);
    return names;
}

char **config_shipped(void) {
    return config_names("configs");
}

bool config_is_shipped(const char *name, char *near, size_t bytes) {
    char **names = config_shipped();
    bool found = !names;
    if (names) {
        const char *word = nearest_word(name, strlen(name), (const char *const *)names);
        snprintf(near, bytes, "%s", word ? word : "`pagewalk config --list` names them");
    }
    for (char **n = names; n && *n; n++) {
        found |= !strcmp(*n, name);
        free(*n);
    }
    free(names);
    return found;
}
