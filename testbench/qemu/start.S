# SPDX-License-Identifier: Apache-2.0
#
# The way in, the one access, the way out to the host.
    .section .reset, "ax"
    .globl reset
reset:
    ld t0, entry
    jr t0
    .balign 8
entry:
    .dword start

    .text
start:
    la sp, stack
    call guest
halt:
    j halt

# long host_call(long operation, void *arguments): semihosting. The three instructions must not lie in two pages.
    .balign 16
    .globl host_call
    .option push
    .option norvc
host_call:
    slli zero, zero, 0x1f
    ebreak
    srai zero, zero, 7
    ret
    .option pop

# void attempt(long op_and_size, uint64_t va, uint64_t *value, uint64_t *answer): does it with the privilege that
# mstatus.MPP names, by MPRV or, a fetch, by mret; answer[0] is the cause, or 64, answer[1] the address of the trap.
# *value is what is stored, or was loaded. A c.ebreak or ecall at the address itself says that the fetch found what was
# put there.
    .globl attempt
attempt:
    la t0, trapped
    csrw mtvec, t0
    ld t1, 0(a2)
    li t2, 1 << 17 # MPRV
    la t0, table
    slli a0, a0, 4
    add t0, t0, a0
    jr t0
    .balign 16
    .option push
    .option norvc
    .macro way instruction:vararg
    csrs mstatus, t2
    \instruction
    csrc mstatus, t2
    j done
    .endm
table:
    csrw mepc, a1 # op 0: fetch
    mret
    nop
    nop
    way lbu t1, 0(a1)
    way lhu t1, 0(a1)
    way lwu t1, 0(a1)
    way ld t1, 0(a1)
    way sb t1, 0(a1)
    way sh t1, 0(a1)
    way sw t1, 0(a1)
    way sd t1, 0(a1)
    way amoswap.w t1, t1, (a1)
    way amoswap.d t1, t1, (a1)
    way lr.w t1, (a1)
    way lr.d t1, (a1)
    .balign 4
trapped:
    csrr t3, mcause
    csrr t4, mtval
    csrc mstatus, t2
    bnez a0, answer
    li t5, 1 << 3 | 1 << 8 | 1 << 9 | 1 << 11 # breakpoint, environment call from U, S, M
    srl t5, t5, t3
    andi t5, t5, 1
    beqz t5, answer
    csrr t5, mepc
    bne t5, a1, answer
done:
    li t3, 64
    li t4, 0
    sd t1, 0(a2)
answer:
    sd t3, 0(a3)
    sd t4, 8(a3)
    ret
    .option pop
