// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/testing/leftover_processes.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>
#include <vector>

namespace trv::tool::dev::testing {

namespace {

constexpr std::chrono::seconds dying_time{60};
constexpr std::chrono::milliseconds look_again{10};

std::vector<pid_t> children() {
    std::ifstream list{fmt::format("/proc/self/task/{}/children", ::getpid())};
    std::vector<pid_t> all;
    for (pid_t child = 0; list >> child;) {
        all.push_back(child);
    }
    return all;
}

/// Takes note of children that have ended; false when some still run.
bool reap() {
    pid_t ended = 0;
    do {
        ended = ::waitpid(-1, nullptr, WNOHANG);
    } while (ended > 0);
    return ended < 0;
}

} // namespace

void adopt_leftover_processes() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

unsigned end_leftover_processes() {
    // No event exists for the end of a process that is not a child yet: poll for a while.
    const auto deadline = std::chrono::steady_clock::now() + dying_time;
    while (!reap()) {
        if (std::chrono::steady_clock::now() < deadline) {
            std::this_thread::sleep_for(look_again);
            continue;
        }
        const auto left = children();
        for (const pid_t child : left) {
            ::kill(child, SIGKILL);
            ::waitpid(child, nullptr, 0);
        }
        return static_cast<unsigned>(left.size());
    }
    return 0;
}

} // namespace trv::tool::dev::testing
