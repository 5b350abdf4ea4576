// SPDX-License-Identifier: Apache-2.0
#include "host/serve/backend_keeper.hpp"

#include "host/devices/device_record.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

namespace trv::host::serve {

namespace {

using devices::BackendPlan;
using devices::BackendProcess;
using devices::Household;

enum class Request : std::uint32_t { Start, HasServed, Kill, Runs, End };

struct Message {
    Request request{};
    std::uint32_t slot = 0;
};

/// Sends a message whole, or receives one; false when the other side has gone.
template <typename Value>
bool send_value(int socket, const Value& value) {
    return ::send(socket, &value, sizeof value, MSG_NOSIGNAL) == sizeof value;
}
template <typename Value>
bool receive_value(int socket, Value& value) {
    ssize_t got = -1;
    do {
        got = ::recv(socket, &value, sizeof value, 0);
    } while (got < 0 && errno == EINTR);
    return got == sizeof value;
}

/// The process: it does what it is asked, and starts again what ends by itself.
class Keeper {
  public:
    Keeper(const std::vector<BackendPlan>& plans, const Household& household, int socket)
        : socket_{socket}, source_{loop_.on_input(socket, [this] { answer(); })} {
        for (const auto& plan : plans) {
            backends_.push_back(std::make_unique<BackendProcess>(plan, household, loop_));
        }
    }

    /// @return whether the other side has said that it is done
    bool run() {
        while (!gone_ && !ended_) {
            if (const auto step = loop_.step(); !step) {
                fmt::print(stderr, "{}\n", to_string(step.error()));
            }
        }
        return ended_;
    }

  private:
    void answer() {
        Message message;
        if (!receive_value(socket_, message)) {
            gone_ = true;
            return;
        }
        std::uint32_t answer = 0;
        if (message.request == Request::End) {
            ended_ = true;
        } else if (message.slot < backends_.size()) {
            answer = carry_out(message.request, *backends_[message.slot]) ? 1 : 0;
        }
        gone_ = !send_value(socket_, answer);
    }

    static bool carry_out(Request request, BackendProcess& backend) {
        switch (request) {
        case Request::Start: {
            const auto started = backend.start();
            if (!started) {
                fmt::print(stderr, "{}\n", to_string(started.error()));
            }
            return started.has_value();
        }
        case Request::HasServed:
            backend.has_served();
            return true;
        case Request::Kill:
            backend.kill();
            return true;
        case Request::Runs:
            return backend.runs();
        default:
            return false;
        }
    }

    int socket_;
    tool::EventLoop loop_;
    tool::EventLoop::Source source_;
    std::vector<std::unique_ptr<BackendProcess>> backends_;
    bool gone_ = false;
    bool ended_ = false;
};

[[noreturn]] void keep(const std::vector<BackendPlan>& plans, const Household& household, tool::FileDescriptor socket) {
    auto record = household.records.empty() ? Result<devices::DeviceRecord>{}
                                            : devices::DeviceRecord::write(household.vm, plans, household.records);
    if (!record) {
        fmt::print(stderr, "{}\n", to_string(record.error()));
    }
    auto keeper = std::make_unique<Keeper>(plans, household, socket.get());
    if (keeper->run()) { // otherwise the other side was killed, and the next one replaces the programs
        keeper.reset();
        record = {};
    }
    ::_exit(0);
}

/// A program that the keeper has started.
class KeptBackend final : public devices::Backend {
  public:
    KeptBackend(std::shared_ptr<KeeperChannel> channel, unsigned slot) : channel_{std::move(channel)}, slot_{slot} {}

    Result<void> start() override {
        return ask(Request::Start) ? Result<void>{}
                                   : tool::failure(fmt::format("device {}", slot_), "its backend cannot be started",
                                                   "What was wrong comes before this message.");
    }
    void has_served() override { (void)ask(Request::HasServed); }
    void kill() override { (void)ask(Request::Kill); }
    bool runs() override { return ask(Request::Runs); }

  private:
    bool ask(Request request) {
        std::uint32_t answer = 0;
        const std::scoped_lock lock{channel_->mutex};
        return send_value(channel_->socket.get(), Message{.request = request, .slot = slot_}) &&
               receive_value(channel_->socket.get(), answer) && answer != 0;
    }

    std::shared_ptr<KeeperChannel> channel_;
    unsigned slot_;
};

} // namespace

Result<BackendKeeper> BackendKeeper::start(const std::vector<BackendPlan>& plans, const Household& household) {
    std::array<int, 2> ends{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return tool::system_failure("VM " + household.vm, "no process for its backends can be started");
    }
    auto ours = std::make_shared<KeeperChannel>();
    ours->socket.reset(ends[0]);
    tool::FileDescriptor theirs{ends[1]};
    const pid_t process = ::fork();
    if (process < 0) {
        return tool::system_failure("VM " + household.vm, "no process for its backends can be started");
    }
    if (process == 0) {
        ours->socket = {};
        keep(plans, household, std::move(theirs));
    }
    return BackendKeeper{std::move(ours), process};
}

BackendKeeper::~BackendKeeper() {
    if (process_ < 0) {
        return;
    }
    std::uint32_t answer = 0;
    if (send_value(channel_->socket.get(), Message{.request = Request::End})) {
        (void)receive_value(channel_->socket.get(), answer);
    }
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

std::unique_ptr<devices::Backend> BackendKeeper::backend(unsigned slot) const {
    return std::make_unique<KeptBackend>(channel_, slot);
}

} // namespace trv::host::serve
