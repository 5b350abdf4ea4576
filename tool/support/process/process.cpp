// SPDX-License-Identifier: Apache-2.0
#include "tool/support/process/process.hpp"

#include "tool/support/event_loop.hpp"
#include "tool/support/process/child_groups.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace trv::tool {

namespace {

/// The child's data, prepared before fork(): the child of a process with threads must not allocate.
struct Prepared {
    std::vector<char*> arguments;
    std::vector<std::string> environment_text;
    std::vector<char*> environment;
    FileDescriptor null;
    FileDescriptor log;
    FileDescriptor report_read; ///< reports to the parent why exec failed; closes if exec succeeds
    FileDescriptor report_write;
};

bool names_a_folder(std::string_view variable) {
    constexpr std::array<std::string_view, 3> folders{"PATH=", "HOME=", "TMPDIR="};
    return std::ranges::any_of(folders, [&](std::string_view name) { return variable.starts_with(name); });
}

std::vector<std::string> merged_environment(const Command& command) {
    std::vector<std::string> merged;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const bool replaced = std::ranges::any_of(
            command.environment, [&](const auto& setting) { return text.starts_with(setting.first + "="); });
        if (!replaced && (!command.clean || names_a_folder(text))) {
            merged.emplace_back(text);
        }
    }
    for (const auto& [name, value] : command.environment) {
        merged.push_back(name + "=" + value);
    }
    return merged;
}

Result<Prepared> prepare(const Command& command) {
    Prepared prepared;
    for (const std::string& argument : command.arguments) {
        prepared.arguments.push_back(const_cast<char*>(argument.c_str())); // execvpe does not write to them
    }
    prepared.arguments.push_back(nullptr);
    prepared.environment_text = merged_environment(command);
    for (std::string& entry : prepared.environment_text) {
        prepared.environment.push_back(entry.data());
    }
    prepared.environment.push_back(nullptr);
    prepared.null.reset(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!command.log.empty()) {
        std::error_code ignored;
        std::filesystem::create_directories(command.log.parent_path(), ignored);
        prepared.log.reset(::open(command.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
        if (!prepared.log) {
            return system_failure(command.log, "the log cannot be written");
        }
    }
    int report[2];
    if (::pipe2(report, O_CLOEXEC) != 0) {
        return system_failure(command.arguments.front(), "cannot be started");
    }
    prepared.report_read.reset(report[0]);
    prepared.report_write.reset(report[1]);
    return prepared;
}

/// Runs in the child, between fork() and exec(): only async-signal-safe calls.
[[noreturn]] void become(const Command& command, Prepared& prepared, pid_t parent) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) {
        ::_exit(127); // the parent died before the signal was requested
    }
    for (const int signal : {SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGQUIT}) {
        ::signal(signal, SIG_DFL);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const int log = prepared.log ? prepared.log.get() : -1;
    const auto choose = [](int wanted, int otherwise, int ours) {
        return wanted >= 0 ? wanted : otherwise >= 0 ? otherwise : ours;
    };
    // Moved above the standard ones first: a source may have the number that another dup2 is about to replace.
    const int sources[] = {choose(command.input, prepared.null.get(), STDIN_FILENO),
                           choose(command.output, log, STDOUT_FILENO),
                           choose(command.error_output, log, STDERR_FILENO)};
    int raised[3];
    for (int index = 0; index < 3; ++index) {
        raised[index] = ::fcntl(sources[index], F_DUPFD_CLOEXEC, 3);
    }
    for (int index = 0; index < 3; ++index) {
        ::dup2(raised[index], index);
    }
    for (const int kept : command.inherited) {
        ::fcntl(kept, F_SETFD, 0);
    }
    if (command.folder.empty() || ::chdir(command.folder.c_str()) == 0) {
        ::execvpe(prepared.arguments[0], prepared.arguments.data(), prepared.environment.data());
    }
    const int reason = errno;
    [[maybe_unused]] const ssize_t written = ::write(prepared.report_write.get(), &reason, sizeof(reason));
    ::_exit(127);
}

ExitStatus reap(pid_t id) {
    int status = 0;
    while (::waitpid(id, &status, 0) < 0 && errno == EINTR) {
    }
    forget_group(id);
    return {WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status)};
}

} // namespace

Result<Process> Process::start(const Command& command) {
    Prepared prepared = TRY(prepare(command));
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) {
        return system_failure(command.arguments.front(), "cannot be started");
    }
    if (child == 0) {
        become(command, prepared, parent);
    }
    ::setpgid(child, child); // also done by the child: whichever comes first, the group exists when we return
    remember_group(child);
    prepared.report_write.reset();
    int reason = 0;
    if (::read(prepared.report_read.get(), &reason, sizeof(reason)) == sizeof(reason)) {
        reap(child);
        errno = reason;
        return system_failure(command.arguments.front(), "cannot be started",
                              "Run ./trivisor setup to install the programs it needs.");
    }
    return Process(child, FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, child, 0))));
}

Process::Process(Process&& other) noexcept
    : id_(std::exchange(other.id_, -1)), descriptor_(std::move(other.descriptor_)), ended_(other.ended_) {}

Process& Process::operator=(Process&& other) noexcept {
    if (this != &other) {
        if (id_ > 0) {
            stop(std::chrono::milliseconds(0));
        }
        id_ = std::exchange(other.id_, -1);
        descriptor_ = std::move(other.descriptor_);
        ended_ = other.ended_;
    }
    return *this;
}

Process::~Process() {
    if (id_ > 0) {
        stop(std::chrono::milliseconds(0));
    }
}

ExitStatus Process::wait() {
    if (!ended_) {
        ended_ = reap(id_);
    }
    return *ended_;
}

std::optional<ExitStatus> Process::wait_for(std::chrono::milliseconds limit) {
    Deadline deadline;
    deadline.set(std::chrono::duration<double>{limit}.count());
    if (!ended_ && await_input(descriptor_.get(), deadline).value_or(false)) {
        ended_ = reap(id_);
    }
    return ended_;
}

ExitStatus Process::stop(std::chrono::milliseconds grace) {
    if (!ended_ && grace.count() > 0) {
        ::kill(-id_, SIGTERM);
        wait_for(grace);
    }
    if (!ended_) {
        ::kill(-id_, SIGKILL);
    }
    return wait();
}

std::string shell_word(std::string_view word) {
    std::string text = "'";
    for (const char letter : word) {
        text += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    }
    return text + "'";
}

} // namespace trv::tool
