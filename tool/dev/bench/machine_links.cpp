// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/machine_links.hpp"

#include "contract/monitor.hpp"
#include "tool/control/control_client.hpp"
#include "tool/control/running_machines.hpp"
#include "tool/support/event_loop.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <array>
#include <thread>

namespace trv::tool::dev::bench {

Result<ConsoleWatch> ConsoleWatch::open(const std::filesystem::path& run_folder, const std::string& vm) {
    return ConsoleWatch{TRY(control::attach_console(run_folder, vm)), vm};
}

Result<void> ConsoleWatch::wait_for(std::string_view text, double seconds) {
    Deadline deadline;
    deadline.set(seconds);
    while (!heard_.contains(text)) {
        if (!TRY(await_input(socket_.get(), deadline))) {
            return failure(vm_, fmt::format("did not print '{}' within {} s", text, seconds));
        }
        std::array<char, 4096> bytes{};
        const auto size = ::read(socket_.get(), bytes.data(), bytes.size());
        if (size <= 0) {
            return failure(vm_, "the console was closed");
        }
        heard_.append(bytes.data(), static_cast<std::size_t>(size));
    }
    return {};
}

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
