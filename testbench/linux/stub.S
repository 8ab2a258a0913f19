/* SPDX-License-Identifier: Apache-2.0
 *
 * See stub.h. No stack, no data: whatever else a traced process touches, its trace says.
 */
#include "stub.h"
.macro entry number
    .org STUB_CODE + 16 * (\number) - 0x78, 0xcc
.endm
/* The ELF header and one program header lie before: .text begins at 0x78. */
.globl _start
_start:
    int3
entry STUB_STOP
    int3
entry STUB_SYSCALL
    syscall
    int3
entry STUB_LOAD
    mov (%rsi), %al
    int3
entry (STUB_LOAD+1)
    mov (%rsi), %ax
    int3
entry (STUB_LOAD+2)
    mov (%rsi), %eax
    int3
entry (STUB_LOAD+3)
    mov (%rsi), %rax
    int3
entry STUB_STORE
    mov %al, (%rsi)
    int3
entry (STUB_STORE+1)
    mov %ax, (%rsi)
    int3
entry (STUB_STORE+2)
    mov %eax, (%rsi)
    int3
entry (STUB_STORE+3)
    mov %rax, (%rsi)
    int3
entry STUB_SWAP
    xchg %al, (%rsi)
    int3
entry (STUB_SWAP+1)
    xchg %ax, (%rsi)
    int3
entry (STUB_SWAP+2)
    xchg %eax, (%rsi)
    int3
entry (STUB_SWAP+3)
    xchg %rax, (%rsi)
    int3
entry STUB_JUMP
    jmp *%rsi
entry STUB_EMPTY
    .byte 0
