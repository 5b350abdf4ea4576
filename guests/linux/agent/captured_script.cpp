// SPDX-License-Identifier: Apache-2.0
#include "guests/linux/agent/captured_script.hpp"

#include "guests/linux/agent/console.hpp"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

namespace trv::guest {
namespace {

/// Long enough to be cheap, short enough for the tool's longest line.
constexpr std::size_t longest_piece = 1024;

[[noreturn]] void become_shell(const char* script, const char* terminal) {
    ::setsid(); // a group of its own, which kill() ends as a whole
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const int output = ::open(terminal, O_RDWR);
    termios settings{};
    if (::tcgetattr(output, &settings) == 0) {
        ::cfmakeraw(&settings); // a line's end stays one byte
        ::tcsetattr(output, TCSANOW, &settings);
    }
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    if (::chdir("/root") != 0) {
        ::chdir("/");
    }
    ::execl("/bin/sh", "sh", "-c", script, nullptr);
    ::_exit(cannot_start);
}

} // namespace

CapturedScript::CapturedScript(const CaptureRequest& request) : id_(request.id) {
    // A terminal, because programs hold back what they write to a pipe.
    output_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    char terminal[64];
    const bool open = output_ >= 0 && ::unlockpt(output_) == 0 && ::ptsname_r(output_, terminal, sizeof(terminal)) == 0;
    // Without any holder the terminal counts as hung up, which poll() would report over and over.
    holder_ = open ? ::open(terminal, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
    process_ = holder_ >= 0 ? ::fork() : -1;
    if (process_ == 0) {
        become_shell(request.script.c_str(), terminal);
    }
    if (process_ < 0) {
        code_ = cannot_start;
    }
}

CapturedScript::~CapturedScript() {
    for (const int descriptor : {output_, holder_}) {
        if (descriptor >= 0) {
            ::close(descriptor);
        }
    }
}

std::optional<std::string> CapturedScript::read_output() {
    char buffer[longest_piece];
    const ssize_t got = ::read(output_, buffer, sizeof(buffer));
    return got > 0 ? std::optional(output_line(id_, {buffer, static_cast<std::size_t>(got)})) : std::nullopt;
}

void CapturedScript::kill() const {
    if (process_ > 0 && !code_) {
        ::kill(-process_, SIGKILL);
    }
}

} // namespace trv::guest
