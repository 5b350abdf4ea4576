// SPDX-License-Identifier: Apache-2.0
// A bare-metal program in a file with load addresses: says whether it was loaded as it should be, and switches off.

        .section .text
        .globl _start
_start:
        ldr x19, =0x09000000 // the console, which takes bytes as it is
        adrp x20, variable
        add x20, x20, :lo12:variable
        ldr w1, [x20]
        mov w2, #42
        cmp w1, w2
        b.ne fail
        adrp x20, cleared
        add x20, x20, :lo12:cleared
        mov x21, #0x10000
1:      ldr x1, [x20], #8
        cbnz x1, fail
        subs x21, x21, #8
        b.ne 1b
        ldr w1, [x0] // a device tree
        ldr w2, =0xedfe0dd0
        cmp w1, w2
        b.ne fail
        adr x0, good
        b say
fail:   adr x0, bad
say:    ldrb w1, [x0], #1
        cbz w1, off
        str w1, [x19]
        b say
off:    ldr w0, =0x84000008 // PSCI SYSTEM_OFF
        hvc #0
        b off
good:   .asciz "program: loaded\n"
bad:    .asciz "program: not loaded\n"

        .section .data
        .balign 8
variable:
        .word 42

        .section .bss
        .balign 8
cleared:
        .space 0x10000
