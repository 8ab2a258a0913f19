/* SPDX-License-Identifier: Apache-2.0
 *
 * The options with which qemu is started, by the recorder first (record_launch.c), by execve again
 * (exec.c): as many as this, in this order, before the program.
 */
#ifndef PW_RECORD_LAUNCH_H
#define PW_RECORD_LAUNCH_H

/* qemu-riscv64 -R BYTES -B BASE -seed 1 -0 ARGV0 -plugin PLUGIN -L ROOT */
enum { QEMU_ARGV0 = 8, QEMU_PLUGIN = 10, QEMU_ROOT = 12, QEMU_OPTIONS = 13, QEMU_RING_FD = 200 };

#endif
