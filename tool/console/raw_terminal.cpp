// SPDX-License-Identifier: Apache-2.0
#include "tool/console/raw_terminal.hpp"

#include <unistd.h>

namespace trv::tool::console {

RawTerminal::RawTerminal(int fd) : fd_{fd} {
    if (isatty(fd) == 0 || tcgetattr(fd, &saved_) != 0) {
        return;
    }
    termios raw = saved_;
    cfmakeraw(&raw);
    raw.c_oflag = saved_.c_oflag; // the tool's own lines end with a plain line feed
    raw_ = tcsetattr(fd, TCSADRAIN, &raw) == 0;
}

RawTerminal::~RawTerminal() {
    if (raw_) {
        tcsetattr(fd_, TCSADRAIN, &saved_);
    }
}

} // namespace trv::tool::console
