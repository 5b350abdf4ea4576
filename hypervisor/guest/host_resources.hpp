// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the host VM gets of the machine, from the nodes that it keeps (guest/host_filter.hpp): registers, interrupts, pools
// of its devices; and where it finds what the hypervisor emulates.

#include "guest/host_filter.hpp"
#include "guest/layout.hpp"

namespace trv::guest {

inline constexpr std::size_t max_host_ranges = 96;
inline constexpr std::size_t max_host_pools = 8;

struct HostResources {
    FixedVector<PaRange, max_host_ranges> devices; ///< whole pages; they neither overlap nor touch
    FixedVector<PaRange, max_host_pools> pools;    ///< in RAM, whole pages
    HostInterrupts interrupts;                     ///< of these devices
    Layout layout;
    u32 kept = 0; ///< nodes

    [[nodiscard]] u64 device_bytes() const;
    [[nodiscard]] unsigned interrupt_count() const;
    /// Bits of an address space that contains all of it. @param ram all of the machine's
    [[nodiscard]] unsigned address_bits(std::span<const PaRange> ram) const;
};

/// @param resources newly constructed
/// @return Error::TooMany ranges, Error::NotFound without a place for what is emulated
[[nodiscard]] Result<void> collect(const HostFilter& filter, const machine::Machine& machine, HostResources& resources);

/// Logs what the host keeps, and what it does not get and why.
void log_resources(const HostFilter& filter, const HostResources& resources, std::string_view host);

} // namespace trv::guest
