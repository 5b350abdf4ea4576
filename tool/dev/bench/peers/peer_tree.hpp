// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/tree/module_layout.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::dev::bench {

/// What a guest is started with.
struct GuestBoot {
    tree::Module kernel;
    std::optional<tree::Module> ramdisk; // Linux has one
    std::string bootargs;
};

/// The device tree of a machine whose Xen boots the guest as dom0, each of its vCPUs on a CPU of its own while there are such.
/// @param hardware  the tree that describes the machine, as QEMU wrote it
/// @param memory    of dom0, in bytes
[[nodiscard]] Result<std::string> xen_tree(std::string_view hardware, const GuestBoot& boot, std::uint64_t memory,
                                           unsigned vcpus);

} // namespace trv::tool::dev::bench
