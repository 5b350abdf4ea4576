// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/platform/platform.hpp"
#include "tool/tree/module_layout.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::qemu {

/// An emulated machine, before it is started.
struct QemuOptions {
    const platform::Platform* platform = &platform::qemu_virt; // never null
    unsigned cpus = 1;
    std::uint64_t memory = 0;         // bytes
    std::filesystem::path firmware{}; // its folder
    std::filesystem::path device_tree{};
    std::filesystem::path image{}; // entered by the firmware at EL2
    std::vector<tree::Module> modules{};
    std::filesystem::path secure_log{};    // what the secure world's UART says
    std::filesystem::path exception_log{}; // log of all exceptions; empty: none
    bool instruction_clock = false;        // one instruction is one nanosecond, whatever the host does
    bool repeatable = false;               // always the same random seed and the same date
    bool debugger = false;                 // waits for gdb on TCP port 1234 before the first instruction

    [[nodiscard]] platform::Shape shape() const { return {.cpus = cpus, .memory = memory, .repeatable = repeatable}; }
};

/// The arguments for the machine, its device tree and its memory contents.
/// @param console  descriptor of the socket for the normal world's UART
[[nodiscard]] std::vector<std::string> command_line(const QemuOptions& options, int console);

} // namespace trv::tool::qemu
