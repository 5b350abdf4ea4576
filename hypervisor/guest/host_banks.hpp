// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which parts of the machine's RAM are the host VM's.

#include "lib/fixed_vector.hpp"
#include "lib/result.hpp"
#include "memory/physical/ram_map.hpp"

namespace trv::guest {

inline constexpr std::size_t max_host_banks = 8;
using HostBanks = FixedVector<PaRange, max_host_banks>;

/// Chooses the largest contiguous ranges of RAM that nothing has taken. The first lies below 4 GiB where there is RAM: for
/// devices with 32-bit DMA, and for the kernel.
/// @param size a positive multiple of 2 MiB
/// @return aligned to 2 MiB; Error::NoMemory if that leaves too little for the hypervisor, or takes too many ranges;
///         Error::Invalid
[[nodiscard]] Result<HostBanks> choose_banks(const memory::RamMap& map, u64 size);

} // namespace trv::guest
