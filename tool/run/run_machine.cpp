// SPDX-License-Identifier: Apache-2.0
#include "tool/run/run_machine.hpp"

#include "tool/disk/machine_disks.hpp"
#include "tool/machine/readers/machine_reader.hpp"
#include "tool/machine/values/firmware_name.hpp"
#include "tool/machine/values/kernel_name.hpp"
#include "tool/options/image_config.hpp"
#include "tool/options/image_options.hpp"
#include "tool/run/options_check.hpp"
#include "tool/run/preparation.hpp"
#include "tool/run/report/failure_report.hpp"
#include "tool/run/report/result_json.hpp"
#include "tool/run/runner.hpp"
#include "tool/run/view/interactive_view.hpp"
#include "tool/run/view/view.hpp"
#include "tool/setup/hypervisor_build.hpp"
#include "tool/setup/setup.hpp"
#include "tool/support/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace trv::tool::run {

namespace {

/// The machine without the hypervisor has one system.
Result<void> leave_only_disk_system(machine::MachineDescription& machine) {
    std::erase_if(machine.vms, [](const auto& vm) { return !vm.boots_from_disk(); });
    if (machine.vms.empty()) {
        return usage_error(machine.file.string(), "", "has no VM that boots from the machine's disk",
                           "Give one kernel = \"disk\".");
    }
    machine.vms.resize(1);
    return {};
}

std::unique_ptr<View> make_view(const RunOptions& options, const std::vector<VmPlan>& plans,
                                const run_folder::RunFolder& folder) {
    std::vector<std::string> names;
    for (const auto& plan : plans) {
        names.push_back(plan.name);
    }
    if (!options.interactive()) {
        return std::make_unique<StreamingView>(names);
    }
    const auto focus = std::ranges::find(names, options.attach);
    return std::make_unique<InteractiveView>(
        names, focus == names.end() ? 0U : static_cast<unsigned>(focus - names.begin()), folder.hypervisor_log());
}

Result<void> write_json(const Paths& paths, const RunOptions& options, const qemu::QemuOptions& qemu, Ending ending,
                        const MachineSession& session, const run_folder::RunFolder& folder) {
    if (options.json.empty()) {
        return {};
    }
    const RunReport report{.ending = ending,
                           .qemu_version = TRY(qemu::qemu_version(qemu.emulator)),
                           .resolved_versions = read_file(paths.resolved_versions()).value_or("")};
    return write_file(options.json, result_json(report, session, folder));
}

/// Also a trace that another command started.
Result<void> write_trace(const trace::TraceFetch& trace) {
    if (trace.has_anything()) {
        TRY(trace.write());
        fmt::print(stderr, "trivisor: {}\n", trace.summary());
    }
    return {};
}

} // namespace

Result<void> set_up(Context& context, const RunOptions& run, const machine::MachineDescription& machine,
                    std::vector<firmware::Optee> optees) {
    std::vector<std::string> kernels;
    std::vector<packages::PackageId> guest_firmware;
    for (const auto& vm : machine.vms) {
        kernels.push_back(vm.kernel);
        if (const auto* known = machine::find_firmware(vm.firmware)) {
            guest_firmware.push_back(known->package_id());
        }
    }
    const setup::SetupOptions options{.kernels = std::move(kernels),
                                      .guest_firmware = std::move(guest_firmware),
                                      .hypervisor = !run.bare,
                                      .config = run.config,
                                      .platform = machine.platform,
                                      .qemu = machine.qemu,
                                      .optees = std::move(optees)};
    TRY(setup::run_setup(context, options));
    if (run.bare) {
        return {};
    }
    if (!run.config.empty() && std::ranges::any_of(machine.vms, [](const auto& vm) { return vm.is_built_guest(); })) {
        TRY(setup::build_hypervisor(context.paths, "")); // bare-metal guests are the same beside every image
    }
    const auto image = TRY(setup::hypervisor_image(context.paths, run.config));
    const auto built_in = TRY(options::read_image_options(image.options()));
    if (!run.trace.empty() && !built_in.trace) {
        return usage_error("--trace", "", "the image is built without traces (option TRACE)",
                           "Enable TRACE with ./trivisor menuconfig.");
    }
    return options::check_machine(built_in, machine);
}

Result<std::string> config_for(const Paths& paths, const std::string& config,
                               const machine::MachineDescription& machine) {
    if (!config.empty()) {
        return config;
    }
    if (!machine.platform->config.empty()) {
        return std::string{machine.platform->config};
    }
    const std::string in_force = TRY(read_file(options::config_in_force(paths)));
    if (std::ranges::any_of(machine.vms, &machine::VmDescription::has_firmware) &&
        !in_force.contains("CONFIG_FIRMWARE=y")) {
        return "firmware";
    }
    if (std::ranges::any_of(machine.vms, [](const auto& vm) { return machine::is_32_bit(vm.kernel); }) &&
        !in_force.contains("CONFIG_AARCH32=y")) {
        return "aarch32";
    }
    return "";
}

Result<RunResult> run_machine(Context& context, const RunOptions& given, std::unique_ptr<View> view) {
    RunOptions options = given;
    auto machine = TRY(machine::read_machine(options.machine));
    options.config = TRY(config_for(context.paths, options.config, machine));
    if (options.bare) {
        TRY(leave_only_disk_system(machine));
    }
    TRY(check_options(options, machine));
    TRY(set_up(context, options, machine, {optee_of(options, machine)}));
    const auto disks =
        TRY(disk::open_disks(context, machine, {.fresh = options.fresh_disks, .packages = options.packages}));
    const run_folder::RunFolder folder = TRY(run_folder::RunFolder::create(context.paths, options.machine));
    const auto qemu = TRY(prepare_machine(context.paths, folder, options, machine, disks.disks));
    const auto plans = make_plans(options, machine);
    if (!view) {
        view = make_view(options, plans, folder);
    }
    Runner runner{folder, plans, *view,
                  RunLimits{.timeout = options.timeout,
                            .debugger = options.debugger,
                            .gdb_socket = options.gdb_socket,
                            .interactive = options.interactive(),
                            .trace = options.trace,
                            .instruction_clock = options.instruction_clock,
                            .bare_vm = options.bare ? plans.front().name : "",
                            .keeps_state = !disks.disks.empty()}};
    const Ending ending = TRY(runner.run(qemu));
    view.reset(); // restores the terminal before any other output
    if (const auto report = failure_report(ending, runner.session(), folder, context.paths); !report.empty()) {
        fmt::print(stderr, "trivisor: {}\n", report);
    }
    // If one cannot be written, the other is written nevertheless.
    const auto trace_written = write_trace(runner.trace());
    const auto json_written = write_json(context.paths, options, qemu, ending, runner.session(), folder);
    TRY(trace_written);
    TRY(json_written);
    return RunResult{
        .exit_code = exit_code(ending, runner.session()), .session = runner.session(), .logs = folder.path()};
}

} // namespace trv::tool::run
