#include "tool/ta/background_machine.hpp"

#include "tool/control/unix_socket.hpp"
#include "tool/run/deadline.hpp"
#include "tool/run/run_folder.hpp"
#include "tool/support/files.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

namespace trv::tool::ta {
namespace {

// Host seconds; generous, for a busy host and a first build of everything.
constexpr double start_limit = 900;
constexpr double stop_limit = 60;
constexpr std::chrono::milliseconds pause{50};

/// The runs that go on, of a machine description or of the name of one run; of all when none is given.
std::vector<runs::RunEntry> running(const Paths& paths, const std::filesystem::path& machine) {
    auto entries = runs::all_runs(paths);
    std::erase_if(entries, [&](const runs::RunEntry& entry) {
        std::error_code ignored;
        const bool other = entry.machine != machine.stem() && entry.path.filename() != machine;
        return (!machine.empty() && other) || !runs::is_running(entry.path) ||
               !std::filesystem::exists(entry.path / control::socket_name, ignored);
    });
    return entries;
}

[[noreturn]] void become_run(const std::filesystem::path& machine, const std::filesystem::path& log) {
    ::setsid(); // the terminal's Ctrl-C is not for it
    const int input = ::open("/dev/null", O_RDONLY);
    const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ::dup2(input, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execl("/proc/self/exe", "trivisor", "run", machine.c_str(), nullptr);
    ::_exit(127);
}

Result<std::filesystem::path> start(const Paths& paths, const std::filesystem::path& machine) {
    const auto log = paths.logs() / "ta-machine.log";
    TRY(make_folder(paths.logs()));
    const pid_t child = ::fork();
    if (child < 0) {
        return system_failure(machine, "cannot be started");
    }
    if (child == 0) {
        become_run(machine, log);
    }
    runs::Deadline limit;
    limit.set(start_limit);
    while (!limit.passed()) {
        const auto found = running(paths, machine);
        if (!found.empty()) {
            return found.back().path;
        }
        if (::waitpid(child, nullptr, WNOHANG) == child) {
            break;
        }
        std::this_thread::sleep_for(pause);
    }
    ::kill(child, SIGTERM);
    return failure(paths.shown(machine), "the machine did not start",
                   paths.shown(log) + " ends with:\n" + last_lines(log, 5));
}

} // namespace

std::filesystem::path default_machine(const Paths& paths) {
    return paths.root() / "examples" / "ta.toml";
}

Result<std::filesystem::path> running_machine(const Paths& paths, Progress& progress,
                                              const std::filesystem::path& machine) {
    const auto found = running(paths, machine);
    if (found.size() > 1) {
        std::string names;
        for (const runs::RunEntry& entry : found) {
            names += (names.empty() ? "" : ", ") + entry.path.filename().string();
        }
        return usage_error("ta", "--on", "several machines are running", "Name one of them: " + names + ".");
    }
    if (found.size() == 1) {
        return found.front().path;
    }
    const auto wanted = machine.empty() ? default_machine(paths) : machine;
    Progress::Step step(progress, "start " + paths.shown(wanted));
    auto folder = TRY(start(paths, wanted));
    step.done("it runs on until ./trivisor ta stop");
    return folder;
}

Result<void> stop_machine(const std::filesystem::path& run_folder) {
    const FileDescriptor socket = TRY(control::connect_in(run_folder));
    ucred owner{};
    socklen_t size = sizeof(owner);
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &owner, &size) != 0 || ::kill(owner.pid, SIGTERM) != 0) {
        return system_failure(run_folder, "its machine cannot be ended");
    }
    runs::Deadline limit;
    limit.set(stop_limit);
    while (runs::is_running(run_folder)) {
        if (limit.passed()) {
            return failure(run_folder, "its machine did not end");
        }
        std::this_thread::sleep_for(pause);
    }
    return {};
}

} // namespace trv::tool::ta
