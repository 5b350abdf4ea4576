// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

namespace trv::tool::ta {

/// Gives the terminal to another process group while it exists: its Ctrl-C then reaches only that group. Does nothing if
/// standard input is not our terminal.
class Foreground {
  public:
    explicit Foreground(pid_t group);
    Foreground(const Foreground&) = delete;
    Foreground& operator=(const Foreground&) = delete;
    ~Foreground();

  private:
    pid_t before_; ///< the group that had it; -1: none
};

} // namespace trv::tool::ta
