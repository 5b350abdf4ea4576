#include "guests/linux/agent/captured_script.hpp"

#include "guests/linux/agent/console.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace trv::guest {
namespace {

/// Long enough to be cheap, short enough for the tool's longest line.
constexpr std::size_t longest_piece = 1024;

[[noreturn]] void become_shell(const char* script, int output) {
    ::setsid(); // a group of its own, which kill() ends as a whole
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const int input = ::open("/dev/null", O_RDONLY);
    ::dup2(input, STDIN_FILENO);
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
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        code_ = cannot_start;
        return;
    }
    process_ = ::fork();
    if (process_ == 0) {
        become_shell(request.script.c_str(), ends[1]);
    }
    ::close(ends[1]);
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    output_ = ends[0];
    if (process_ < 0) {
        code_ = cannot_start;
    }
}

CapturedScript::~CapturedScript() {
    if (output_ >= 0) {
        ::close(output_);
    }
}

std::optional<std::string> CapturedScript::read_output() {
    char buffer[longest_piece];
    const ssize_t got = output_ < 0 ? 0 : ::read(output_, buffer, sizeof(buffer));
    if (got > 0) {
        return output_line(id_, {buffer, static_cast<std::size_t>(got)});
    }
    if (got == 0 && output_ >= 0) {
        ::close(std::exchange(output_, -1));
    }
    return std::nullopt;
}

void CapturedScript::kill() const {
    if (process_ > 0 && !code_) {
        ::kill(-process_, SIGKILL);
    }
}

} // namespace trv::guest
