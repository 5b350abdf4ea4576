// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/bench/peers/peer_machine.hpp"
#include "tool/support/error.hpp"

#include <string>
#include <vector>

namespace trv::tool::dev::bench {

/// What a machine said while its guests ran what they had to measure.
struct GuestRun {
    std::vector<std::vector<std::string>> lines{}; // of each guest's console
    /// The hypervisor's, Trivisor only; the last answers `stats`, with `idle_for` the last two.
    std::vector<std::string> events{};
    std::vector<std::string> command_line{}; // QEMU's
    std::filesystem::path logs{};
};

/// How the machine is run.
struct RunShape {
    BenchBoard board{};
    bool until_off = false;      // continues until the machine has powered off
    bool log_exceptions = false; // into the run's folder, see exception_log()
    double idle_for = 0;         // seconds of host time that guests who have ended are watched; Trivisor only
    double limit = 0;            // seconds of host time
};

/// Boots the guests on a peer and waits until each has said that its work has ended well.
/// @param name  of the run's folder
[[nodiscard]] Result<GuestRun> run_guests(const Paths& paths, const std::string& name, Peer peer,
                                          const BenchGuest& guest, const RunShape& shape);

[[nodiscard]] std::filesystem::path exception_log(const std::filesystem::path& run_folder);

} // namespace trv::tool::dev::bench
