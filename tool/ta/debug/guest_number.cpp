// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/debug/guest_number.hpp"

#include "tool/run/session/hypervisor_event.hpp"

#include <sstream>

namespace trv::tool::ta {

std::optional<unsigned> guest_number(const std::string& events, const std::string& vm) {
    std::optional<unsigned> number;
    std::istringstream lines(events);
    for (std::string line; std::getline(lines, line);) {
        const auto event = run::parse_event(line);
        if (!event || event->vm != vm) {
            continue;
        }
        if (event->kind == contract::Event::VmWithTee) {
            number = event->guest;
        } else if (event->kind == contract::Event::VmStopped) {
            number.reset();
        }
    }
    return number;
}

} // namespace trv::tool::ta
