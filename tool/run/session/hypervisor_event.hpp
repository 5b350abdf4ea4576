// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "contract/events.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::run {

/// An event of contract/events.hpp.
struct HypervisorEvent {
    std::optional<contract::Event> kind = std::nullopt; // none: an unknown one
    std::uint64_t ns = 0;
    std::string vm{};
    std::string reason{};
    std::string detail{};
    std::string version{};
    std::string options{}; // of the image: "NAME=value NAME=value"
    std::uint64_t image_bytes = 0;
    unsigned guest = 0; // OP-TEE's number for the VM
};

/// Parses a line of channel 1; nothing if it is not an event. Members of a wrong type count as absent.
[[nodiscard]] std::optional<HypervisorEvent> parse_event(std::string_view line);

} // namespace trv::tool::run
