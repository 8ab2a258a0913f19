/* SPDX-License-Identifier: Apache-2.0
 *
 * A program whose pages the kernel finds without a translation (get_user_pages): direct I/O into
 * and from a buffer, and a futex that another process may share. Ends with status 42.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PAGE = 4096 };

int main(void) {
    int fd = open("pages.bin", O_RDWR | O_CREAT | O_TRUNC | O_DIRECT, 0600);
    char *buffer = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int *word = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (fd < 0 || write(fd, buffer, PAGE) != PAGE) return 1;
    if (pread(fd, buffer + PAGE, PAGE, 0) != PAGE) return 2;
    if (syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0) != 0) return 3;
    if (syscall(SYS_futex, word, FUTEX_WAIT, 1, NULL, NULL, 0) != -1) return 4; /* EAGAIN */
    return 42;
}
