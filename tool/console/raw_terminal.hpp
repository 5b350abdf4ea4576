// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <termios.h>

namespace trv::tool::console {

/// Puts a terminal into raw mode, where every key goes to the guest, and restores it when destroyed. No effect if the
/// file descriptor is not a terminal.
class RawTerminal {
  public:
    explicit RawTerminal(int fd);
    ~RawTerminal();
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;

    [[nodiscard]] bool is_raw() const { return raw_; }

  private:
    int fd_;
    termios saved_{};
    bool raw_ = false;
};

} // namespace trv::tool::console
