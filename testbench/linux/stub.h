/* SPDX-License-Identifier: Apache-2.0
 *
 * The stub: all the code a traced process has of its own. One page, read and execute, far from any
 * trace; entry N lies at STUB_BASE + STUB_CODE + 16 * N, does one thing and stops at a breakpoint.
 */
#ifndef PW_LINUX_STUB_H
#define PW_LINUX_STUB_H
#define STUB_BASE    0x600000000000
#define STUB_PARK    0x600010000000 /* 64 pages, mapped and unmapped to flush the TLB */
#define STUB_END     0x600020000000
#define STUB_CODE    0x100
#define STUB_STOP    0
#define STUB_SYSCALL 1
#define STUB_LOAD    2 /* of 1, 2, 4, 8 bytes: 2 to 5. rsi: address, rax: value */
#define STUB_STORE   6
#define STUB_SWAP    10 /* xchg */
#define STUB_JUMP    14 /* to rsi */
#define STUB_EMPTY   15 /* an empty string */
#endif
