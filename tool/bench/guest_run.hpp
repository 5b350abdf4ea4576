#pragma once

#include "tool/bench/peer_machine.hpp"
#include "tool/support/error.hpp"

#include <string>
#include <vector>

namespace trv::tool::bench {

/// What a machine said while its guests ran what they had to measure.
struct GuestRun {
    std::vector<std::vector<std::string>> lines{}; // of each guest's console
    std::vector<std::string> events{};             // the hypervisor's, Trivisor only
    std::vector<std::string> command_line{};       // QEMU's
    std::filesystem::path logs{};
};

/// Boots the guests on a peer and waits until each has said that its work has ended well.
/// @param name   of the run's folder
/// @param limit  seconds of host time
[[nodiscard]] Result<GuestRun> run_guests(const Paths& paths, const std::string& name, Peer peer,
                                          const BenchGuest& guest, unsigned cpus, Clock clock, double limit);

} // namespace trv::tool::bench
