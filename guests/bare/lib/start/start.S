// SPDX-License-Identifier: Apache-2.0
// From the boot protocol's state (EL1, MMU off, x0 = device tree) to C++ with an identity map and caches on, without which
// exclusive accesses need not work [Arm ARM B2.12.5]. Primary CPU: image_start; others: secondary_start, by PSCI CPU_ON.

#include "guests/bare/lib/offsets.h"

    .macro adr_l register, symbol
    adrp    \register, \symbol
    add     \register, \register, :lo12:\symbol
    .endm

    .section .text.head, "ax"
    .global image_start
image_start:
    // [Linux, Documentation/arch/arm64/booting.rst]
    b       primary
    .long   0
    .quad   0                       // text_offset
    .quad   image_end - image_start // image_size, with .bss
    .quad   0xa                     // flags: little-endian, 4 KiB pages, placed anywhere
    .quad   0
    .quad   0
    .quad   0
    .ascii  "ARM\x64"
    .long   0

primary:
    msr     daifset, #0xf
    mov     x20, x0
    adr_l   x19, image_start
    adr_l   x0, image_bss_start
    adr_l   x1, image_bss_end
1:  cmp     x0, x1
    b.hs    2f
    stp     xzr, xzr, [x0], #16
    b       1b

    // Relocate: only R_AARCH64_RELATIVE (1027) is left by the linker. A second start, after SYSTEM_RESET, finds a new copy
    // of the image; the addend is in the entry, so it would not matter anyway.
2:  adr_l   x0, image_rela_start
    adr_l   x1, image_rela_end
3:  cmp     x0, x1
    b.hs    4f
    ldp     x2, x3, [x0], #16
    ldr     x4, [x0], #8
    cmp     w3, #1027
    b.ne    3b
    add     x4, x4, x19
    str     x4, [x19, x2]
    b       3b

4:  bl      enable_mmu
    adr_l   x0, boot_stack_top
    mov     sp, x0
    mov     x29, xzr
    mov     x30, xzr
    mov     x0, x20
    bl      bare_main               // (device tree); does not return
    b       .

    // PSCI CPU_ON: MMU off, x0 = this CPU's struct Cpu. Nothing is read from memory before the caches are on.
    .global secondary_start
secondary_start:
    mrs     x21, sctlr_el1
    mrs     x22, daif
    msr     daifset, #0xf
    mov     x20, x0
    bl      enable_mmu
    str     x21, [x20, #CPU_ENTRY_SCTLR]
    str     x22, [x20, #CPU_ENTRY_DAIF]
    ldr     x0, [x20, #CPU_STACK_TOP]
    mov     sp, x0
    mov     x29, xzr
    mov     x30, xzr
    mov     x0, x20
    bl      bare_secondary          // (Cpu*); does not return
    b       .

// The caller runs identity-mapped, so the next instruction is the same one. Clobbers x0 to x2.
enable_mmu:
    ldr     x0, =MAIR_EL1_VALUE
    msr     mair_el1, x0
    ldr     x0, =TCR_EL1_VALUE
    mrs     x1, id_aa64mmfr0_el1
    and     x1, x1, #7              // PARange
    cmp     x1, #5
    mov     x2, #5
    csel    x1, x1, x2, ls
    orr     x0, x0, x1, lsl #TCR_IPS_SHIFT
    msr     tcr_el1, x0
    adr_l   x0, identity_map
    msr     ttbr0_el1, x0
    adr_l   x0, exception_vectors
    msr     vbar_el1, x0
    isb
    tlbi    vmalle1
    ic      iallu
    dsb     nsh
    isb
    ldr     x0, =SCTLR_EL1_ON
    msr     sctlr_el1, x0
    isb
    ret

    // One block a GiB: devices in the first, memory in all others. What the VM does not have faults in stage 2, which is
    // what tests look for.
    .section .data.identity_map, "aw"
    .balign 4096
    .global identity_map
identity_map:
    .quad   BLOCK_DEVICE | BLOCK_NEVER_EXECUTE
    .set    gigabyte, 1
    .rept   511
    .quad   (gigabyte << 30) | BLOCK_NORMAL
    .set    gigabyte, gigabyte + 1
    .endr

    .section .bss.boot_stack, "aw", %nobits
    .balign 16
    .skip   32768
boot_stack_top:
