// SPDX-License-Identifier: Apache-2.0
#pragma once
// The hypervisor's own address space, EL2 stage 1. Low addresses are the direct map: RAM at its physical addresses, the
// image with its sections' permissions. From 2^46 up lies the window, for devices and for stacks with guard pages.
// No page is both writable and executable.

#include "lib/checked.hpp"
#include "memory/translation/page_table.hpp"
#include "sync/spinlock.hpp"

#include <span>

namespace trv::memory {

/// The loaded image: page-aligned sections, with or without gaps; gaps stay ordinary RAM.
struct ImageLayout {
    PaRange text;
    PaRange rodata;
    PaRange data;              ///< includes bss, and boot stacks if they are there
    bool guarded_text = false; ///< compiled with BTI landing pads
};

class HostSpace {
  public:
    static constexpr Va window_base{u64{1} << 46};
    static constexpr Va window_end{u64{1} << 47};

    /// Builds the tables; nothing uses them before the caller writes the registers.
    /// @param ram    banks, read-write and never executable; below 2^46
    /// @param no_map memory that must not be mapped, not even for speculation: secure memory, no-map reservations
    /// @return Error::OutOfRange, Error::Invalid (an empty or misaligned section), Error::AlreadyMapped (overlaps),
    ///         Error::NoMemory
    /// Context: boot, one CPU.
    [[nodiscard]] static Result<HostSpace> create(FramePool& pool, std::span<const PaRange> ram,
                                                  std::span<const PaRange> no_map, const ImageLayout& image,
                                                  const arch::TranslationLimits& limits);

    HostSpace(HostSpace&& other) noexcept;
    HostSpace& operator=(HostSpace&&) = delete;
    HostSpace(const HostSpace&) = delete;
    HostSpace& operator=(const HostSpace&) = delete;
    /// Precondition: the space was never installed.
    ~HostSpace() = default;

    /// Maps device registers permanently. Mapping a device twice returns two addresses.
    /// @param registers any alignment; outside RAM
    /// @return the address of registers.base; Error::Denied (RAM), Error::NoMemory, Error::OutOfRange, Error::Invalid
    [[nodiscard]] Result<Va> map_device(PaRange registers) EXCLUDES(lock_);

    /// Allocates a permanent stack with an unmapped page below it (and possibly another stack's above).
    /// @param pages a power of two, 1 to 64
    /// @return the address past its last byte, 4 KiB-aligned: the first stack pointer; Error::Invalid, Error::NoMemory
    [[nodiscard]] Result<Va> allocate_stack(unsigned pages) EXCLUDES(lock_);

    /// Whether an address is in a guard page below a stack: a fault there is a stack overflow.
    [[nodiscard]] bool is_guard_page(Va va) const EXCLUDES(lock_);

    /// For tests and reports. @return Error::NotMapped, Error::OutOfRange
    [[nodiscard]] Result<PageTable::Leaf> lookup(Va va) const EXCLUDES(lock_);
    [[nodiscard]] u64 table_frames() const EXCLUDES(lock_);

    /// Register values for each CPU. TTBR0_EL2 with CnP = 0.
    [[nodiscard]] u64 ttbr0() const { return ttbr0_; }
    [[nodiscard]] u64 tcr() const { return tcr_; }
    [[nodiscard]] static constexpr u64 mair() { return arch::mair_value; }

  private:
    HostSpace(PageTable table, FramePool& pool, const arch::TranslationLimits& limits);
    [[nodiscard]] Result<Va> map_in_window(PaRange pages, arch::MemoryType type) REQUIRES(lock_);

    mutable SpinLock lock_;
    PageTable table_ GUARDED_BY(lock_);
    Va next_ GUARDED_BY(lock_) = window_base; ///< the window below this address is in use; it only grows
    FramePool* pool_;
    u64 ttbr0_;
    u64 tcr_;
    u8 pa_bits_;
};

} // namespace trv::memory
