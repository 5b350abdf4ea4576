// SPDX-License-Identifier: Apache-2.0
// From a zImage's state (SVC mode, MMU off) to C++ with an identity map and caches on.
// [Linux, Documentation/arch/arm/booting.rst; contract/zimage.hpp]

    .syntax unified
    .arm

    .equ    SECTION, 0x2 | 0x3 << 10                        // 1 MiB, read and written by all [Arm ARM G5.4]
    .equ    NORMAL, SECTION | 0x1 << 12 | 0xc | 0x1 << 16   // write-back, write-allocate, shareable
    .equ    DEVICE, SECTION | 0x4 | 0x1 << 4                // never executed
    .equ    TABLE_WALKS, 0x4a                               // as NORMAL
    .equ    SCTLR_SET, 0x1 << 0 | 0x1 << 2 | 0x1 << 11 | 0x1 << 12              // M, C, Z, I
    .equ    SCTLR_CLEAR, 0x1 << 1 | 0x1 << 13 | 0x1 << 28 | 0x1 << 29           // A, V, TRE, AFE
    .equ    R_ARM_RELATIVE, 23

    .macro  adr_l register, symbol
    movw    \register, #:lower16:(\symbol - (. + 16))
    movt    \register, #:upper16:(\symbol - (. + 12))
    add     \register, pc, \register
    .endm

    .section .text.head, "ax"
    .global image_start
image_start:
    b       start
    .skip   0x24 - 4
    .word   0x016f2818              // a zImage
    .word   0, 0
    .word   0x04030201              // little-endian
    .word   0x45454545              // with a table
    .word   sizes - image_start
sizes:
    .word   5, 0x5a534c4b           // the table's only entry
    .word   unpacked_size - image_start
    .word   0, 0x8000               // size of .bss, and offset, of what it unpacks
unpacked_size:
    .word   0                       // nothing: the file itself runs

start:
    cpsid   aif
    adr_l   r0, image_bss_start
    adr_l   r1, image_bss_end
    mov     r2, #0
1:  cmp     r0, r1
    strlo   r2, [r0], #4
    blo     1b

    // Relocate: the linker left R_ARM_RELATIVE alone, whose addend is in the word itself. A second start finds a new copy.
    adr_l   r3, image_start
    adr_l   r0, image_rel_start
    adr_l   r1, image_rel_end
2:  cmp     r0, r1
    bhs     3f
    ldr     r4, [r0], #4
    ldr     r5, [r0], #4
    cmp     r5, #R_ARM_RELATIVE
    bne     2b
    ldr     r6, [r3, r4]
    add     r6, r6, r3
    str     r6, [r3, r4]
    b       2b

    // Devices in the first GiB, memory in all others.
3:  adr_l   r4, identity_map
    mov     r0, #0
4:  lsl     r1, r0, #20
    cmp     r0, #1024
    ldrlo   r2, =DEVICE
    ldrhs   r2, =NORMAL
    orr     r1, r1, r2
    str     r1, [r4, r0, lsl #2]
    add     r0, r0, #1
    cmp     r0, #4096
    blo     4b

    orr     r4, r4, #TABLE_WALKS
    mov     r0, #0
    mcr     p15, 0, r0, c2, c0, 2   // TTBCR: short descriptors, TTBR0 alone
    mcr     p15, 0, r4, c2, c0, 0   // TTBR0
    mov     r0, #1
    mcr     p15, 0, r0, c3, c0, 0   // DACR: domain 0 is checked
    adr_l   r0, vectors
    mcr     p15, 0, r0, c12, c0, 0  // VBAR
    isb
    mcr     p15, 0, r0, c8, c7, 0   // TLBIALL
    mcr     p15, 0, r0, c7, c5, 0   // ICIALLU
    mcr     p15, 0, r0, c7, c5, 6   // BPIALL
    dsb
    isb
    mrc     p15, 0, r0, c1, c0, 0   // SCTLR
    ldr     r1, =SCTLR_CLEAR
    bic     r0, r0, r1
    ldr     r1, =SCTLR_SET
    orr     r0, r0, r1
    mcr     p15, 0, r0, c1, c0, 0
    isb
    adr_l   sp, boot_stack_top
    bl      arm32_main              // does not return
    .ltorg

    // No exception is expected: each is reported in SVC mode, whose stack is there.
    .macro  vector number
    .balign 4
    b       exception_\number
    .endm
    .macro  handler number
exception_\number:
    cps     #0x13
    mov     r0, #\number
    mrc     p15, 0, r1, c6, c0, 0   // DFAR
    bl      arm32_exception         // (number, address); does not return
    .endm

    .section .text.vectors, "ax"
    .balign 32
vectors:
    .irp    number, 0, 1, 2, 3, 4, 5, 6, 7
    vector  \number
    .endr
    .irp    number, 0, 1, 2, 3, 4, 5, 6, 7
    handler \number
    .endr

    .section .bss.identity_map, "aw", %nobits
    .balign 16384
identity_map:
    .skip   16384

    .section .bss.boot_stack, "aw", %nobits
    .balign 16
    .skip   16384
boot_stack_top:
