/* SPDX-License-Identifier: Apache-2.0
 *
 * random SEED RECORDS >TRACE   A random trace, for runner and kernel half alike.
 */
#include "error.h"
#include "random_trace.h"
#include <stdlib.h>

int main(int argc, char **argv) {
    if (argc != 3) usage_error("random SEED RECORDS", "two numbers are needed");
    random_trace(stdout, (uint32_t)strtoul(argv[1], NULL, 0), strtoull(argv[2], NULL, 0));
    return 0;
}
