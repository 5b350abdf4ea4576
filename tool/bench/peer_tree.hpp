#pragma once

#include "tool/support/error.hpp"
#include "tool/tree/module_layout.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace trv::tool::bench {

/// What a Linux guest is started with.
struct LinuxBoot {
    tree::Module kernel;
    tree::Module ramdisk;
    std::string bootargs;
};

/// The device tree of a machine that the firmware boots Linux on.
/// @param hardware  the tree that describes the machine, as QEMU wrote it
[[nodiscard]] Result<std::string> bare_tree(std::string_view hardware, const LinuxBoot& linux);

/// That of a machine whose Xen boots Linux as dom0.
/// @param memory  of dom0, in bytes
[[nodiscard]] Result<std::string> xen_tree(std::string_view hardware, const LinuxBoot& linux, std::uint64_t memory,
                                           unsigned vcpus);

} // namespace trv::tool::bench
