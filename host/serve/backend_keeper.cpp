// SPDX-License-Identifier: Apache-2.0
#include "host/serve/backend_keeper.hpp"

#include "contract/manager.hpp"
#include "host/devices/device_record.hpp"
#include "host/devices/plug_socket.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>

namespace trv::host::serve {

namespace {

using devices::BackendPlan;
using devices::BackendProcess;
using devices::DeviceRecord;
using devices::Household;
using devices::VariablesFile;

enum class Request : std::uint32_t { Start, Resume, HasServed, Kill, StopInOrder, StopAtOnce, Runs, SaveVariables, End };

struct Message {
    Request request{};
    std::uint32_t slot = 0;
};

/// With why a program cannot be started.
struct Reply {
    std::uint32_t good = 0;
    std::array<char, 1024> what{};
    std::array<char, 1024> hint{};
};

std::string text_in(const std::array<char, 1024>& text) {
    return {text.begin(), std::ranges::find(text, '\0')};
}
void put_text(std::array<char, 1024>& to, const std::string& text) {
    std::ranges::copy_n(text.begin(), static_cast<std::ptrdiff_t>(std::min(text.size(), to.size() - 1)), to.begin());
}

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
    /// @param content  of the file: memory of both sides, which the other one may change at any time
    Keeper(const std::vector<BackendPlan>& plans, const Household& household, DeviceRecord& record, int socket,
           std::optional<VariablesFile> variables, std::string_view content)
        : record_{record}, socket_{socket}, variables_{std::move(variables)}, content_{content},
          source_{loop_.on_input(socket, [this] { answer(); })} {
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
        Reply reply;
        if (message.request == Request::End) {
            ended_ = true;
        } else if (message.request == Request::SaveVariables) {
            save_variables(reply);
        } else if (message.slot < backends_.size()) {
            reply.good = carry_out(message.request, *backends_[message.slot], reply) ? 1 : 0;
            mark(message);
        }
        gone_ = !send_value(socket_, reply);
    }

    /// What is plugged has a program, and nothing else has.
    void mark(const Message& message) {
        const bool plugged = message.request == Request::Start || message.request == Request::Resume;
        if (!plugged && message.request != Request::StopInOrder) {
            return;
        }
        if (const auto marked = record_.mark(message.slot, plugged); !marked) {
            fmt::print(stderr, "{}\n", to_string(marked.error()));
        }
    }

    void save_variables(Reply& reply) {
        const auto saved = variables_ ? variables_->save(content_) : tool::failure("variables", "they have no file");
        reply.good = saved ? 1 : 0;
        if (!saved) {
            put_text(reply.what, saved.error().place + ": " + saved.error().what);
            put_text(reply.hint, saved.error().hint);
        }
    }

    static bool carry_out(Request request, BackendProcess& backend, Reply& reply) {
        switch (request) {
        case Request::Start: {
            const auto started = backend.start();
            if (!started) {
                put_text(reply.what, started.error().what);
                put_text(reply.hint, started.error().hint);
            }
            return started.has_value();
        }
        case Request::Resume:
            backend.resume();
            return true;
        case Request::HasServed:
            backend.has_served();
            return true;
        case Request::Kill:
            backend.kill();
            return true;
        case Request::StopInOrder:
            backend.stop(devices::Ending::InOrder);
            return true;
        case Request::StopAtOnce:
            backend.stop(devices::Ending::AtOnce);
            return true;
        case Request::Runs:
            return backend.runs();
        default:
            return false;
        }
    }

    DeviceRecord& record_;
    int socket_;
    std::optional<VariablesFile> variables_;
    std::string_view content_;
    tool::EventLoop loop_;
    tool::EventLoop::Source source_;
    std::vector<std::unique_ptr<BackendProcess>> backends_;
    bool gone_ = false;
    bool ended_ = false;
};

[[noreturn]] void keep(const std::vector<BackendPlan>& plans, const Household& household, tool::FileDescriptor socket,
                       std::optional<VariablesFile> variables, std::string_view content) {
    auto record = household.records.empty() ? Result<devices::DeviceRecord>{}
                                            : devices::DeviceRecord::write(household.vm, plans, household.records);
    if (!record) {
        fmt::print(stderr, "{}\n", to_string(record.error()));
    }
    DeviceRecord none;
    auto keeper = std::make_unique<Keeper>(plans, household, record ? *record : none, socket.get(),
                                           std::move(variables), content);
    if (keeper->run()) { // otherwise the other side was killed, and the next one replaces the programs
        keeper.reset();
        record = {};
        if (!household.records.empty()) {
            std::error_code ignored; // the other side may not
            std::filesystem::remove(devices::PlugSocket::path_of(household.vm, household.records), ignored);
        }
    }
    ::_exit(0);
}

/// @return nothing if the keeper has gone. Precondition: the channel's mutex is held
std::optional<Reply> exchange(const KeeperChannel& channel, const Message& message) {
    Reply reply;
    const bool answered = send_value(channel.socket.get(), message) && receive_value(channel.socket.get(), reply);
    return answered ? std::optional{reply} : std::nullopt;
}

/// A program that the keeper has started.
class KeptBackend final : public devices::Backend {
  public:
    KeptBackend(std::shared_ptr<KeeperChannel> channel, std::string place, unsigned slot)
        : channel_{std::move(channel)}, place_{std::move(place)}, slot_{slot} {}

    Result<void> start() override {
        const auto reply = exchange(Request::Start);
        if (reply && reply->good != 0) {
            return {};
        }
        auto what = reply ? text_in(reply->what) : std::string{};
        return tool::failure(place_, what.empty() ? "its backend cannot be started" : std::move(what),
                             reply ? text_in(reply->hint) : std::string{});
    }
    void resume() override { (void)ask(Request::Resume); }
    void has_served() override { (void)ask(Request::HasServed); }
    void kill() override { (void)ask(Request::Kill); }
    void stop(devices::Ending ending) override {
        (void)ask(ending == devices::Ending::InOrder ? Request::StopInOrder : Request::StopAtOnce);
    }
    bool runs() override { return ask(Request::Runs); }

  private:
    bool ask(Request request) {
        const auto reply = exchange(request);
        return reply && reply->good != 0;
    }
    std::optional<Reply> exchange(Request request) {
        const std::scoped_lock lock{channel_->mutex};
        return serve::exchange(*channel_, {.request = request, .slot = slot_});
    }

    std::shared_ptr<KeeperChannel> channel_;
    std::string place_; ///< of errors
    unsigned slot_;
};

} // namespace

KeeperChannel::~KeeperChannel() {
    if (!variables.empty()) {
        ::munmap(variables.data(), variables.size());
    }
}

Result<BackendKeeper> BackendKeeper::start(const std::vector<BackendPlan>& plans, const Household& household,
                                           std::optional<VariablesFile> variables) {
    std::array<int, 2> ends{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return tool::system_failure("VM " + household.vm, "no process for its backends can be started");
    }
    auto ours = std::make_shared<KeeperChannel>();
    ours->socket.reset(ends[0]);
    tool::FileDescriptor theirs{ends[1]};
    if (variables) {
        constexpr std::size_t size = contract::manager::variables_size;
        void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) {
            return tool::system_failure("VM " + household.vm, "there is no memory for its variables");
        }
        ours->variables = {static_cast<char*>(memory), size};
    }
    const pid_t process = ::fork();
    if (process < 0) {
        return tool::system_failure("VM " + household.vm, "no process for its backends can be started");
    }
    if (process == 0) {
        ours->socket = {};
        keep(plans, household, std::move(theirs), std::move(variables),
             {ours->variables.data(), ours->variables.size()});
    }
    std::vector<std::string> places;
    for (const auto& plan : plans) {
        places.push_back(fmt::format("VM {}: {}", household.vm, plan.name));
    }
    return BackendKeeper{std::move(ours), std::move(places), process};
}

BackendKeeper::~BackendKeeper() {
    if (process_ < 0) {
        return;
    }
    Reply reply;
    if (send_value(channel_->socket.get(), Message{.request = Request::End})) {
        (void)receive_value(channel_->socket.get(), reply);
    }
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

std::unique_ptr<devices::Backend> BackendKeeper::backend(unsigned slot) const {
    return std::make_unique<KeptBackend>(channel_, slot < places_.size() ? places_[slot] : "no device", slot);
}

Result<void> BackendKeeper::save_variables(std::string_view content) const {
    const std::scoped_lock lock{channel_->mutex};
    if (content.size() != channel_->variables.size()) {
        return tool::failure("variables", "they have no file of this size");
    }
    std::ranges::copy(content, channel_->variables.begin());
    const auto reply = exchange(*channel_, {.request = Request::SaveVariables});
    if (reply && reply->good != 0) {
        return {};
    }
    return tool::failure("variables", reply ? text_in(reply->what) : "the process that saves them has gone",
                         reply ? text_in(reply->hint) : std::string{});
}

} // namespace trv::host::serve
