/* SPDX-License-Identifier: Apache-2.0
 *
 * What a system call of riscv64 Linux reads and writes in user memory, as data: the plugin makes
 * kernel loads and stores of it. Calls that change the address space or move file bytes are code,
 * in syscalls.c.
 */
#ifndef PW_RECORD_TABLE_H
#define PW_RECORD_TABLE_H
#include <stdint.h>

enum operand_kind {
    OPERAND_NONE,
    OPERAND_IN,     /* the kernel reads `size` bytes at argument `arg` */
    OPERAND_OUT,    /* it writes them, if the call succeeded */
    OPERAND_KEY,    /* a futex that may be shared is there: its page is found (get_futex_key) */
    OPERAND_STRING, /* it reads a string */
    OPERAND_FILE    /* the file behind descriptor `arg` may have a new size */
};
enum {
    TIMES_ONE = 8,
    TIMES_RET = 9
}; /* `times`: below 6, the size is that often: the value of that argument */

struct operand {
    uint8_t kind, arg, times;
    uint16_t size;
};

struct syscall_row {
    uint16_t nr;
    struct operand operand[5];
};

/* NULL: not known. `command` is the second argument, which tells ioctls and fcntls apart. */
const struct syscall_row *syscall_find(int64_t nr, uint64_t command);

#endif
