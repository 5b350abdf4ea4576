// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/debug/debug_machine.hpp"

#include "tool/control/unix_socket.hpp"
#include "tool/run_folder/run_folder.hpp"
#include "tool/support/process/child_groups.hpp"
#include "tool/ta/deploy/background_machine.hpp"
#include "tool/ta/deploy/started_machine.hpp"

#include <fmt/format.h>

namespace trv::tool::ta {
namespace {

bool takes_gdb(const run_folder::RunEntry& run) {
    std::error_code ignored;
    return std::filesystem::exists(run.path / control::gdb_socket_name, ignored);
}

} // namespace

Result<DebugMachine> DebugMachine::find_or_start(Context& context, const std::filesystem::path& machine) {
    auto runs = live_runs(context.paths, machine);
    const bool any = !runs.empty();
    std::erase_if(runs, [](const auto& run) { return !takes_gdb(run); });
    if (auto found = TRY(only_one(runs))) {
        auto optee = TRY(core_symbols(context.paths, TRY(run_folder::description_of(*found))));
        return DebugMachine{*std::move(found), std::move(optee), -1};
    }
    std::error_code ignored;
    if (any && !machine.empty() && !std::filesystem::exists(machine, ignored)) {
        return usage_error("ta debug", "--on", fmt::format("gdb cannot connect to {}", machine.string()),
                           "Start the machine with `run --gdb-socket`, or name its description to boot another one.");
    }
    const auto wanted = machine.empty() ? default_machine(context.paths) : machine;
    auto optee = TRY(core_symbols(context.paths, wanted));
    Progress::Step step(context.progress, "start " + context.paths.shown(wanted));
    auto folder = TRY(start_machine(context.paths, wanted, StartedFor::Debugging));
    const pid_t group = TRY(owner_of(folder));
    remember_group(group);
    step.done();
    return DebugMachine{std::move(folder), std::move(optee), group};
}

DebugMachine::~DebugMachine() {
    if (group_ > 0) {
        static_cast<void>(end_machine(folder_)); // it may have ended by itself
        forget_group(group_);
    }
}

} // namespace trv::tool::ta
