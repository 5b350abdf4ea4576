// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/run_project.hpp"

#include "tool/control/control_client.hpp"
#include "tool/support/deadline.hpp"
#include "tool/support/signal_watch.hpp"
#include "tool/ta/build/build_project.hpp"
#include "tool/ta/change_watch.hpp"
#include "tool/ta/deploy/background_machine.hpp"
#include "tool/ta/deploy/guest_session.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>

#include <array>
#include <chrono>
#include <csignal>
#include <optional>
#include <thread>

namespace trv::tool::ta {
namespace {

constexpr int signal_base = 128;      // of a shell's exit codes
constexpr double creation_limit = 60; // host seconds, generous
constexpr std::chrono::milliseconds pause{50};

/// The VM that the user named, otherwise the first with an OP-TEE. A machine that has just started has no VMs yet.
Result<std::string> choose_vm(const std::filesystem::path& run_folder, const std::string& wanted) {
    if (!wanted.empty()) {
        return wanted;
    }
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
        std::this_thread::sleep_for(started ? std::chrono::milliseconds{0} : pause);
    }
    return usage_error("ta run", run_folder.filename().string(), "no VM of the running machine has an OP-TEE",
                       "Set tee = true for a VM in the machine description, or name another machine with --on.");
}

/// Deploys and runs once.
Result<bool> run_once(const BuiltProject& built, const TaRunOptions& options, GuestSession& session,
                      const std::vector<int>& interrupts) {
    TRY(session.put(built));
    return options.tests ? session.run_tests(built, interrupts)
                         : session.run_client(built, options.arguments, interrupts);
}

/// Repeats at every change, until a signal arrives. Errors in sources are reported; the next change may correct them.
Result<int> keep_running(const Paths& paths, Progress& progress, const TaRunOptions& options,
                         Result<BuiltProject> built, GuestSession& session, SignalWatch& signals) {
    ChangeWatch changes = TRY(ChangeWatch::create(options.project));
    while (true) {
        if (built) {
            static_cast<void>(TRY(run_once(*built, options, session, {signals.descriptor(), changes.descriptor()})));
        } else {
            fmt::print(stderr, "trivisor: {}\n", to_string(built.error()));
        }
        progress.say("waiting for a change (Ctrl-C quits)");
        std::array<pollfd, 2> waited{{{.fd = signals.descriptor(), .events = POLLIN, .revents = 0},
                                      {.fd = changes.descriptor(), .events = POLLIN, .revents = 0}}};
        ::poll(waited.data(), waited.size(), -1);
        if (signals.take() != 0) {
            return 0;
        }
        changes.take();
        built = build_project(paths, progress, options.project);
    }
}

Result<int> run_on(const Paths& paths, Progress& progress, const TaRunOptions& options, Result<BuiltProject> built,
                   const std::filesystem::path& run_folder) {
    SignalWatch signals = TRY(SignalWatch::create());
    GuestSession session = TRY(GuestSession::open(paths, run_folder, TRY(choose_vm(run_folder, options.vm))));
    if (options.watch) {
        return keep_running(paths, progress, options, std::move(built), session, signals);
    }
    const bool good = TRY(run_once(*built, options, session, {signals.descriptor()}));
    return signals.take() != 0 ? signal_base + SIGINT : good ? 0 : 1;
}

} // namespace

Result<int> run_project(const Paths& paths, Progress& progress, const TaRunOptions& options) {
    // Built first: starting a machine is useless if the sources are wrong.
    auto built = build_project(paths, progress, options.project);
    if (!built && (!options.watch || !std::filesystem::is_directory(options.project))) {
        return std::unexpected(built.error());
    }
    const auto run_folder = TRY(running_machine(paths, progress, options.machine));
    if (options.stop) {
        TRY(check_ours(run_folder));
    }
    auto result = run_on(paths, progress, options, std::move(built), run_folder);
    if (options.stop) {
        TRY(stop_machine(run_folder));
    }
    return result;
}

} // namespace trv::tool::ta
