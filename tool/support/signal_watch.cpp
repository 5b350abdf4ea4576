// SPDX-License-Identifier: Apache-2.0
#include "tool/support/signal_watch.hpp"

#include <sys/signalfd.h>

namespace trv::tool {

Result<SignalWatch> SignalWatch::create() {
    sigset_t watched;
    ::sigemptyset(&watched);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        ::sigaddset(&watched, signal);
    }
    sigset_t before;
    ::pthread_sigmask(SIG_BLOCK, &watched, &before);
    FileDescriptor descriptor{::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK)};
    if (!descriptor) {
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
        return system_failure("signals", "cannot be watched");
    }
    return SignalWatch{std::move(descriptor), before};
}

SignalWatch::SignalWatch(SignalWatch&& other) noexcept
    : descriptor_{std::move(other.descriptor_)}, before_{other.before_} {}

SignalWatch::~SignalWatch() {
    if (descriptor_) {
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
}

int SignalWatch::take() {
    signalfd_siginfo info{};
    const bool came = ::read(descriptor_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info);
    return came ? static_cast<int>(info.ssi_signo) : 0;
}

} // namespace trv::tool
