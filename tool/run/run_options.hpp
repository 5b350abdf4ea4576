// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace trv::tool::run {

/// The user's options for `run`.
struct RunOptions {
    static constexpr std::uint64_t default_trace_buffer = 256 * 1024;
    static constexpr std::uint64_t least_trace_buffer = 4 * 1024; // the hypervisor's own limits
    static constexpr std::uint64_t most_trace_buffer = 16 * 1024 * 1024;

    std::filesystem::path machine{};
    std::vector<std::pair<std::string, std::string>> commands{};           // VM and command, in order
    std::vector<std::pair<std::string, std::filesystem::path>> overlays{}; // VM and folder
    std::string attach{};            // VM whose console comes first; empty: the first
    std::string config{};            // the image's options; empty: those in force
    std::optional<double> timeout{}; // seconds of host time
    std::filesystem::path json{};
    std::filesystem::path trace{};                     // empty: none is taken
    std::uint64_t trace_buffer = default_trace_buffer; // bytes of each CPU's ring
    bool instruction_clock = false;
    bool debugger = false;                         // wait for gdb
    bool gdb_socket = false;                       // let gdb connect at any time
    bool fresh_disks = false;                      // make the disks that the tool makes anew
    std::vector<std::filesystem::path> packages{}; // Debian's format: to install on the disks that the tool makes
    bool bare = false; // only the system on the first disk, on the machine itself, without the hypervisor

    [[nodiscard]] bool debuggable() const { return debugger || gdb_socket; }
    [[nodiscard]] bool interactive() const { return commands.empty(); }
};

} // namespace trv::tool::run
