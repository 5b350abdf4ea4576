// SPDX-License-Identifier: Apache-2.0
// From start.S to the payload's commands.

#include "guests/bare/lib/agent.hpp"
#include "guests/bare/lib/console.hpp"
#include "guests/bare/lib/cpu.hpp"
#include "guests/bare/lib/hardware/power.hpp"
#include "guests/bare/lib/machine.hpp"
#include "guests/bare/lib/payload.hpp"

#include <algorithm>

namespace trv::bare {
namespace {

/// `run=a,b+1` on the command line: commands in order, with + before each argument, since spaces end the option.
/// Says at the end how the worst of them ended, as a benchmark's script does.
void run_and_power_off(std::string_view commands) {
    int worst = all_passed;
    while (!commands.empty()) {
        const std::string_view written = commands.substr(0, commands.find(','));
        commands.remove_prefix(written.size() == commands.size() ? written.size() : written.size() + 1);
        std::array<char, 128> line;
        std::size_t size = 0;
        for (const char c : written.substr(0, line.size())) {
            line[size++] = c == '+' ? ' ' : c;
        }
        worst = std::max(worst, run_command({line.data(), size}));
    }
    print("bench ended {}\n", static_cast<u32>(worst));
    settle_console();
    power::system_off();
}

} // namespace

extern "C" [[noreturn]] void bare_main(const void* device_tree) {
    enter_primary_cpu(1);
    read_machine(device_tree);
    enter_primary_cpu(machine().cpus);
    const std::string_view commands = option("run");
    if (!commands.empty()) {
        run_and_power_off(commands);
    }
    run_agent();
}

} // namespace trv::bare
