// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/debug/foreground.hpp"

#include <unistd.h>

#include <csignal>

namespace trv::tool::ta {
namespace {

/// A group in the background that sets the terminal's group gets SIGTTOU unless it ignores that.
bool give_terminal_to(pid_t group) {
    const auto before = std::signal(SIGTTOU, SIG_IGN);
    const bool given = ::tcsetpgrp(STDIN_FILENO, group) == 0;
    std::signal(SIGTTOU, before);
    return given;
}

} // namespace

Foreground::Foreground(pid_t group) : before_(::tcgetpgrp(STDIN_FILENO)) {
    if (before_ != ::getpgrp() || !give_terminal_to(group)) {
        before_ = -1;
        return;
    }
    ::kill(-group, SIGCONT); // it may have used the terminal before
}

Foreground::~Foreground() {
    if (before_ > 0) {
        give_terminal_to(before_);
    }
}

} // namespace trv::tool::ta
