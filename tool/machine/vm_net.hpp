// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/vm_disk.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace trv::tool::machine {

using MacAddress = std::array<std::uint8_t, 6>;

/// A port of the host's that leads to one of the VM's.
struct PortForward {
    std::string address{}; // of the host's
    unsigned host_port = 0;
    unsigned vm_port = 0;
};

/// A network of a VM that the host makes: as a user's program has it, or a bridge of the host's.
struct VmNet {
    std::string bridge{};            // empty: none
    std::optional<MacAddress> mac{}; // none: it follows from the VM's name
    std::vector<PortForward> tcp{};
    std::vector<PortForward> udp{};
    bool plugged = true; // from the VM's start
    KeyPlace place{};
};

} // namespace trv::tool::machine
