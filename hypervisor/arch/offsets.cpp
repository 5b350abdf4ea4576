// SPDX-License-Identifier: Apache-2.0
// Checks arch/offsets.h against the structures that it describes.

#include "arch/offsets.h"

#include "arch/cpu/secondary.hpp"
#include "arch/exception/exit_kind.hpp"
#include "arch/guest_context.hpp"
#include "arch/memory/page_table_format.hpp"
#include "arch/registers/registers.hpp"
#include "arch/this_cpu.hpp"

#include <cstddef>

namespace trv::arch {

static_assert(offsetof(GuestRegisters, x) == REGS_X0);
static_assert(offsetof(GuestRegisters, x[30]) == REGS_X30);
static_assert(offsetof(GuestRegisters, pc) == REGS_ELR);
static_assert(offsetof(GuestRegisters, pstate) == REGS_SPSR);
static_assert(offsetof(GuestContext, registers) == 0);

static_assert(offsetof(CpuBlock, registers) == PERCPU_REGISTERS);
static_assert(offsetof(CpuBlock, fault_frame) == PERCPU_FAULT_FRAME);
static_assert(offsetof(CpuBlock, exit_handler) == PERCPU_EXIT_HANDLER);
static_assert(offsetof(CpuBlock, exit_call) == PERCPU_EXIT_CALL && sizeof(CpuBlock::exit_call) == 4);
static_assert(offsetof(CpuBlock, loop_count) == PERCPU_LOOP_COUNT && sizeof(CpuBlock::loop_count) == 4);
static_assert(sizeof(std::atomic<ExitHandler>) == 8 && std::atomic<ExitHandler>::is_always_lock_free);

static_assert(offsetof(SecondaryStart, ttbr0) == SECONDARY_TTBR0);
static_assert(offsetof(SecondaryStart, tcr) == SECONDARY_TCR);
static_assert(offsetof(SecondaryStart, mair) == SECONDARY_MAIR);
static_assert(offsetof(SecondaryStart, stack) == SECONDARY_STACK);
static_assert(offsetof(SecondaryStart, cpu) == SECONDARY_CPU);

static_assert(static_cast<unsigned>(ExitKind::Sync) == EXIT_SYNC);
static_assert(static_cast<unsigned>(ExitKind::Irq) == EXIT_IRQ);
static_assert(static_cast<unsigned>(ExitKind::Fiq) == EXIT_FIQ);
static_assert(static_cast<unsigned>(ExitKind::SError) == EXIT_SERROR);

static_assert(hcr_el2::RW == static_cast<u32>(HCR_EL2_RW));
static_assert(mair_value == MAIR_EL2_VALUE);
static_assert(mair_index_normal == MAIR_INDEX_NORMAL);

} // namespace trv::arch
