// SPDX-License-Identifier: Apache-2.0
#pragma once
// The parts of the machine's RAM that are in use before the first allocation.

#include "lib/fixed_vector.hpp"
#include "machine/description.hpp"
#include "memory/physical/ram_map.hpp"
#include "vm/host/host.hpp"

namespace trv::boot {

class RamPlan {
  public:
    [[nodiscard]] memory::RamMap map() const {
        return {{banks_.begin(), banks_.size()}, {taken_.begin(), taken_.size()}};
    }
    /// @param bank outside of what is taken
    void give_to_host(PaRange bank, const vm::Host& host) { take(bank, host.owner()); }
    [[nodiscard]] std::span<const PaRange> no_map() const { return {no_map_.begin(), no_map_.size()}; }

  private:
    friend RamPlan plan_ram(const machine::Machine& machine, PaRange image, PaRange tree, const vm::Host* host);
    void take(PaRange range, memory::FrameOwner owner);

    // Image, tree, initrd, reserved ranges, the host's memory, and two modules per VM.
    static constexpr std::size_t most_taken =
        4 + machine::max_reserved + vm::Host::max_memory + std::size_t{2} * max_vms;
    FixedVector<PaRange, machine::max_ram_banks> banks_;
    FixedVector<memory::TakenRange, most_taken> taken_;
    FixedVector<PaRange, machine::max_reserved> no_map_;
};

/// @param host null without; of its memory the reserved part counts here, the rest is for give_to_host()
[[nodiscard]] RamPlan plan_ram(const machine::Machine& machine, PaRange image, PaRange tree, const vm::Host* host);

} // namespace trv::boot
