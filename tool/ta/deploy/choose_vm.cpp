// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/deploy/choose_vm.hpp"

#include "tool/control/control_client.hpp"
#include "tool/support/event_loop.hpp"

#include <nlohmann/json.hpp>

namespace trv::tool::ta {
namespace {

constexpr double creation_limit = 60; // host seconds, generous
constexpr double question_pace = 1;   // seconds, where no event says that a VM has changed

} // namespace

Result<std::string> choose_vm(const std::filesystem::path& run_folder, const std::string& wanted) {
    if (!wanted.empty()) {
        return wanted;
    }
    auto events = TRY(control::follow_events(run_folder));
    Deadline limit;
    limit.set(creation_limit);
    bool started = false;
    while (!started && !limit.passed()) {
        const auto reply = TRY(control::ask_monitor(run_folder, "list"));
        for (const auto& vm : reply.value("vms", nlohmann::ordered_json::array())) {
            if (vm.value("tee", false)) {
                return vm.value("vm", "");
            }
            started = vm.value("state", "") != "loading";
        }
        Deadline next;
        next.set(question_pace);
        if (!started && TRY(await_input(events.descriptor(), next))) {
            TRY(events.receive());
        }
    }
    return usage_error("ta", run_folder.filename().string(), "no VM of the running machine has an OP-TEE",
                       "Set tee = true for a VM in the machine description, or name another machine with --on.");
}

} // namespace trv::tool::ta
