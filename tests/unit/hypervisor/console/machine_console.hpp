// SPDX-License-Identifier: Apache-2.0
#pragma once
// The machine's own console, which can be opened once in a process: the tests that need it share it.

#include "console/console.hpp"
#include "fake_port.hpp"

namespace trv::console {

inline FakePort& machine_console() {
    static FakePort port;
    static const bool opened = (start(port, Mode::Framed), true);
    (void)opened;
    return port;
}

} // namespace trv::console
