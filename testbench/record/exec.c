/* SPDX-License-Identifier: Apache-2.0
 *
 * With a number, stores that many bytes into a shared mapping of a file and ends with status 3.
 * Without, starts itself with numbers: by fork and execv, by posix_spawn, by a script after vfork,
 * and at last from a second thread. An execve that fails stands between.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static char self[] = "./exec";

static int store(int bytes) {
    int fd = open("exec.data", O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || ftruncate(fd, 4096) != 0) return 1;
    volatile char *file = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    for (int i = 0; i < bytes; i++) file[i] = 1;
    return getenv("LD_FOR_GUEST") ? 3 : 1;
}

static void must(int status) {
    int ended;
    if (wait(&ended) < 0 || !WIFEXITED(ended) || WEXITSTATUS(ended) != status) exit(1);
}

static void *last(void *none) {
    char *argv[] = {self, "400", 0};
    execv(self, argv);
    return none;
}

int main(int argc, char **argv) {
    static const char script[] = "#! ./exec 300 \nnever read\n";
    char *spawned[] = {self, "200", 0};
    pthread_t thread;
    pid_t pid;
    if (argc > 2 && strcmp(argv[2], "./exec.script") != 0) return 1;
    if (argc > 1) return store(atoi(argv[1]));
    int fd = open("exec.script", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
    if (fd < 0 || write(fd, script, sizeof script - 1) < 0 || close(fd) != 0) return 1;
    setenv("LD_FOR_GUEST", "1", 1);
    if (fork() == 0) exit(execl("/proc/self/exe", self, "100", (char *)0));
    must(3);
    if (posix_spawn(&pid, self, 0, 0, spawned, environ) != 0) return 1;
    must(3);
    if (vfork() == 0) {
        execl("./exec.script", "forgotten", (char *)0);
        _exit(1);
    }
    must(3);
    if (vfork() == 0) _exit(execl("./no such program", self, (char *)0) == -1 ? 4 : 1);
    must(4);
    if (pthread_create(&thread, 0, last, 0) != 0) return 1;
    pthread_join(thread, 0);
    return 1;
}
