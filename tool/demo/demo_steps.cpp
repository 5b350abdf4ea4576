// SPDX-License-Identifier: Apache-2.0
#include "tool/demo/demo_steps.hpp"

#include "tool/support/text_table.hpp"
#include "tool/xtest/xtest_result.hpp"

#include <fmt/format.h>

#include <array>

namespace trv::tool::demo {

namespace {

constexpr std::size_t xtest_step = 2;

/// Core, cryptography, hashes and secure storage: quick cases that reach every part of OP-TEE.
const std::vector<std::string> xtest_selection{"-t", "regression", "1001", "1004", "4001", "6001"};

std::string detail(std::size_t step, const run::CommandResult& result, const xtest::XtestOutput& xtest) {
    if (step == xtest_step && xtest.totals()) {
        return fmt::format("{} test cases, {} subtests, {} failed", xtest.totals()->cases, xtest.totals()->subtests,
                           xtest.totals()->failed_subtests);
    }
    return result.exit_code && *result.exit_code != 0 ? fmt::format("exit code {}", *result.exit_code) : "";
}

} // namespace

std::span<const DemoStep> demo_steps() {
    static const std::array steps{
        DemoStep{.title = "OP-TEE is present",
                 .command = "[ -e /dev/tee0 ] || { echo 'this VM has no /dev/tee0'; exit 69; }; uname -sr"},
        DemoStep{.title = "hello_world: 42 becomes 43",
                 .command = "hello_world 42 >/tmp/said; code=$?; cat /tmp/said; grep -q 43 /tmp/said && exit $code"},
        DemoStep{.title = "xtest, a selection", .command = xtest::xtest_command(xtest_selection)},
    };
    return steps;
}

std::string demo_table(const run::MachineSession& session, const std::vector<xtest::XtestOutput>& xtest) {
    TextTable table{{"VM", "step", "result", ""}};
    for (std::size_t vm = 0; vm < session.vms().size(); ++vm) {
        const auto& commands = session.vms()[vm].commands();
        for (std::size_t step = 0; step < commands.size() && step < demo_steps().size(); ++step) {
            table.add({session.vms()[vm].plan().name, demo_steps()[step].title,
                       std::string{run::word_for(commands[step])}, detail(step, commands[step], xtest.at(vm))});
        }
    }
    return table.text();
}

} // namespace trv::tool::demo
