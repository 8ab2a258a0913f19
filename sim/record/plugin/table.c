/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of table.h, in the order of the numbers (the generic list of
 * include/uapi/asm-generic/unistd.h, 64-bit). Structures are those of riscv64. A row without
 * operands is a call known to leave user memory alone.
 */
#include "table.h"
#include <stddef.h>

#define IN(arg, size)                                                                              \
    { OPERAND_IN, arg, TIMES_ONE, size }
#define OUT(arg, size)                                                                             \
    { OPERAND_OUT, arg, TIMES_ONE, size }
#define IN_EACH(arg, size, count)                                                                  \
    { OPERAND_IN, arg, count, size }
#define OUT_EACH(arg, size, count)                                                                 \
    { OPERAND_OUT, arg, count, size }
#define OUT_RET(arg)                                                                               \
    { OPERAND_OUT, arg, TIMES_RET, 1 }
#define KEY(arg)                                                                                   \
    { OPERAND_KEY, arg, TIMES_ONE, 4 }
#define STR(arg)                                                                                   \
    { OPERAND_STRING, arg, 0, 0 }
#define SIZE(arg)                                                                                  \
    { OPERAND_FILE, arg, 0, 0 }

#define NOTHING                                                                                    \
    {                                                                                              \
        { OPERAND_NONE, 0, 0, 0 }                                                                  \
    }

enum { TERMIOS = 36, STAT = 128, STATX = 256, STATFS = 120, RUSAGE = 144, FLOCK = 32, SHMID = 112 };

/* clang-format off: a row a line */
static const struct syscall_row rows[] = {
    {17, {OUT_RET(0)}},                                         /* getcwd */
    {19, NOTHING},                                              /* eventfd2 */
    {20, NOTHING},                                              /* epoll_create1 */
    {21, {IN(3, 16)}},                                          /* epoll_ctl */
    {23, NOTHING},                                              /* dup */
    {24, NOTHING},                                              /* dup3 */
    {25, NOTHING},                                              /* fcntl, other commands */
    {32, NOTHING},                                              /* flock */
    {34, {STR(1)}},                                             /* mkdirat */
    {35, {STR(1)}},                                             /* unlinkat */
    {36, {STR(0), STR(2)}},                                     /* symlinkat */
    {37, {STR(1), STR(3)}},                                     /* linkat */
    {38, {STR(1), STR(3)}},                                     /* renameat */
    {43, {STR(0), OUT(1, STATFS)}},                             /* statfs */
    {44, {OUT(1, STATFS)}},                                     /* fstatfs */
    {46, {SIZE(0)}},                                            /* ftruncate */
    {47, {SIZE(0)}},                                            /* fallocate */
    {48, {STR(1)}},                                             /* faccessat */
    {49, {STR(0)}},                                             /* chdir */
    {50, NOTHING},                                              /* fchdir */
    {52, NOTHING},                                              /* fchmod */
    {53, {STR(1)}},                                             /* fchmodat */
    {54, {STR(1)}},                                             /* fchownat */
    {55, NOTHING},                                              /* fchown */
    {57, NOTHING},                                              /* close */
    {59, {OUT(0, 8)}},                                          /* pipe2 */
    {61, {OUT_RET(1)}},                                         /* getdents64 */
    {62, NOTHING},                                              /* lseek */
    {71, {IN(2, 8), OUT(2, 8), SIZE(0)}},                       /* sendfile */
    {73, {IN_EACH(0, 8, 1), IN(2, 16), OUT_EACH(0, 8, 1)}},     /* ppoll */
    {78, {STR(1), OUT_RET(2)}},                                 /* readlinkat */
    {79, {STR(1), OUT(2, STAT)}},                               /* newfstatat */
    {80, {OUT(1, STAT)}},                                       /* fstat */
    {81, NOTHING},                                              /* sync */
    {88, {STR(1), IN(2, 32)}},                                  /* utimensat */
    {98, {IN(0, 4)}},                                           /* futex, other commands */
    {99, NOTHING},                                              /* set_robust_list */
    {101, {IN(0, 16)}},                                         /* nanosleep */
    {103, {IN(1, 32), OUT(2, 32)}},                             /* setitimer */
    {113, {OUT(1, 16)}},                                        /* clock_gettime */
    {114, {OUT(1, 16)}},                                        /* clock_getres */
    {115, {IN(2, 16)}},                                         /* clock_nanosleep */
    {122, {IN_EACH(2, 1, 1)}},                                  /* sched_setaffinity */
    {123, {OUT_RET(2)}},                                        /* sched_getaffinity */
    {124, NOTHING},                                             /* sched_yield */
    {129, NOTHING},                                             /* kill */
    {130, NOTHING},                                             /* tkill */
    {131, NOTHING},                                             /* tgkill */
    {132, {IN(0, 24), OUT(1, 24)}},                             /* sigaltstack */
    {134, {IN(1, 24), OUT(2, 24)}},                             /* rt_sigaction */
    {135, {IN(1, 8), OUT(2, 8)}},                               /* rt_sigprocmask */
    {140, NOTHING},                                             /* setpriority */
    {141, NOTHING},                                             /* getpriority */
    {144, NOTHING},                                             /* setgid */
    {146, NOTHING},                                             /* setuid */
    {153, {OUT(0, 32)}},                                        /* times */
    {154, NOTHING},                                             /* setpgid */
    {155, NOTHING},                                             /* getpgid */
    {156, NOTHING},                                             /* getsid */
    {157, NOTHING},                                             /* setsid */
    {160, {OUT(0, 390)}},                                       /* uname */
    {163, {OUT(1, 16)}},                                        /* getrlimit */
    {164, {IN(1, 16)}},                                         /* setrlimit */
    {165, {OUT(1, RUSAGE)}},                                    /* getrusage */
    {166, NOTHING},                                             /* umask */
    {167, NOTHING},                                             /* prctl */
    {169, {OUT(0, 16), OUT(1, 8)}},                             /* gettimeofday */
    {172, NOTHING},                                             /* getpid */
    {173, NOTHING},                                             /* getppid */
    {174, NOTHING},                                             /* getuid */
    {175, NOTHING},                                             /* geteuid */
    {176, NOTHING},                                             /* getgid */
    {177, NOTHING},                                             /* getegid */
    {178, NOTHING},                                             /* gettid */
    {179, {OUT(0, 112)}},                                       /* sysinfo */
    {194, NOTHING},                                             /* shmget */
    {195, NOTHING},                                             /* shmctl, other commands */
    {198, NOTHING},                                             /* socket */
    {199, {OUT(3, 8)}},                                         /* socketpair */
    {200, {IN_EACH(1, 1, 2)}},                                  /* bind */
    {201, NOTHING},                                             /* listen */
    {203, {IN_EACH(1, 1, 2)}},                                  /* connect */
    {206, {IN_EACH(1, 1, 2), IN_EACH(4, 1, 5)}},                /* sendto */
    {207, {OUT_RET(1)}},                                        /* recvfrom */
    {208, {IN_EACH(3, 1, 4)}},                                  /* setsockopt */
    {210, NOTHING},                                             /* shutdown */
    {223, NOTHING},                                             /* fadvise64 */
    {258, {IN_EACH(0, 16, 1), OUT_EACH(0, 16, 1)}},             /* riscv_hwprobe */
    {260, {OUT(1, 4), OUT(3, RUSAGE)}},                         /* wait4 */
    {261, {IN(2, 16), OUT(3, 16)}},                             /* prlimit64 */
    {276, {STR(1), STR(3)}},                                    /* renameat2 */
    {278, {OUT_RET(0)}},                                        /* getrandom */
    {279, {STR(0)}},                                            /* memfd_create */
    {283, NOTHING},                                             /* membarrier */
    {285, {IN(1, 8), OUT(1, 8), IN(3, 8), OUT(3, 8), SIZE(2)}}, /* copy_file_range */
    {291, {STR(1), OUT(4, STATX)}},                             /* statx */
    {293, NOTHING},                                             /* rseq: qemu refuses it */
    {435, NOTHING},                                             /* clone3: qemu refuses it */
    {436, NOTHING},                                             /* close_range */
    {439, {STR(1)}},                                            /* faccessat2 */
};
/* clang-format on */

/* Calls whose second argument says what the third is. */
static const struct {
    uint32_t command;
    struct syscall_row row;
} commands[] = {
    {5, {25, {IN(2, FLOCK), OUT(2, FLOCK)}}},     /* fcntl F_GETLK */
    {6, {25, {IN(2, FLOCK)}}},                    /* F_SETLK */
    {7, {25, {IN(2, FLOCK)}}},                    /* F_SETLKW */
    {0x5401, {29, {OUT(2, TERMIOS)}}},            /* ioctl TCGETS */
    {0x5402, {29, {IN(2, TERMIOS)}}},             /* TCSETS */
    {0x5403, {29, {IN(2, TERMIOS)}}},             /* TCSETSW */
    {0x540f, {29, {OUT(2, 4)}}},                  /* TIOCGPGRP */
    {0x5413, {29, {OUT(2, 8)}}},                  /* TIOCGWINSZ */
    {0x541b, {29, {OUT(2, 4)}}},                  /* FIONREAD */
    {0, {98, {IN(3, 16), KEY(0), IN(0, 4)}}},     /* futex FUTEX_WAIT */
    {128, {98, {IN(3, 16), IN(0, 4)}}},           /* the same, private */
    {9, {98, {IN(3, 16), KEY(0), IN(0, 4)}}},     /* FUTEX_WAIT_BITSET */
    {137, {98, {IN(3, 16), IN(0, 4)}}},           /* the same, private, */
    {0x109, {98, {IN(3, 16), KEY(0), IN(0, 4)}}}, /* by CLOCK_REALTIME, */
    {0x189, {98, {IN(3, 16), IN(0, 4)}}},         /* and both */
    {1, {195, {IN(2, SHMID)}}},                   /* shmctl IPC_SET */
    {2, {195, {OUT(2, SHMID)}}},                  /* IPC_STAT */
    {1, {98, {KEY(0)}}},                          /* FUTEX_WAKE looks at no word */
    {129, {98, NOTHING}},                         /* the same, private */
    {10, {98, {KEY(0)}}},                         /* FUTEX_WAKE_BITSET */
    {138, {98, NOTHING}},                         /* the same, private */
    {3, {98, {KEY(0), KEY(4)}}},                  /* FUTEX_REQUEUE */
    {131, {98, NOTHING}},                         /* the same, private */
    {4, {98, {KEY(0), KEY(4), IN(0, 4)}}},        /* FUTEX_CMP_REQUEUE */
};

const struct syscall_row *syscall_find(int64_t nr, uint64_t command) {
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (commands[i].row.nr == nr && commands[i].command == command) return &commands[i].row;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].nr == nr) return &rows[i];
    return NULL;
}
