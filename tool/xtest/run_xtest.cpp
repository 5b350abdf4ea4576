// SPDX-License-Identifier: Apache-2.0
#include "tool/xtest/run_xtest.hpp"

#include "tool/machine/readers/machine_reader.hpp"
#include "tool/run/options_check.hpp"
#include "tool/run/run_machine.hpp"
#include "tool/support/files.hpp"
#include "tool/xtest/xtest_report.hpp"
#include "tool/xtest/xtest_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace trv::tool::xtest {

namespace {

Result<std::vector<std::string>> wanted_vms(const XtestOptions& options, const machine::MachineDescription& machine) {
    for (const auto& name : options.vms) {
        TRY(run::check_vm("--vm", name, machine));
    }
    if (!options.vms.empty()) {
        return options.vms;
    }
    std::vector<std::string> vms;
    for (const auto& vm : machine.vms) {
        if (vm.tee) {
            vms.push_back(vm.name);
        }
    }
    if (vms.empty()) {
        return usage_error(machine.file.string(), "tee", "none of its VMs has an OP-TEE",
                           "Give one tee = { allow = [\"d96a5b40-c3e5-21e3-8794-1002a5d5c61b\"] }.");
    }
    return vms;
}

Result<void> write_reports(const XtestOptions& options, const std::vector<XtestResult>& results) {
    if (!options.json.empty()) {
        TRY(write_file(options.json, xtest_json(results)));
    }
    if (!options.junit.empty()) {
        TRY(write_file(options.junit, xtest_junit(results)));
    }
    return {};
}

} // namespace

Result<int> run_xtest(Context& context, const XtestOptions& options) {
    const auto file = options.machine.empty() ? context.paths.root() / "machines" / "two.toml" : options.machine;
    const auto machine = TRY(machine::read_machine(file));
    const auto vms = TRY(wanted_vms(options, machine));
    run::RunOptions run{.machine = file};
    for (const auto& vm : vms) {
        run.commands.emplace_back(vm, xtest_command(options.arguments));
    }
    std::vector<std::string> names;
    for (const auto& vm : machine.vms) {
        names.push_back(vm.name);
    }
    std::vector<XtestOutput> outputs(names.size());
    const auto ran = TRY(run::run_machine(context, run, std::make_unique<XtestView>(names, outputs)));
    std::vector<XtestResult> results;
    for (std::size_t index = 0; index < names.size(); ++index) {
        if (std::ranges::find(vms, names[index]) != vms.end()) {
            results.push_back(make_result(ran.session.vms()[index], std::move(outputs[index]),
                                          (ran.logs / (names[index] + ".log")).string()));
        }
    }
    fmt::print("\n{}\nLogs: {}\n", xtest_table(results), context.paths.shown(ran.logs));
    TRY(write_reports(options, results));
    const bool good = std::ranges::all_of(results, &XtestResult::good);
    return ran.exit_code == 0 && !good ? 1 : ran.exit_code;
}

} // namespace trv::tool::xtest
