// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/boot_arguments.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trv::tool::guest {

namespace {

// Debian's kernels reserve 64 MiB for devices' buffers, which a small VM then lacks. Virtual devices
// need none of it.
constexpr std::uint64_t small_memory = 512 * machine::mib; // below, 64 MiB are more than an eighth
constexpr std::uint64_t cma_part = 16;
constexpr std::uint64_t cma_step = 4; // MiB

} // namespace

bool has_parameter(std::string_view line, std::string_view name) {
    while (!line.empty()) {
        const auto end = std::min(line.find(' '), line.size());
        const auto word = line.substr(0, end);
        if (word.substr(0, word.find('=')) == name) {
            return true;
        }
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return false;
}

std::string with_own(std::string_view users, std::string ours) {
    // A kernel that panics resets its VM, which ends the VM's part of the run, or lets the VM go on.
    if (!has_parameter(users, "panic")) {
        ours += " panic=-1";
    }
    return users.empty() ? ours : fmt::format("{} {}", ours, users);
}

std::string initramfs_arguments(const machine::VmDescription& vm, Mode mode) {
    if (vm.rootfs.empty()) {
        return vm.cmdline;
    }
    std::string users = vm.cmdline;
    if (vm.memory < small_memory && !has_parameter(users, "cma")) {
        const std::string cma = fmt::format("cma={}M", vm.memory / machine::mib / cma_part / cma_step * cma_step);
        users = users.empty() ? cma : fmt::format("{} {}", cma, users);
    }
    return with_own(users, fmt::format("console=ttyAMA0 trivisor.mode={} trivisor.name={}",
                                       mode == Mode::Shell ? "shell" : "exec", vm.name));
}

} // namespace trv::tool::guest
