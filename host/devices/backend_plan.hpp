// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/vhost/frontend.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace trv::host::devices {

using tool::Result;

/// How a device of a VM is to be served.
struct BackendPlan {
    std::string name{};                         ///< "disk0"
    std::vector<std::string> arguments{};       ///< the program that serves it, and its arguments
    std::filesystem::path socket{};             ///< where it listens
    std::vector<std::filesystem::path> files{}; ///< that it works on; it sees no others of the host's data

    std::uint32_t device = 0;   ///< virtio's number of the kind
    std::uint64_t features = 0; ///< of those that the backend offers, the ones that the VM may have
    unsigned queues = 1;
    std::uint16_t queue_size = 0;
    std::size_t config_size = 0; ///< bytes
    std::uint64_t memory = 0;    ///< bytes of the bank that its requests take at most, with all queues full
    vhost::Manners manners{};

    /// Changes the backend's configuration into the VM's.
    std::function<void(std::string& config)> adapt = [](std::string&) {};
    /// What the backend's configuration becomes when a driver has accepted these features; empty: nothing is written.
    struct Setting {
        std::size_t offset = 0;
        std::string bytes{};
    };
    std::function<Setting(std::uint64_t features)> on_start = [](std::uint64_t) { return Setting{}; };
};

} // namespace trv::host::devices
