// SPDX-License-Identifier: Apache-2.0
#include "tool/run/report/outcome.hpp"

#include <algorithm>

namespace trv::tool::run {

int exit_code(Ending ending, const MachineSession& session) {
    const bool refused =
        std::ranges::any_of(session.vms(), [](const VmSession& vm) { return vm.status() == "refused"; });
    switch (ending) {
    case Ending::TimeOut:
        return 124;
    case Ending::Interrupted:
        return 130;
    case Ending::Died:
    case Ending::NotReady:
    case Ending::Stuck:
        return 3;
    case Ending::Quit:
        return 0;
    case Ending::MachineOff:
        break;
    }
    if (refused || session.off_reason() == "panic") {
        return 3;
    }
    return session.all_good() ? 0 : 1;
}

std::string_view word_for(Ending ending, const MachineSession& session) {
    switch (exit_code(ending, session)) {
    case 0:
        return "ok";
    case 1:
        return "failed";
    case 124:
        return "time-out";
    case 130:
        return "interrupted";
    default:
        return "machine-failed";
    }
}

} // namespace trv::tool::run
