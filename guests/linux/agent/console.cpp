// SPDX-License-Identifier: Apache-2.0
#include "guests/linux/agent/console.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace trv::guest {
namespace {

/// What the terminal sends to a whole process group; SIGTTOU would stop a session's leader from draining the output.
constexpr int kept_out[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTOU};

std::string find_device() {
    char text[256];
    const int file = ::open("/sys/class/tty/console/active", O_RDONLY | O_CLOEXEC);
    const ssize_t size = file < 0 ? 0 : ::read(file, text, sizeof(text));
    if (file >= 0) {
        ::close(file);
    }
    std::string_view names(text, size > 0 ? static_cast<std::size_t>(size) : 0);
    while (names.ends_with('\n')) {
        names.remove_suffix(1);
    }
    if (names.empty()) {
        return "/dev/console";
    }
    names.remove_prefix(names.rfind(' ') + 1); // the last one is /dev/console; npos + 1 is 0
    return "/dev/" + std::string(names);
}

/// A signal's mask and action as a program expects them.
void reset_signals() {
    for (const int signal : kept_out) {
        ::signal(signal, SIG_DFL);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void become_shell(const char* const* arguments) {
    reset_signals();
    if (::chdir("/root") != 0) {
        ::chdir("/");
    }
    ::execv("/bin/sh", const_cast<char* const*>(arguments)); // execv does not write to them
    ::_exit(cannot_start);
}

/// Leads the session for a program and ends with its exit code. When a session's leader ends, the kernel hangs the
/// terminal up, which drops what the UART has not sent; so the leader is not the program, and sees to that first.
[[noreturn]] void lead_session(const char* const* arguments) {
    for (const int signal : kept_out) {
        ::signal(signal, SIG_IGN); // they are the program's, in the same process group
    }
    const pid_t program = ::fork();
    if (program == 0) {
        become_shell(arguments);
    }
    int status = cannot_start << 8;
    while (program > 0 && ::waitpid(program, &status, 0) < 0 && errno == EINTR) {
    }
    ::tcdrain(STDOUT_FILENO);
    ::_exit(exit_code(status));
}

} // namespace

int exit_code(int status) {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

Console::Console() : device_(find_device()), descriptor_(::open(device_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    if (descriptor_ >= 0) {
        ::tcgetattr(descriptor_, &sane_);
    }
}

Console::~Console() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

pid_t Console::start_shell(const char* const* arguments) const {
    const pid_t child = ::fork();
    if (child != 0) {
        return child;
    }
    ::setsid();
    const int terminal = ::open(device_.c_str(), O_RDWR);
    ::ioctl(terminal, TIOCSCTTY,
            0); // fails while another session, a shell's, has it: the command runs without one then
    for (int standard = 0; standard <= 2; ++standard) {
        ::dup2(terminal, standard);
    }
    if (terminal > 2) {
        ::close(terminal);
    }
    lead_session(arguments);
}

void Console::end_prompt() const {
    const std::string unit = "serial-getty@" + device_.substr(device_.rfind('/') + 1) + ".service";
    const pid_t child = ::fork();
    if (child == 0) {
        ::execlp("systemctl", "systemctl", "--quiet", "stop", unit.c_str(), nullptr);
        ::_exit(cannot_start);
    }
    while (child > 0 && ::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
}

void Console::settle() const {
    if (descriptor_ >= 0) {
        ::tcdrain(descriptor_);
        ::tcsetattr(descriptor_, TCSANOW, &sane_);
    }
}

} // namespace trv::guest
