// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/bench/report/sample.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace trv::tool::dev::bench {

/// Everything one needs to trace a figure back, and to measure it again.
struct Provenance {
    std::string suite;
    std::map<std::string, std::string> versions{}; // of what was measured, and of what measured it
    std::string host{};                            // processor and kernel of the machine that emulated
    std::string kernel{};                          // of the guest, as a machine description names it
    std::string ramdisk_sha256{};                  // of its initramfs
    std::uint64_t guest_memory = 0;                // bytes
    std::vector<std::pair<std::string, std::vector<std::string>>> command_lines{}; // QEMU's, by clock and measurement
};

/// What a suite has in `results.json`.
[[nodiscard]] std::string compare_json(const Provenance& provenance, const std::vector<Sample>& samples,
                                       const std::vector<Clock>& clocks);

} // namespace trv::tool::dev::bench
