// SPDX-License-Identifier: Apache-2.0
#include "tool/demo/demo.hpp"

#include "tool/demo/demo_steps.hpp"
#include "tool/machine/machine_reader.hpp"
#include "tool/run/run_machine.hpp"
#include "tool/setup/setup.hpp"
#include "tool/support/files.hpp"
#include "tool/ta/build/build_project.hpp"
#include "tool/xtest/xtest_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace trv::tool::demo {

namespace {

/// Host seconds; a quiet machine needs a fifth of it.
constexpr double time_limit = 300;

Result<void> lay(const std::filesystem::path& tree, const std::string& where, const std::filesystem::path& file) {
    const auto target = tree / std::filesystem::path{where}.relative_path();
    TRY(make_folder(target.parent_path()));
    std::error_code problem;
    std::filesystem::copy_file(file, target, problem);
    return problem ? failure(file.string(), "cannot be copied: " + problem.message()) : Result<void>{};
}

/// The example's client and trusted application, in a folder to overlay on the VMs' root file systems.
Result<void> lay_out_example(const Paths& paths, Progress& progress, const std::filesystem::path& tree) {
    const auto built = TRY(ta::build_project(paths, progress, paths.root() / "examples" / "hello_world"));
    TRY(lay(tree, built.project.guest_ta(), built.ta.signed_file));
    return lay(tree, built.project.guest_client(), built.client.program);
}

} // namespace

Result<int> run_demo(const Paths& paths, Progress& progress) {
    const auto file = paths.root() / "machines" / "two.toml";
    const auto machine = TRY(machine::read_machine(file));
    TRY(setup::run_setup(paths, progress));
    const auto tree = TRY(TemporaryFolder::create(paths.build(), "demo"));
    TRY(lay_out_example(paths, progress, tree.path()));

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
    const auto result =
        TRY(run::run_machine(paths, progress, options, std::make_unique<xtest::XtestView>(names, outputs)));
    fmt::print("\n{}\nLogs: {}\n", demo_table(result.session, outputs), paths.shown(result.logs));
    const bool good = std::ranges::all_of(outputs, &xtest::XtestOutput::good);
    return result.exit_code == 0 && !good ? 1 : result.exit_code;
}

} // namespace trv::tool::demo
