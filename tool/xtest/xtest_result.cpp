// SPDX-License-Identifier: Apache-2.0
#include "tool/xtest/xtest_result.hpp"

#include "tool/support/process/process.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trv::tool::xtest {

namespace {

constexpr int no_tee = 69; // the exit code of xtest_command() for it

std::string trouble_of(const run::VmSession& vm, const XtestOutput& output) {
    const auto& commands = vm.commands();
    const auto bad = std::ranges::find_if_not(commands, &run::CommandResult::good);
    if (bad != commands.end() && bad->exit_code == no_tee) {
        return "the VM has no /dev/tee0; see hypervisor.log for the reason";
    }
    if (bad != commands.end() && bad->status != run::CommandResult::Status::Exited) {
        return fmt::format("the command did not finish: {}", run::word_for(*bad));
    }
    if (!output.totals() || output.is_inside()) {
        return fmt::format("xtest did not finish (exit code {})",
                           bad != commands.end() ? bad->exit_code.value_or(-1) : 0);
    }
    if (output.cases().empty()) {
        return "no test case matches";
    }
    const bool told = bad == commands.end() || output.count(XtestCase::Verdict::Failed) > 0;
    return told ? "" : fmt::format("xtest ended with exit code {}", bad->exit_code.value_or(-1));
}

} // namespace

XtestResult make_result(const run::VmSession& vm, XtestOutput output, std::string log) {
    std::string trouble = trouble_of(vm, output);
    return {.vm = vm.plan().name, .output = std::move(output), .trouble = std::move(trouble), .log = std::move(log)};
}

std::string xtest_command(const std::vector<std::string>& arguments) {
    std::string command =
        fmt::format("[ -e /dev/tee0 ] || {{ echo '/dev/tee0 does not exist'; exit {}; }}; xtest", no_tee);
    for (const auto& argument : arguments) {
        command += " " + shell_word(argument);
    }
    return command;
}

} // namespace trv::tool::xtest
