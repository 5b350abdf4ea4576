// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/monitor_link.hpp"

#include "contract/monitor.hpp"
#include "tool/control/control_client.hpp"
#include "tool/control/running_machines.hpp"

#include <nlohmann/json.hpp>

#include <thread>

namespace trv::tool::dev::bench {

namespace {

// Host seconds, for an emulated machine on a busy host; the first start may have to set things up.
constexpr double start_limit = 300;
constexpr std::chrono::milliseconds pause{100};
constexpr std::chrono::seconds end_limit{60};

} // namespace

Result<MonitorLink> MonitorLink::start(const Paths& paths, const std::string& machine, const std::string& keeper,
                                       const std::filesystem::path& log) {
    auto run =
        TRY(Process::start({.arguments = {std::filesystem::read_symlink("/proc/self/exe").string(), "run",
                                          (paths.root() / "machines" / (machine + ".toml")).string(), "--exec", keeper},
                            .environment = {{"TRIVISOR_ROOT", paths.root().string()}},
                            .log = log}));
    Deadline deadline;
    deadline.set(start_limit);
    while (!deadline.passed()) {
        if (run.wait_for(pause)) {
            return failure(machine, "the machine stopped before its work began",
                           "Its output is in " + log.string() + ".");
        }
        const auto folder = control::find_running(paths, machine);
        if (folder && control::ask_monitor(*folder, "list")) {
            return MonitorLink{std::move(run), *folder};
        }
    }
    return failure(machine, "the monitor does not respond", "The machine's output is in " + log.string() + ".");
}

Result<nlohmann::ordered_json> MonitorLink::ask(const std::string& command) const {
    auto reply = TRY(control::ask_monitor(folder_, command));
    if (!reply.value("ok", false)) {
        return failure("monitor", command + ": " + reply.value("error", "refused"));
    }
    return reply;
}

Result<void> MonitorLink::power_off() {
    TRY(ask(std::string{name_of(contract::monitor::Command::PowerOff)}));
    if (!run_.wait_for(end_limit)) {
        return failure("monitor", "the machine does not stop");
    }
    return {};
}

} // namespace trv::tool::dev::bench
