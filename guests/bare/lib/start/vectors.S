// SPDX-License-Identifier: Apache-2.0
// EL1's exception vectors, and the way back from a fault that attempt() waited for (fault.hpp).

#include "guests/bare/lib/offsets.h"

    .macro vector kind
    .balign 0x80
    sub     sp, sp, #FRAME_SIZE
    stp     x0, x1, [sp]
    mov     w1, #\kind
    b       exception
    .endm

    .section .text.vectors, "ax"
    .balign 0x800
    .global exception_vectors
exception_vectors:
    // Current EL with SP_EL0, then with SP_EL1, then lower ELs: nothing here uses SP_EL0 or EL0, so that all but the second
    // four are errors, which bare_exception() reports.
    .rept   4
    vector  KIND_SYNC
    vector  KIND_IRQ
    vector  KIND_FIQ
    vector  KIND_SERROR
    .endr
    .balign 0x80

exception:
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x19, [sp, #144]
    stp     x20, x21, [sp, #160]
    stp     x22, x23, [sp, #176]
    stp     x24, x25, [sp, #192]
    stp     x26, x27, [sp, #208]
    stp     x28, x29, [sp, #224]
    mrs     x2, elr_el1
    mrs     x3, spsr_el1
    stp     x30, x2, [sp, #FRAME_X30]
    str     x3, [sp, #FRAME_PSTATE]
    mov     x0, sp
    bl      bare_exception          // (ExceptionFrame*, ExceptionKind)
    ldp     x30, x2, [sp, #FRAME_X30]
    ldr     x3, [sp, #FRAME_PSTATE]
    msr     elr_el1, x2
    msr     spsr_el1, x3
    ldp     x2, x3, [sp, #16]
    ldp     x4, x5, [sp, #32]
    ldp     x6, x7, [sp, #48]
    ldp     x8, x9, [sp, #64]
    ldp     x10, x11, [sp, #80]
    ldp     x12, x13, [sp, #96]
    ldp     x14, x15, [sp, #112]
    ldp     x16, x17, [sp, #128]
    ldp     x18, x19, [sp, #144]
    ldp     x20, x21, [sp, #160]
    ldp     x22, x23, [sp, #176]
    ldp     x24, x25, [sp, #192]
    ldp     x26, x27, [sp, #208]
    ldp     x28, x29, [sp, #224]
    ldp     x0, x1, [sp]
    add     sp, sp, #FRAME_SIZE
    eret

    .text
    // bool bare_attempt(function, argument): calls function(argument); true if an exception ended it. Nests: the stack
    // frame keeps the outer attempt's.
    .global bare_attempt
bare_attempt:
    stp     x29, x30, [sp, #-112]!
    mov     x29, sp
    stp     x19, x20, [sp, #16]
    stp     x21, x22, [sp, #32]
    stp     x23, x24, [sp, #48]
    stp     x25, x26, [sp, #64]
    stp     x27, x28, [sp, #80]
    mrs     x9, tpidr_el1
    ldr     x10, [x9, #CPU_RECOVERY]
    str     x10, [sp, #96]
    str     x29, [x9, #CPU_RECOVERY]
    mov     x9, x0
    mov     x0, x1
    blr     x9
    mov     x0, #0
1:  mrs     x9, tpidr_el1
    ldr     x10, [sp, #96]
    str     x10, [x9, #CPU_RECOVERY]
    ldp     x19, x20, [sp, #16]
    ldp     x21, x22, [sp, #32]
    ldp     x23, x24, [sp, #48]
    ldp     x25, x26, [sp, #64]
    ldp     x27, x28, [sp, #80]
    ldp     x29, x30, [sp], #112
    ret

    // bare_exception() returns here with x0 = what bare_attempt() left in Cpu::recovery.
    .global bare_recover
bare_recover:
    mov     sp, x0
    mov     x0, #1
    b       1b
