// SPDX-License-Identifier: Apache-2.0
#pragma once
// The channels that share the machine's one UART.

#include "contract/limits.hpp"

#include <cstdint>
#include <string_view>

namespace trv::contract {

using ChannelNumber = std::uint8_t;

inline constexpr ChannelNumber log_channel = 0;
inline constexpr ChannelNumber event_channel = 1;
inline constexpr ChannelNumber first_vm_channel = 2;
inline constexpr ChannelNumber trace_channel = first_vm_channel + 2 * max_vms; ///< bytes without lines
inline constexpr unsigned max_channels = trace_channel + 1;

/// @param vm the VM's index, below max_vms
[[nodiscard]] constexpr ChannelNumber console_channel(unsigned vm) {
    return static_cast<ChannelNumber>(first_vm_channel + 2 * vm);
}
[[nodiscard]] constexpr ChannelNumber agent_channel(unsigned vm) {
    return static_cast<ChannelNumber>(console_channel(vm) + 1);
}
[[nodiscard]] constexpr bool is_of_vm(unsigned channel) {
    return channel >= first_vm_channel && channel < trace_channel;
}
/// Precondition: is_of_vm().
[[nodiscard]] constexpr unsigned vm_of(unsigned channel) {
    return (channel - first_vm_channel) / 2;
}
[[nodiscard]] constexpr bool is_agent(unsigned channel) {
    return is_of_vm(channel) && (channel - first_vm_channel) % 2 == 1;
}

/// For the reference page.
struct ChannelRow {
    std::string_view channel;
    std::string_view from; ///< the hypervisor
    std::string_view to;
};
inline constexpr ChannelRow channel_rows[] = {
    {"0", "the hypervisor's own log (and, before it, the firmware's)", "ignored"},
    {"1", "events, one JSON object per line", "monitor commands, one per line"},
    {"2 + 2·i", "console of VM i (its first PL011)", "its input"},
    {"3 + 2·i", "agent port of VM i (its second PL011)", "requests to its agent"},
    {"34", "the trace, binary", "ignored"},
};
static_assert(log_channel == 0 && event_channel == 1 && console_channel(1) == 4 && agent_channel(1) == 5 &&
                  trace_channel == 34,
              "the rows say so");

} // namespace trv::contract
