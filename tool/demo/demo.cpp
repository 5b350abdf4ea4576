// SPDX-License-Identifier: Apache-2.0
#include "tool/demo/demo.hpp"

#include "tool/machine/readers/machine_reader.hpp"
#include "tool/run/run_machine.hpp"
#include "tool/setup/setup.hpp"
#include "tool/support/files.hpp"
#include "tool/support/text_table.hpp"
#include "tool/ta/build/build_project.hpp"
#include "tool/xtest/xtest_result.hpp"
#include "tool/xtest/xtest_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

namespace trv::tool::demo {

namespace {

/// Host seconds; a quiet machine needs a minute.
constexpr double time_limit = 1800;

Result<void> lay(const std::filesystem::path& tree, const std::string& where, const std::filesystem::path& file) {
    const auto target = tree / std::filesystem::path{where}.relative_path();
    TRY(make_folder(target.parent_path()));
    std::error_code problem;
    std::filesystem::copy_file(file, target, problem);
    return problem ? failure(file.string(), "cannot be copied: " + problem.message()) : Result<void>{};
}

/// The example's client and trusted application, in a folder to overlay on the VMs' root file systems.
Result<void> lay_out_example(Context& context, const std::filesystem::path& tree) {
    const auto built = TRY(ta::build_project(context, context.paths.root() / "examples" / "hello_world"));
    TRY(lay(tree, built.project.guest_ta(), built.ta.signed_file));
    return lay(tree, built.project.guest_client(), built.client.program);
}

} // namespace

Result<int> run_demo(Context& context) {
    const auto file = context.paths.root() / "machines" / "two.toml";
    const auto machine = TRY(machine::read_machine(file));
    TRY(setup::run_setup(context, {.hypervisor = false})); // for the build below; the run sets up the rest
    const auto tree = TRY(TemporaryFolder::create(context.paths.build(), "demo"));
    TRY(lay_out_example(context, tree.path()));

    run::RunOptions options{.machine = file, .timeout = time_limit};
    std::vector<std::string> names;
    for (const auto& vm : machine.vms) {
        names.push_back(vm.name);
        options.overlays.emplace_back(vm.name, tree.path());
        for (const auto& step : demo_steps()) {
            options.commands.emplace_back(vm.name, step.command);
        }
    }
    std::vector<xtest::XtestOutput> outputs(names.size());
    const auto result = TRY(run::run_machine(context, options, std::make_unique<xtest::XtestView>(names, outputs)));
    fmt::print("\n{}\nLogs: {}\n", demo_table(result.session, outputs), context.paths.shown(result.logs));
    const bool good = std::ranges::all_of(outputs, &xtest::XtestOutput::good);
    return result.exit_code == 0 && !good ? 1 : result.exit_code;
}

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
