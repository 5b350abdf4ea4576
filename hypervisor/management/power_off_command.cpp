// SPDX-License-Identifier: Apache-2.0
#include "management/monitor_commands.hpp"

namespace trv::management {
namespace {

void power_off(void* context, std::string_view, console::Reply&) {
    static_cast<vm::Manager*>(context)->power_off_soon();
}

} // namespace

void add_power_off_command(vm::Manager& manager) {
    MUST(manager.resources().console.monitor().add(
        console::Command::of(contract::monitor::Command::PowerOff, power_off, &manager)));
}

} // namespace trv::management
