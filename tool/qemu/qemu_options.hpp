// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/tree/module_layout.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::qemu {

inline constexpr const char* program = "qemu-system-aarch64";

/// An emulated machine, before it is started.
struct QemuOptions {
    unsigned cpus = 1;
    std::uint64_t memory = 0; // bytes
    std::filesystem::path flash{};
    std::filesystem::path device_tree{};
    std::filesystem::path image{}; // entered by the firmware at EL2
    std::vector<tree::Module> modules{};
    std::filesystem::path secure_log{};    // what the secure world's UART says
    std::filesystem::path exception_log{}; // log of all exceptions; empty: none
    bool instruction_clock = false;        // one instruction is one nanosecond, whatever the host does
    bool repeatable = false;               // always the same random seed and the same date
    bool debugger = false;                 // waits for gdb on TCP port 1234 before the first instruction
};

/// The arguments for the machine, its device tree and its memory contents.
/// @param console  descriptor of the socket for the normal world's UART
[[nodiscard]] std::vector<std::string> command_line(const QemuOptions& options, int console);

/// The arguments that make QEMU write the tree of such a machine to `output` and end.
[[nodiscard]] std::vector<std::string> dump_command_line(const QemuOptions& options,
                                                         const std::filesystem::path& output);

} // namespace trv::tool::qemu
