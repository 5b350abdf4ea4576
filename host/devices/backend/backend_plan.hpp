// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/vhost/frontend.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace trv::host::devices {

using tool::Result;

/// How a device of a VM is to be served.
struct BackendPlan {
    std::string name{};    ///< "disk0"
    std::string serves{};  ///< for people: "raw /srv/a.img"
    bool plugged = true;   ///< the VM has it from its start
    std::string program{}; ///< that serves it
    /// Its arguments: those for the files that are there when it is started.
    std::function<std::vector<std::string>()> arguments = [] { return std::vector<std::string>{}; };
    std::filesystem::path socket{};             ///< where it listens
    std::vector<std::filesystem::path> files{}; ///< that it works on; it sees no others of the host's data
    bool only_reads = false;                    ///< its files
    std::filesystem::path key{}; ///< a file of root's; its service gets a copy as key_credential; empty: none
    /// Its service is in a user namespace of its own. All backends have one user, and none may look into another's process,
    /// which is refused between user namespaces [user_namespaces(7), ptrace(2)]. Without, the program sees to that itself.
    bool in_own_users = true;
    std::vector<std::string> rights{};     ///< of its service, beside what all backends have [systemd.exec(5)]
    std::filesystem::path folder_inside{}; ///< where its service sees the socket's folder; empty: where it is

    std::uint32_t device = 0;       ///< virtio's number of the kind
    std::uint64_t features = 0;     ///< of those that the backend offers, the ones that the VM may have
    std::uint64_t own_features = 0; ///< that need no backend, as they say what is in the configuration
    unsigned queues = 1;
    std::uint16_t queue_size = 0;
    std::size_t config_size = 0; ///< bytes
    std::uint64_t memory = 0;    ///< bytes of the bank that its requests take at most, with all queues full
    vhost::Manners manners{};

    /// Changes the backend's configuration, which is zero if it has none, into the VM's.
    std::function<void(std::string& config)> adapt = [](std::string&) {};
    /// What the backend's configuration becomes when a driver has accepted these features; empty: nothing is written.
    struct Setting {
        std::size_t offset = 0;
        std::string bytes{};
    };
    std::function<Setting(std::uint64_t features)> on_start = [](std::uint64_t) { return Setting{}; };
};

/// The name of a key's copy in the folder of the service's credentials [systemd.exec(5), CREDENTIALS].
inline constexpr const char* key_credential = "key";

/// This program, which is the backend of several kinds of devices.
[[nodiscard]] std::string this_program();

/// Arguments that are the same whenever the program is started.
[[nodiscard]] std::function<std::vector<std::string>()> always(std::vector<std::string> arguments);

/// Bytes of the bank that the requests of all of them take at most.
[[nodiscard]] std::uint64_t memory_of(std::span<const BackendPlan> plans);

/// How large the pool for requests may become: the share of the VM's memory that its host gives once more, for speed.
/// @param memory  of the VM, in bytes
[[nodiscard]] std::uint64_t largest_pool(std::uint64_t memory);

/// The size of the bank of a VM with these devices.
[[nodiscard]] std::uint64_t bank_size(std::span<const BackendPlan> plans);

/// Up to so many devices have long queues; up to twice as many have queues of half the length, and more a quarter, so that
/// the requests of all of them fit into 32 MiB.
inline constexpr std::size_t devices_with_long_queues = 4;

} // namespace trv::host::devices
