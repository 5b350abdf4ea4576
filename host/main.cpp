// SPDX-License-Identifier: Apache-2.0
#include "host/commands/definitions.hpp"
#include "host/manager/tee_device.hpp"

#include <sys/stat.h>

int main(int count, char** arguments) {
    using namespace trv::host;
    // Other users' programs have to reach what it makes, whatever its caller's mask; what is secret has a mode of its own.
    ::umask(022);
    return commands::run_command(count, arguments, []() -> trv::tool::Result<manager::Manager> {
        return manager::Manager::greet(TRY(manager::TeeDevice::open()));
    });
}
