// SPDX-License-Identifier: Apache-2.0
#include "host/commands/definitions.hpp"
#include "host/manager/tee_device.hpp"

int main(int count, char** arguments) {
    using namespace trv::host;
    return commands::run_command(count, arguments, []() -> trv::tool::Result<manager::Manager> {
        return manager::Manager::greet(TRY(manager::TeeDevice::open()));
    });
}
