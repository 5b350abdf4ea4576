// SPDX-License-Identifier: Apache-2.0
#include "host/devices/kinds/share.hpp"

#include <fmt/format.h>
#include <pwd.h>

#include <algorithm>
#include <cstring>

namespace trv::host::devices {

namespace {

/// [virtio 1.3, 5.11]
constexpr std::uint32_t file_system_device = 26;
constexpr std::uint64_t event_index = std::uint64_t{1} << 29;
constexpr std::size_t config_size = 40;
constexpr std::size_t request_queues_at = 36; ///< behind the tag
constexpr unsigned queues = 2;                ///< urgent requests, and requests

/// Without indirect descriptors a queue's requests have as many pages as it has entries, all of them together.
constexpr std::uint16_t queue_size = 64;
constexpr std::uint64_t page_memory = 4096;

} // namespace

BackendPlan plan_share(const tool::machine::VmShare& share, unsigned index, const Household& household) {
    const std::string name = fmt::format("share{}", index);
    const auto socket = household.folder / (name + ".sock");
    std::vector<std::string> arguments{"--socket-path",       socket.string(), "--shared-dir",
                                       share.folder.string(), "--log-level",   "error"};
    const passwd* const user = household.sandboxed ? ::getpwnam(backend_user) : nullptr;
    if (user != nullptr) { // it is that user: all of the VM's users are, to the host
        arguments.insert(arguments.end(), {"--sandbox", "none", "--socket-group", backend_user, "--translate-uid",
                                           fmt::format("squash-guest:0:{}:4294967295", user->pw_uid), "--translate-gid",
                                           fmt::format("squash-guest:0:{}:4294967295", user->pw_gid)});
    } else {
        arguments.insert(arguments.end(), {"--sandbox", "chroot"});
    }
    if (share.read_only) {
        arguments.emplace_back("--readonly");
    }
    return {
        .name = name,
        .serves = fmt::format("{} as {}{}", share.folder.string(), share.tag, share.read_only ? ", read only" : ""),
        .plugged = share.plugged,
        .program = "/usr/libexec/virtiofsd",
        .arguments = always(std::move(arguments)),
        .socket = socket,
        .files = {share.folder},
        .only_reads = share.read_only,
        .rights = {"PrivateNetwork=yes", "RestrictAddressFamilies=AF_UNIX", "RestrictNamespaces=yes",
                   "BindReadOnlyPaths=/etc/group", "SystemCallFilter=@system-service"},
        .device = file_system_device,
        .features = event_index,
        .queues = queues,
        .queue_size = queue_size,
        .config_size = config_size,
        .memory = queues * queue_size * page_memory * 2, // a page may straddle two of the pool's
        .adapt =
            [tag = share.tag](std::string& config) {
                std::ranges::copy(tag, config.begin());
                const std::uint32_t request_queues = 1;
                std::memcpy(config.data() + request_queues_at, &request_queues, sizeof request_queues);
            },
    };
}

} // namespace trv::host::devices
