/* SPDX-License-Identifier: Apache-2.0 */
// Numbers that assembly and C++ share. Every offset is checked against its structure in arch/offsets.cpp.
#ifndef TRIVISOR_ARCH_OFFSETS_H
#define TRIVISOR_ARCH_OFFSETS_H

// struct arch::GuestRegisters
#define REGS_X0 0
#define REGS_X30 240
#define REGS_ELR 248
#define REGS_SPSR 256

// struct PerCpu: what the exit path needs first
#define PERCPU_REGISTERS 0   // GuestRegisters* of the loaded vCPU
#define PERCPU_FAULT_FRAME 8 // GuestRegisters* at the top of the fault stack
#define PERCPU_EXIT_HANDLER 16 // what an exit calls
#define PERCPU_EXIT_CALL 24    // u32: the SMC function that each exit calls first, or 0
#define PERCPU_LOOP_COUNT 28   // u32: iterations of the branch loop

// struct arch::SecondaryStart
#define SECONDARY_TTBR0 0
#define SECONDARY_TCR 8
#define SECONDARY_MAIR 16
#define SECONDARY_STACK 24
#define SECONDARY_CPU 32

// enum class arch::ExitKind
#define EXIT_SYNC 0
#define EXIT_IRQ 1
#define EXIT_FIQ 2
#define EXIT_SERROR 3

// boot/early_map.hpp
#define EARLY_TABLES 24
#define EARLY_TREE_LIMIT (1 << 24) // bytes of the device tree that are mapped at first; the boot protocol allows 2 MiB

// TCR_EL2 of the EL2 regime without VHE [Arm ARM D24.2.175]: bits 31 and 23 are RES1.
#define TCR_EL2_RES1 ((1 << 31) | (1 << 23))
#define TCR_T0SZ_48 16
#define TCR_IRGN0_WBWA (1 << 8)
#define TCR_ORGN0_WBWA (1 << 10)
#define TCR_SH0_INNER (3 << 12)

// arch::mair_value (arch/memory/page_table_format.hpp): attribute 0 Normal write-back, 1 Device-nGnRE.
#define MAIR_INDEX_NORMAL 0
#define MAIR_EL2_VALUE 0x04ff

// arch::hcr_el2 (arch/registers/registers.hpp): EL1 in AArch64, all else off.
#define HCR_EL2_RW (1 << 31)

// SCTLR_EL2 [Arm ARM D24.2.166]: WXN comes with the final tables.
#define SCTLR_EL2_M (1 << 0)
#define SCTLR_EL2_C (1 << 2)
#define SCTLR_EL2_SA (1 << 3)
#define SCTLR_EL2_I (1 << 12)
#define SCTLR_EL2_WXN (1 << 19)
#define SCTLR_EL2_RES1 0x30c50830
#define SCTLR_EL2_ON (SCTLR_EL2_RES1 | SCTLR_EL2_M | SCTLR_EL2_C | SCTLR_EL2_SA | SCTLR_EL2_I)

#endif
