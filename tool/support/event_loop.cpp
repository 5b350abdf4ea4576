// SPDX-License-Identifier: Apache-2.0
#include "tool/support/event_loop.hpp"

#include <poll.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <cerrno>

namespace trv::tool {

struct EventLoop::Entry {
    int descriptor = -1; // poll() ignores negative ones
    std::function<bool()> has_output{};
    Deadline* deadline = nullptr;
    Action action;
    bool ended = false;

    [[nodiscard]] pollfd waited() const {
        const bool output = has_output && has_output();
        return {.fd = descriptor, .events = static_cast<short>(output ? POLLIN | POLLOUT : POLLIN), .revents = 0};
    }

    [[nodiscard]] bool take_deadline() const {
        const bool passed = deadline != nullptr && deadline->passed();
        if (passed) {
            deadline->clear();
        }
        return passed;
    }
};

EventLoop::EventLoop() = default;
EventLoop::~EventLoop() = default;

void EventLoop::Source::end() {
    if (Entry* const entry = std::exchange(entry_, nullptr)) {
        entry->ended = true;
    }
}

EventLoop::Source& EventLoop::Source::operator=(Source&& other) noexcept {
    if (this != &other) {
        end();
        entry_ = std::exchange(other.entry_, nullptr);
    }
    return *this;
}

EventLoop::Source EventLoop::add(Entry entry) {
    entries_.push_back(std::make_unique<Entry>(std::move(entry)));
    return Source{entries_.back().get()};
}

EventLoop::Source EventLoop::on_input(int descriptor, Action action) {
    return add({.descriptor = descriptor, .action = std::move(action)});
}

EventLoop::Source EventLoop::on_input_or_output(int descriptor, std::function<bool()> has_output, Action action) {
    return add({.descriptor = descriptor, .has_output = std::move(has_output), .action = std::move(action)});
}

EventLoop::Source EventLoop::on_deadline(Deadline& deadline, Action action) {
    return add({.deadline = &deadline, .action = std::move(action)});
}

EventLoop::Source EventLoop::on_signal(SignalWatch& signals, std::function<void(int)> action) {
    return on_input(signals.descriptor(), [&signals, action = std::move(action)] {
        if (const int signal = signals.take(); signal != 0) {
            action(signal);
        }
    });
}

int EventLoop::milliseconds() const {
    int limit = -1;
    for (const auto& entry : entries_) {
        if (!entry->ended && entry->deadline != nullptr) {
            limit = sooner(limit, entry->deadline->milliseconds());
        }
    }
    return limit;
}

Result<void> EventLoop::step() {
    std::erase_if(entries_, [](const auto& entry) { return entry->ended; });
    std::vector<pollfd> waited;
    std::ranges::transform(entries_, std::back_inserter(waited), [](const auto& entry) { return entry->waited(); });
    const int limit = milliseconds();
    if (limit < 0 && std::ranges::all_of(waited, [](const pollfd& one) { return one.fd < 0; })) {
        return failure("event loop", "has nothing to wait for");
    }
    if (::poll(waited.data(), waited.size(), limit) < 0 && errno != EINTR) {
        return system_failure("event loop", "cannot wait");
    }
    for (std::size_t index = 0; index < waited.size();
         ++index) { // actions may add sources: their turn is the next step
        const Entry& entry = *entries_[index];
        if (entry.ended) {
            continue;
        }
        if ((waited[index].revents & POLLNVAL) != 0) {
            return failure("event loop", "waits for a descriptor that was closed");
        }
        if (waited[index].revents != 0 || entry.take_deadline()) {
            TRY(entry.action());
        }
    }
    return {};
}

Result<bool> await_input(int descriptor, Deadline limit) {
    EventLoop loop;
    bool readable = false;
    bool late = false;
    const auto input = loop.on_input(descriptor, [&] { readable = true; });
    const auto deadline = loop.on_deadline(limit, [&] { late = true; });
    while (!readable && !late) {
        TRY(loop.step());
    }
    return readable;
}

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

bool SignalWatch::has_come() const {
    Deadline now;
    now.set(0);
    return await_input(descriptor_.get(), now).value_or(false);
}

int SignalWatch::take() {
    signalfd_siginfo info{};
    const bool came = ::read(descriptor_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info);
    return came ? static_cast<int>(info.ssi_signo) : 0;
}

} // namespace trv::tool
