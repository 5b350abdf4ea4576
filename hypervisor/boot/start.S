// SPDX-License-Identifier: Apache-2.0
// The first instructions: from the boot loader (MMU and caches off, PA = the load address) to C++ with an early page
// table. Primary CPU: image_start. Other CPUs: secondary_start, entered through PSCI CPU_ON.

#include "arch/offsets.h"
#include "drivers/early_uart.h"
#include "generated/config.h"

// Early translation regime [Arm ARM D8.2]: 4 KiB granule, 48-bit VA, write-back inner-shareable walks. PS is set at run
// time.
#define EARLY_TCR (TCR_EL2_RES1 | TCR_T0SZ_48 | TCR_IRGN0_WBWA | TCR_ORGN0_WBWA | TCR_SH0_INNER)
#define BLOCK_NORMAL (1 | (MAIR_INDEX_NORMAL << 2) | (3 << 8) | (1 << 10)) // valid block, inner shareable, accessed
#define BLOCK_SIZE (1 << 21)
#define TABLE 3

    // The address of a symbol anywhere in the image, wherever the image is.
    .macro adr_l register, symbol
    adrp    \register, \symbol
    add     \register, \register, :lo12:\symbol
    .endm

    .section .text.head, "ax"
    .global image_start
image_start:
    // The arm64 Linux Image header, so that TF-A, U-Boot (booti) and QEMU (-kernel) can start the image.
    b       primary
    .long   0
    .quad   0                       // text_offset: any 2 MiB boundary
    .quad   image_end - image_start // image_size, with .bss
    .quad   0xa                     // flags: little-endian, 4 KiB pages, placed anywhere
    .quad   0
    .quad   0
    .quad   0
    .ascii  "ARM\x64"
    .long   0

primary:
    msr     daifset, #0xf
    mov     x20, x0                 // device tree
    adr     x22, refused_not_el2
    mrs     x1, CurrentEL
    cmp     x1, #(2 << 2)
    b.ne    refuse
    bl      enter_known_state
    mrs     x21, cntpct_el0         // EL2 entry: the zero of every time stamp
    adr     x22, refused_no_tree
    cbz     x20, refuse
    tst     x20, #7                 // 8-byte aligned by the boot protocol
    b.ne    refuse
    ldr     w1, [x20]
    ldr     w2, =0xedfe0dd0         // FDT magic, big-endian in memory
    cmp     w1, w2
    b.ne    refuse

    adr_l   x19, image_start
    adr_l   x0, image_bss_start
    adr_l   x1, image_bss_end
1:  stp     xzr, xzr, [x0], #16
    cmp     x0, x1
    b.lo    1b

    // Relocate: the linker leaves only relative ones, packed [ELF gABI, SHT_RELR]. An even entry is the offset of a word
    // that gets the image's address added, an odd one a bitmap of the 63 words behind the last.
    adr_l   x0, image_relr_start
    adr_l   x1, image_relr_end
2:  cmp     x0, x1
    b.hs    3f
    ldr     x2, [x0], #8
    tbnz    x2, #0, 4f
    add     x3, x2, x19
    ldr     x4, [x3]
    add     x4, x4, x19
    str     x4, [x3], #8
    b       2b
4:  mov     x5, x3
5:  lsr     x2, x2, #1
    cbz     x2, 7f
    tbz     x2, #0, 6f
    ldr     x4, [x5]
    add     x4, x4, x19
    str     x4, [x5]
6:  add     x5, x5, #8
    b       5b
7:  add     x3, x3, #(63 * 8)
    b       2b
3:
    // The 2 MiB blocks of the image, and those of the device tree, where nothing is run: no more, because what is
    // mapped can be read by speculation, and beside both may be devices or secure memory.
    adr_l   x0, early_table0
    adr_l   x10, early_tables
    mov     x3, x19
    adr_l   x4, image_end
    mov     x9, #BLOCK_NORMAL
    bl      map_blocks
    mov     x3, x20
    ldr     w4, [x20, #4]           // totalsize, big-endian
    rev     w4, w4
    mov     w5, #EARLY_TREE_LIMIT
    cmp     w4, w5
    csel    w4, w4, w5, lo
    add     x4, x4, x20
    orr     x9, x9, #(1 << 54)      // XN
    bl      map_blocks
    adr_l   x0, early_next_table
    str     x10, [x0]

    // The tables were written with caches off; a stale clean line must not hide them once caches are on [Arm ARM
    // D7.5.9]. The barrier before orders the writes with the maintenance, which program order alone does not.
    dmb     sy
    mov     x0, x19
    adr_l   x1, image_end
    mrs     x2, ctr_el0
    ubfx    x2, x2, #16, #4         // DminLine, log2 words
    mov     x3, #4
    lsl     x3, x3, x2
4:  dc      ivac, x0
    add     x0, x0, x3
    cmp     x0, x1
    b.lo    4b
    dsb     sy

    adr_l   x0, early_table0
    ldr     x3, =EARLY_TCR
    mrs     x4, id_aa64mmfr0_el1
    and     x4, x4, #7              // PARange, at most 48 bits here
    cmp     x4, #5
    mov     x5, #5
    csel    x4, x4, x5, ls
    orr     x1, x3, x4, lsl #16
    ldr     x2, =MAIR_EL2_VALUE
    bl      enable_mmu              // x0 table, x1 TCR, x2 MAIR

    // The counter differs from boot to boot; a CPU with FEAT_RNG does better. boot/main.cpp mixes the tree's seed in
    // later.
    adr_l   x0, __stack_chk_guard
    ldr     x1, [x0]
    eor     x1, x1, x21, lsl #8
    mrs     x3, id_aa64isar0_el1
    ubfx    x3, x3, #60, #4         // RNDR
    cbz     x3, 5f
    mrs     x3, s3_3_c2_c4_0        // RNDR: 0 when it has no number now
    eor     x1, x1, x3, lsl #8
5:  str     x1, [x0]

    adr_l   x0, boot_stack_top
    mov     sp, x0
    mov     x29, xzr
    mov     x30, xzr
    mov     x0, x20
    mov     x1, x19
    mov     x2, x21
    bl      trivisor_boot           // (device tree, image base, entry ticks); does not return
    b       .

// Sets state that loaders may leave differently: SP_EL2 in use, and EL2's registers without VHE. Clobbers x1.
enter_known_state:
    msr     spsel, #1
    mov     x1, #HCR_EL2_RW
    msr     hcr_el2, x1
    isb
    ret

// From the table in x5 to the one below it for the address in x3; a new one from x10 where there is none. Clobbers x6,
// x7.
    .macro descend shift
    ubfx    x6, x3, #\shift, #9
    ldr     x7, [x5, x6, lsl #3]
    cbnz    x7, .Lhave\@
    orr     x7, x10, #TABLE
    str     x7, [x5, x6, lsl #3]
    add     x10, x10, #4096
.Lhave\@:
    bic     x5, x7, #TABLE
    .endm

// x0 level-0 table, x3 to x4 the addresses, x9 attributes, x10 the next free table: maps 2 MiB blocks that are not
// mapped yet. Clobbers x3, x5 to x7.
map_blocks:
    and     x3, x3, #~(BLOCK_SIZE - 1)
1:  mov     x5, x0
    descend 39
    descend 30
    ubfx    x6, x3, #21, #9
    ldr     x7, [x5, x6, lsl #3]
    cbnz    x7, 2f
    orr     x7, x3, x9
    str     x7, [x5, x6, lsl #3]
2:  add     x3, x3, #BLOCK_SIZE
    cmp     x3, x4
    b.lo    1b
    ret

// x0 table, x1 TCR_EL2, x2 MAIR_EL2. The caller runs identity-mapped, so the next instruction is the same one.
enable_mmu:
    msr     mair_el2, x2
    msr     tcr_el2, x1
    msr     ttbr0_el2, x0
    isb
    tlbi    alle2
    ic      iallu
    dsb     nsh
    isb
    ldr     x3, =SCTLR_EL2_ON
    msr     sctlr_el2, x3
    isb
    ret

    // (ttbr0, tcr, mair); see arch/entry.hpp. Registers only: with the MMU off the stack's cached lines are not seen.
    .global install_tables
install_tables:
    mov     x5, x30
    mrs     x3, sctlr_el2
    mov     x4, #(SCTLR_EL2_M | SCTLR_EL2_C)
    bic     x3, x3, x4
    msr     sctlr_el2, x3
    isb
    bl      enable_mmu
    mrs     x3, sctlr_el2
    orr     x3, x3, #SCTLR_EL2_WXN
    msr     sctlr_el2, x3
    isb
    ret     x5

    // (stack top, function)
    .global continue_on_stack
continue_on_stack:
    mov     sp, x0
    mov     x29, xzr
    mov     x30, xzr
    br      x1

    // PSCI CPU_ON: MMU off, x0 = physical address of this CPU's struct SecondaryStart (arch/cpu/secondary.hpp).
    .global secondary_start
secondary_start:
    msr     daifset, #0xf
    bl      enter_known_state
    mov     x20, x0
    ldr     x0, [x20, #SECONDARY_TTBR0]
    ldr     x1, [x20, #SECONDARY_TCR]
    ldr     x2, [x20, #SECONDARY_MAIR]
    bl      enable_mmu
    mrs     x3, sctlr_el2
    orr     x3, x3, #SCTLR_EL2_WXN
    msr     sctlr_el2, x3
    isb
    ldr     x0, [x20, #SECONDARY_STACK]
    mov     sp, x0
    mov     x29, xzr
    mov     x30, xzr
    ldr     x0, [x20, #SECONDARY_CPU]
    bl      trivisor_secondary      // (PerCpu*); does not return
    b       .

// x22 = the reason. Without a device tree the UART's address is a build option.
refuse:
    mov     x0, x22
    mov     x1, #-1
    bl      put_early
1:  wfi
    b       1b

// x0 = text, x1 = its length or -1 up to the NUL. MMU off. Clobbers x2 to x4.
put_early:
#if CONFIG_EARLY_UART_ADDRESS != 0
    ldr     x2, =CONFIG_EARLY_UART_ADDRESS
1:  cbz     x1, 3f
    ldrb    w3, [x0], #1
    cbz     w3, 3f
    sub     x1, x1, #1
2:  ldr     w4, [x2, #EARLY_UART_STATUS]
    tbnz    w4, #EARLY_UART_FULL_BIT, 2b
    str     w3, [x2, #EARLY_UART_DATA]
    b       1b
3:
#endif
    ret

    // (text, size); see arch/entry.hpp
    .global early_write
early_write:
    mov     x6, x30
    mrs     x7, sctlr_el2
    mov     x4, #(SCTLR_EL2_M | SCTLR_EL2_C)
    bic     x4, x7, x4
    msr     sctlr_el2, x4
    isb
    bl      put_early
    msr     sctlr_el2, x7
    isb
    ret     x6

refused_not_el2:
    .asciz  "trivisor: entered below or above EL2. Start it at non-secure EL2 (QEMU: -M virt,virtualization=on; TF-A: as BL33).\r\n"
refused_no_tree:
    .asciz  "trivisor: no device tree in x0. Pass a flattened device tree, 8-byte aligned, as the arm64 boot protocol says.\r\n"
    .balign 4

    .section .bss.early, "aw", %nobits
    .balign 4096
    .global early_table0, early_tables, early_tables_end, early_next_table
early_table0: .skip 4096
early_tables: .skip 4096 * EARLY_TABLES
early_tables_end:
early_next_table: .skip 8
    .balign 16
    .skip   16384
boot_stack_top:
