// SPDX-License-Identifier: Apache-2.0
#include "guests/bare/lib/payload.hpp"

#include "guests/bare/lib/gic.hpp"
#include "guests/bare/lib/report.hpp"
#include "guests/bare/lib/words.hpp"

#include <algorithm>

namespace trv::bare {
namespace {

const Command* find(std::span<const Command> commands, std::string_view name) {
    const auto found = std::ranges::find(commands, name, &Command::name);
    return found == commands.end() ? nullptr : &*found;
}

} // namespace

int run_command(std::string_view line) {
    std::string_view arguments = line;
    const std::string_view name = take_word(arguments);
    (void)take_tally();
    gic::reset();
    if (name == payload.name) {
        for (const Command& command : payload.suite) {
            command.run(arguments);
        }
    } else if (const Command* one = find(payload.suite, name)) {
        one->run(arguments);
    } else if (const Command* other = find(payload.others, name)) {
        other->run(arguments);
    } else {
        print("{}: no such command\n", name);
        return no_such_command;
    }
    const Tally tally = take_tally();
    if (tally.passed + tally.failed != 0) {
        print("SUMMARY {}: {} passed, {} failed\n", name, tally.passed, tally.failed);
    }
    return tally.failed == 0 ? all_passed : some_failed;
}

} // namespace trv::bare
