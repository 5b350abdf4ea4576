// SPDX-License-Identifier: Apache-2.0
// Calls to EL2 and EL3 with every register that a caller may pass and a callee may change [SMCCC 2.6]: x0 to x17.
// void bare_hvc(u64 registers[18]), void bare_smc(u64 registers[18]); the same with Xen's own immediate, and with one that is
// reserved [SMCCC 2.9].

    .macro call name, instruction, immediate=0
    .global \name
\name:
    stp     x29, x30, [sp, #-32]!
    mov     x29, sp
    str     x0, [sp, #16]
    ldp     x2, x3, [x0, #16]
    ldp     x4, x5, [x0, #32]
    ldp     x6, x7, [x0, #48]
    ldp     x8, x9, [x0, #64]
    ldp     x10, x11, [x0, #80]
    ldp     x12, x13, [x0, #96]
    ldp     x14, x15, [x0, #112]
    ldp     x16, x17, [x0, #128]
    ldp     x0, x1, [x0]
    \instruction #\immediate
    ldr     x30, [sp, #16]          // the return address is in the frame
    stp     x0, x1, [x30]
    stp     x2, x3, [x30, #16]
    stp     x4, x5, [x30, #32]
    stp     x6, x7, [x30, #48]
    stp     x8, x9, [x30, #64]
    stp     x10, x11, [x30, #80]
    stp     x12, x13, [x30, #96]
    stp     x14, x15, [x30, #112]
    stp     x16, x17, [x30, #128]
    ldp     x29, x30, [sp], #32
    ret
    .endm

    .text
    call    bare_hvc, hvc
    call    bare_smc, smc
    call    bare_hvc_xen, hvc, 0xea1
    call    bare_smc_reserved, smc, 0x123
