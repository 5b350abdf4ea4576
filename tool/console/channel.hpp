// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace trv::tool::console {

/// A channel of the framed UART; docs/internals/machine-tree.md, "The console frames", is the contract.
using Channel = std::uint8_t;

inline constexpr Channel hypervisor_log = 0;
inline constexpr Channel events = 1;
inline constexpr Channel trace = 34; // bytes without lines
inline constexpr Channel last_channel = 94;

inline constexpr char escape_byte = 0x10;  // DLE
inline constexpr char channel_base = 0x20; // DLE, channel_base + c: the following bytes belong to channel c

[[nodiscard]] constexpr Channel vm_console(unsigned vm) {
    return static_cast<Channel>(2 + 2 * vm);
}
[[nodiscard]] constexpr Channel vm_agent(unsigned vm) {
    return static_cast<Channel>(3 + 2 * vm);
}
[[nodiscard]] constexpr bool is_of_vm(Channel channel) {
    return channel >= 2 && channel < trace;
}
[[nodiscard]] constexpr unsigned vm_of(Channel channel) {
    return (channel - 2U) / 2;
}
[[nodiscard]] constexpr bool is_agent(Channel channel) {
    return is_of_vm(channel) && (channel & 1U) != 0;
}

} // namespace trv::tool::console
