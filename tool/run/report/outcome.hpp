// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/run/session/machine_session.hpp"

#include <string_view>

namespace trv::tool::run {

/// How a run ended.
enum class Ending {
    MachineOff,  // the hypervisor powered the machine off
    Quit,        // the user left the interactive mode
    TimeOut,     // --timeout
    Interrupted, // SIGINT, SIGTERM or SIGHUP
    Died,        // QEMU ended, and the hypervisor did not say why
    NotReady,    // the hypervisor did not start
    Stuck,       // it did not power off when told to
};

/// The command's exit code: 0 success, 1 a VM's command failed, 3 the machine failed, 124 time-out, 130 interrupted.
[[nodiscard]] int exit_code(Ending ending, const MachineSession& session);

/// One word for the run: ok, failed, machine-failed, time-out, interrupted.
[[nodiscard]] std::string_view word_for(Ending ending, const MachineSession& session);

} // namespace trv::tool::run
