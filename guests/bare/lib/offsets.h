/* SPDX-License-Identifier: Apache-2.0 */
// Numbers that assembly and C++ share. Every offset is checked against its structure in cpu.cpp.
#ifndef TRIVISOR_GUESTS_BARE_OFFSETS_H
#define TRIVISOR_GUESTS_BARE_OFFSETS_H

// struct bare::Cpu
#define CPU_RECOVERY 0
#define CPU_STACK_TOP 8
#define CPU_ENTRY_SCTLR 16
#define CPU_ENTRY_DAIF 24

// struct bare::ExceptionFrame: x0 to x30, then the three below
#define FRAME_X30 240
#define FRAME_PC 248
#define FRAME_PSTATE 256
#define FRAME_SIZE 272

// What an exception is: enum class bare::ExceptionKind
#define KIND_SYNC 0
#define KIND_IRQ 1
#define KIND_FIQ 2
#define KIND_SERROR 3

// Translation [Arm ARM D8.2]: 4 KiB granule, 39-bit addresses (the walk begins at level 1), no TTBR1.
#define TCR_T0SZ_39 25
#define TCR_IRGN0_WBWA (1 << 8)
#define TCR_ORGN0_WBWA (1 << 10)
#define TCR_SH0_INNER (3 << 12)
#define TCR_EPD1 (1 << 23)
#define TCR_EL1_VALUE (TCR_T0SZ_39 | TCR_IRGN0_WBWA | TCR_ORGN0_WBWA | TCR_SH0_INNER | TCR_EPD1)
#define TCR_IPS_SHIFT 32

#define MAIR_EL1_VALUE 0x04ff // attribute 0 Normal write-back, 1 Device-nGnRE

#define BLOCK_NORMAL (1 | (0 << 2) | (3 << 8) | (1 << 10)) // valid, inner shareable, accessed
#define BLOCK_DEVICE (1 | (1 << 2) | (1 << 10))
#define BLOCK_NEVER_EXECUTE (3 << 53) // PXN, UXN

// SCTLR_EL1 [Arm ARM D24.2.165]: RES1 bits, then M, C, I.
#define SCTLR_EL1_ON (0x30d00800 | (1 << 0) | (1 << 2) | (1 << 12))

#endif
