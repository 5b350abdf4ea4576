// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/trace/trace_project.hpp"

#include "tool/firmware/optee_source.hpp"
#include "tool/machine/readers/machine_reader.hpp"
#include "tool/setup/setup.hpp"
#include "tool/support/event_loop.hpp"
#include "tool/ta/build/build_project.hpp"
#include "tool/ta/deploy/background_machine.hpp"
#include "tool/ta/deploy/choose_vm.hpp"
#include "tool/ta/deploy/guest_session.hpp"
#include "tool/ta/trace/call_graph.hpp"

#include <fmt/format.h>

namespace trv::tool::ta {
namespace {

/// The OP-TEE of a machine, which must record calls.
Result<firmware::OpteeBuild> tracing_optee(const Paths& paths, const std::filesystem::path& description,
                                           const machine::MachineDescription& machine) {
    const firmware::OpteeBuild* build = firmware::source_build(machine.optee);
    if (build == nullptr || !build->ftrace) {
        return usage_error(paths.shown(description), "machine.optee", "this OP-TEE records no calls",
                           "Write optee = { ftrace = true } below [machine].");
    }
    return *build;
}

/// Runs the client, and shows what the application has recorded, however the client ended.
Result<int> run_and_show(Context& context, const TaTraceOptions& options, const BuiltProject& built,
                         const std::filesystem::path& kit, const std::filesystem::path& run_folder) {
    SignalWatch signals = TRY(SignalWatch::create());
    ScriptLoop scripts;
    const auto signal = scripts.loop.on_signal(signals, [&](int) { scripts.interrupted = true; });
    GuestSession guest = TRY(GuestSession::open(context.paths, run_folder, TRY(choose_vm(run_folder, options.vm))));
    TRY(guest.put(built));
    const std::string records = "/tmp/ftrace-" + built.project.uuid; // of tee-supplicant: NAME.out, then NAME-1.out …
    static_cast<void>(TRY(guest.output_of(scripts, "rm -f " + records + "*.out")));
    const bool good = TRY(guest.run_client(scripts, built, options.arguments));
    if (scripts.interrupted) {
        return interrupted_exit_code;
    }
    const std::string recorded = TRY(guest.output_of(
        scripts, fmt::format("for file in {}*.out; do [ ! -e \"$file\" ] || base64 \"$file\"; echo; done", records)));
    fmt::print("{}", TRY(call_graphs(built, kit, context.paths, recorded)));
    return good ? 0 : 1;
}

} // namespace

Result<int> trace_project(Context& context, const TaTraceOptions& options) {
    const auto description =
        options.machine.empty() ? context.paths.root() / "examples" / "ta-trace.toml" : options.machine;
    const auto machine = TRY(machine::read_machine(description));
    const firmware::OpteeBuild optee = TRY(tracing_optee(context.paths, description, machine));
    TRY(setup::run_setup(context, {.kernels = std::vector<std::string>{},
                                   .hypervisor = false,
                                   .platform = machine.platform,
                                   .optees = {machine.optee}}));
    const auto kit = firmware::tracing_kit(context.paths, optee);
    const BuiltProject built = TRY(build_project(context, options.project, BuildKind::Tracing, kit));
    const auto run_folder = TRY(running_machine(context, description));
    if (options.stop) {
        TRY(check_ours(run_folder));
    }
    auto result = run_and_show(context, options, built, kit, run_folder);
    if (options.stop) {
        TRY(stop_machine(run_folder));
    }
    return result;
}

} // namespace trv::tool::ta
