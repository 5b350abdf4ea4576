// SPDX-License-Identifier: Apache-2.0
#include "guests/linux/agent/agent.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <utility>
#include <variant>
#include <vector>

namespace trv::guest {
namespace {

/// The signals that BusyBox' poweroff, halt and reboot send to PID 1, and those of children.
constexpr int handled_signals[] = {SIGCHLD, SIGUSR1, SIGUSR2, SIGTERM};

/// How often leave() looks whether all processes have ended, and how long it waits in between.
constexpr int leave_rounds = 50;
constexpr timespec leave_pause{.tv_sec = 0, .tv_nsec = 10'000'000};

int signal_descriptor() {
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int signal : handled_signals) {
        ::sigaddset(&signals, signal);
    }
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    return ::signalfd(-1, &signals, SFD_CLOEXEC);
}

} // namespace

void Agent::run() {
    const int signals = signal_descriptor();
    port_.send(hello_line());
    while (true) {
        start_next();
        // poll() leaves out a negative descriptor, hence it does not matter whether there is a port.
        std::vector<pollfd> events = {{.fd = signals, .events = POLLIN, .revents = 0},
                                      {.fd = port_.descriptor(), .events = POLLIN, .revents = 0}};
        for (const CapturedScript& script : captured_) {
            events.push_back({.fd = script.descriptor(), .events = POLLIN, .revents = 0});
        }
        if (::poll(events.data(), events.size(), -1) < 0) {
            continue;
        }
        if (events[1].revents != 0) {
            port_.receive();
            take_requests();
        }
        pass_captured_output();
        signalfd_siginfo info{};
        if (events[0].revents != 0 && ::read(signals, &info, sizeof(info)) == sizeof(info)) {
            handle_signal(static_cast<int>(info.ssi_signo));
        }
    }
}

void Agent::handle_signal(int signal) {
    if (signal != SIGCHLD && mode_ == Mode::Service) {
        ::_exit(0); // the service is stopped
    }
    switch (signal) {
    case SIGCHLD:
        return reap();
    case SIGUSR1:
        leave(RB_HALT_SYSTEM);
    case SIGUSR2:
        leave(RB_POWER_OFF);
    default:
        leave(RB_AUTOBOOT);
    }
}

void Agent::reap() {
    int status = 0;
    // One SIGCHLD may stand for several children, and orphans are ours to bury.
    for (pid_t process = 0; (process = ::waitpid(-1, &status, WNOHANG)) > 0;) {
        ended(process, status);
    }
}

void Agent::ended(pid_t process, int status) {
    if (process == shell_) {
        console_.settle();
        shell_ = -1;
    } else if (process == running_) {
        console_.settle(); // the tool may take `exit` for the end of the output
        port_.send(exit_line(waiting_.front().id, exit_code(status)));
        waiting_.pop_front();
        running_ = -1;
    } else {
        end_captured(process, status);
    }
}

void Agent::end_captured(pid_t process, int status) {
    for (CapturedScript& script : captured_) {
        if (script.process() == process) {
            script.ended(exit_code(status));
        }
    }
    pass_captured_output(); // what it wrote last, and then how it ended
}

void Agent::take_requests() {
    while (const std::optional<std::string> line = port_.next_line()) {
        take(parse_request(*line));
    }
}

void Agent::take(Request request) {
    if (auto* exec = std::get_if<ExecRequest>(&request)) {
        waiting_.push_back(std::move(*exec));
    } else if (const auto* capture = std::get_if<CaptureRequest>(&request)) {
        captured_.emplace_back(*capture);
    } else if (const auto* ending = std::get_if<KillRequest>(&request)) {
        for (const CapturedScript& script : captured_) {
            if (script.id() == ending->id) {
                script.kill();
            }
        }
    } else if (const auto* put = std::get_if<PutRequest>(&request)) {
        port_.send(files_.begin(*put));
    } else if (const auto* data = std::get_if<DataRequest>(&request)) {
        port_.send(files_.take(*data));
    } else if (const auto* copy = std::get_if<CopyRequest>(&request)) {
        port_.send(files_.take(*copy));
    } else if (const auto* sum = std::get_if<SumRequest>(&request)) {
        port_.send(answer(*sum));
    } else if (std::holds_alternative<PowerOffRequest>(request)) {
        power_off();
    } else {
        const auto& unknown = std::get<UnknownRequest>(request);
        port_.send(unknown.id ? failed_line(*unknown.id, unknown.reason) : error_line(unknown.reason));
    }
}

void Agent::pass_captured_output() {
    for (CapturedScript& script : captured_) {
        while (const std::optional<std::string> line = script.read_output()) {
            port_.send(*line);
        }
    }
    // A script that could not be started has ended, too.
    std::erase_if(captured_, [this](const CapturedScript& script) {
        if (script.code()) {
            port_.send(exit_line(script.id(), *script.code()));
        }
        return script.code().has_value();
    });
}

void Agent::start_next() {
    if (running_ < 0 && !waiting_.empty()) {
        if (mode_ == Mode::Service && !std::exchange(has_console_, true)) {
            console_.end_prompt();
        }
        const char* const arguments[] = {"sh", "-c", waiting_.front().script.c_str(), nullptr};
        running_ = console_.start_shell(arguments);
        if (running_ < 0) {
            port_.send(exit_line(waiting_.front().id, cannot_start));
            waiting_.pop_front();
        }
    }
    if (mode_ == Mode::Shell && shell_ < 0) {
        const char* const arguments[] = {"-sh", nullptr}; // the dash makes it a login shell
        shell_ = console_.start_shell(arguments);
    }
}

void Agent::power_off() {
    if (mode_ != Mode::Service) {
        leave(RB_POWER_OFF);
    }
    ::kill(1, SIGRTMIN + 4); // to systemd: start poweroff.target [systemd(1)]
}

void Agent::leave(unsigned how) {
    ::kill(-1, SIGTERM); // the TEE's supplicant closes its device, shells hang up
    for (int round = 0; round < leave_rounds && ::waitpid(-1, nullptr, WNOHANG) >= 0; ++round) {
        ::nanosleep(&leave_pause, nullptr);
    }
    console_.settle();
    ::sync();
    ::reboot(static_cast<int>(how));
    while (true) {
        ::pause(); // a machine that cannot be switched off
    }
}

} // namespace trv::guest
