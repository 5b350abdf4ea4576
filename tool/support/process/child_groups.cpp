// SPDX-License-Identifier: Apache-2.0
#include "tool/support/process/child_groups.hpp"

#include <array>
#include <atomic>
#include <csignal>

namespace trv::tool {
namespace {

/// 0 is a free entry. A signal handler may use only lock-free data; a child without an entry ends a little later.
constexpr std::size_t most_groups = 64;
constinit std::array<std::atomic<pid_t>, most_groups> living{};
static_assert(std::atomic<pid_t>::is_always_lock_free);

void replace(pid_t old_group, pid_t new_group) {
    for (auto& place : living) {
        pid_t expected = old_group;
        if (place.compare_exchange_strong(expected, new_group)) {
            return;
        }
    }
}

void end_all(int signal) {
    for (const auto& place : living) {
        if (const pid_t group = place.load(); group > 0) {
            ::kill(-group, SIGKILL);
        }
    }
    ::signal(signal, SIG_DFL);
    ::raise(signal); // delivered when this handler returns
}

} // namespace

void end_children_with_us() {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction before{};
        ::sigaction(signal, nullptr, &before);
        if (before.sa_handler == SIG_DFL) { // an ignored signal, as under nohup, stays ignored
            ::signal(signal, end_all);
        }
    }
}

void remember_group(pid_t group) {
    replace(0, group);
}

void forget_group(pid_t group) {
    replace(group, 0);
}

} // namespace trv::tool
