// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/deploy/started_machine.hpp"

#include "tool/control/unix_socket.hpp"
#include "tool/support/deadline.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/child_groups.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <thread>

namespace trv::tool::ta {
namespace {

// Host seconds; generous, for a busy host and a first build of everything.
constexpr double start_limit = 900;
constexpr double stop_limit = 60;
constexpr std::chrono::milliseconds pause{50};

/// The child's run; nothing until it listens.
std::optional<std::filesystem::path> run_of(const Paths& paths, const std::filesystem::path& machine, pid_t child) {
    for (const run_folder::RunEntry& entry : live_runs(paths, machine)) {
        if (owner_of(entry.path) == child) {
            return entry.path;
        }
    }
    return std::nullopt;
}

/// While the machine is starting, only this command uses it: Ctrl-C stops it as well.
class StartingGroup {
  public:
    explicit StartingGroup(pid_t group) : group_(group) { remember_group(group); }
    StartingGroup(const StartingGroup&) = delete;
    StartingGroup& operator=(const StartingGroup&) = delete;
    ~StartingGroup() { forget_group(group_); }

  private:
    pid_t group_;
};

/// The error of a child that failed to start a machine, with its output as the reason.
std::unexpected<Error> start_failure(const Paths& paths, const std::filesystem::path& machine,
                                     const std::filesystem::path& log, int status) {
    const std::string what = "the machine did not start";
    const std::string why = paths.shown(log) + " ends with:\n" + last_lines(log, 5);
    const bool wrong_description = WIFEXITED(status) && WEXITSTATUS(status) == usage_exit_code;
    return wrong_description ? usage_error(paths.shown(machine), {}, what, why)
                             : failure(paths.shown(machine), what, why);
}

[[noreturn]] void become_run(const std::filesystem::path& machine, const std::filesystem::path& log, StartedFor purpose,
                             pid_t parent) {
    ::setsid(); // the terminal's Ctrl-C must not reach it
    const bool debugging = purpose == StartedFor::Debugging;
    if (debugging) {
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (::getppid() != parent) {
            ::_exit(127); // the parent died before the signal was requested
        }
    }
    const int input = ::open("/dev/null", O_RDONLY);
    const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ::dup2(input, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execl("/proc/self/exe", "trivisor", "run", machine.c_str(), debugging ? "--gdb-socket" : nullptr, nullptr);
    ::_exit(127);
}

} // namespace

std::vector<run_folder::RunEntry> live_runs(const Paths& paths, const std::filesystem::path& machine) {
    auto entries = run_folder::all_runs(paths);
    std::erase_if(entries, [&](const run_folder::RunEntry& entry) {
        std::error_code ignored;
        const bool other = entry.path.filename() != machine && !run_folder::is_run_of(entry.path, machine);
        return (!machine.empty() && other) || !run_folder::is_running(entry.path) ||
               !std::filesystem::exists(entry.path / control::socket_name, ignored);
    });
    return entries;
}

Result<pid_t> owner_of(const std::filesystem::path& run_folder) {
    const FileDescriptor socket = TRY(control::connect_in(run_folder));
    ucred owner{};
    socklen_t size = sizeof(owner);
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &owner, &size) != 0) {
        return system_failure(run_folder, "cannot determine which command started this machine");
    }
    return owner.pid;
}

Result<std::filesystem::path> start_machine(const Paths& paths, const std::filesystem::path& machine,
                                            StartedFor purpose) {
    const auto log = paths.logs() / (purpose == StartedFor::Debugging ? "ta-debug-machine.log" : "ta-machine.log");
    TRY(make_folder(paths.logs()));
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) {
        return system_failure(machine, "cannot be started");
    }
    if (child == 0) {
        become_run(machine, log, purpose, parent);
    }
    const StartingGroup starting(child);
    Deadline limit;
    limit.set(start_limit);
    int status = 0;
    while (!limit.passed()) {
        if (auto found = run_of(paths, machine, child)) {
            return *std::move(found);
        }
        if (::waitpid(child, &status, WNOHANG) == child) {
            return start_failure(paths, machine, log, status);
        }
        std::this_thread::sleep_for(pause);
    }
    ::kill(child, SIGTERM);
    return start_failure(paths, machine, log, status);
}

Result<void> end_machine(const std::filesystem::path& run_folder) {
    if (::kill(TRY(owner_of(run_folder)), SIGTERM) != 0) {
        return system_failure(run_folder, "its machine cannot be stopped");
    }
    Deadline limit;
    limit.set(stop_limit);
    while (run_folder::is_running(run_folder)) {
        if (limit.passed()) {
            return failure(run_folder, "its machine did not stop");
        }
        std::this_thread::sleep_for(pause);
    }
    return {};
}

} // namespace trv::tool::ta
