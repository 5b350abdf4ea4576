// SPDX-License-Identifier: Apache-2.0
#pragma once
// The tables that boot/start.S made, in use until HostSpace's are installed: 2 MiB blocks of the image, which can be
// executed, and of the device tree. They grow over RAM, so that the frame pool can use it. What is not RAM, or must not
// be mapped, stays out: a CPU may speculatively read all that is mapped, and run all that is executable.

#include "arch/memory/page_table_format.hpp"
#include "lib/types.hpp"

#include <array>
#include <span>

namespace trv::boot {

class EarlyMap {
  public:
    using Table = std::array<arch::Descriptor, arch::table_entries>;

    /// @param root  level 0; the tables below it lie at their own addresses
    /// @param spare zeroed tables that nothing uses yet, page-aligned
    EarlyMap(Table& root, std::span<Table> spare) : root_(root), spare_(spare) {}

    /// Maps RAM that is not mapped yet, never executable, rounded outwards to 2 MiB.
    /// @return false when the spare tables are used up: a machine with such banks cannot be used
    [[nodiscard]] bool add(PaRange ram);

  private:
    /// The table below an entry, created if missing; null when no spare one is left.
    [[nodiscard]] Table* descend(arch::Descriptor& entry);

    Table& root_;
    std::span<Table> spare_;
};

/// The one that this CPU runs on.
[[nodiscard]] EarlyMap current_early_map();

} // namespace trv::boot
