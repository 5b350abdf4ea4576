// SPDX-License-Identifier: Apache-2.0
// bare_hvc() and bare_smc() of guests/bare/lib/hardware/calls.hpp in AArch32, and the second one in T32: r0 to r7 are the lower halves of
// the first eight registers [SMCCC 2.7], and the others are left alone.

    .syntax unified
    .arch_extension sec
    .arch_extension virt
    .text

    .macro  call name, instruction
    .global \name
    .type   \name, %function
\name:
    push    {r0, r4-r7, lr}
    ldr     r7, [r0, #56]
    ldr     r6, [r0, #48]
    ldr     r5, [r0, #40]
    ldr     r4, [r0, #32]
    ldr     r3, [r0, #24]
    ldr     r2, [r0, #16]
    ldr     r1, [r0, #8]
    ldr     r0, [r0]
    \instruction #0
    ldr     r12, [sp]
    str     r0, [r12]
    str     r1, [r12, #8]
    str     r2, [r12, #16]
    str     r3, [r12, #24]
    str     r4, [r12, #32]
    str     r5, [r12, #40]
    str     r6, [r12, #48]
    str     r7, [r12, #56]
    mov     r0, #0
    .irp    place, 4, 12, 20, 28, 36, 44, 52, 60
    str     r0, [r12, #\place]
    .endr
    pop     {r0, r4-r7, pc}
    .size   \name, . - \name
    .endm

    .arm
    .balign 4
    call    bare_hvc, hvc
    call    bare_smc, smc

    .thumb
    .balign 4
    .thumb_func
    call    arm32_smc_t32, smc
