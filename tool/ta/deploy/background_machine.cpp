// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/deploy/background_machine.hpp"

#include "tool/support/files.hpp"
#include "tool/ta/deploy/started_machine.hpp"

namespace trv::tool::ta {
namespace {

constexpr const char* ours = "started-by-ta-run"; // a file in the folder of a run that it started

} // namespace

std::filesystem::path default_machine(const Paths& paths) {
    return paths.root() / "examples" / "ta.toml";
}

Result<std::optional<std::filesystem::path>> only_one(const std::vector<run_folder::RunEntry>& runs) {
    if (runs.size() > 1) {
        std::string names;
        for (const run_folder::RunEntry& entry : runs) {
            names += (names.empty() ? "" : ", ") + entry.path.filename().string();
        }
        return usage_error("ta", "--on", "several machines are running", "Name one of them: " + names + ".");
    }
    return runs.empty() ? std::nullopt : std::optional(runs.front().path);
}

Result<std::filesystem::path> running_machine(Context& context, const std::filesystem::path& machine) {
    if (auto found = TRY(only_one(live_runs(context.paths, machine)))) {
        return *std::move(found);
    }
    const auto wanted = machine.empty() ? default_machine(context.paths) : machine;
    Progress::Step step(context.progress, "start " + context.paths.shown(wanted));
    auto folder = TRY(start_machine(context.paths, wanted, StartedFor::Commands));
    TRY(write_file(folder / ours, ""));
    step.done("running until ./trivisor ta stop");
    return folder;
}

Result<void> check_ours(const std::filesystem::path& run_folder) {
    std::error_code ignored;
    if (std::filesystem::exists(run_folder / ours, ignored)) {
        return {};
    }
    return usage_error("ta", run_folder.filename().string(), "its machine was not started by `ta run`",
                       "Stop it with Ctrl-C in the terminal that started it.");
}

Result<void> stop_machine(const std::filesystem::path& run_folder) {
    TRY(check_ours(run_folder));
    return end_machine(run_folder);
}

} // namespace trv::tool::ta
