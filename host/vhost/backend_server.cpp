// SPDX-License-Identifier: Apache-2.0
#include "host/vhost/backend_server.hpp"

#include "host/vhost/connection.hpp"
#include "host/vhost/passed_descriptors.hpp"
#include "tool/support/unix_address.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

namespace trv::host::vhost {

namespace {

constexpr const char* place = "vhost-user";
/// More than any kind of device here has.
constexpr std::size_t most_queues = 4;
constexpr std::uint64_t without_descriptor = std::uint64_t{1} << 8; // of SetQueueKick and SetQueueCall
constexpr std::uint64_t queue_mask = 0xff;

std::unexpected<tool::Error> wrong(Request request) {
    return tool::failure(place, fmt::format("request {} is not right", static_cast<std::uint32_t>(request)));
}

template <typename Payload>
Result<Payload> payload_of(Request request, std::string_view bytes) {
    const auto payload = payload_in<Payload>(bytes);
    return payload ? Result<Payload>{*payload} : wrong(request);
}

} // namespace

BackendSession::BackendSession(tool::FileDescriptor socket, std::unique_ptr<QueueWorker> worker)
    : socket_{std::move(socket)}, queues_(most_queues), worker_{std::move(worker)} {}

BackendSession::~BackendSession() {
    worker_.reset();
    if (!memory_.bytes.empty()) {
        ::munmap(memory_.bytes.data(), memory_.bytes.size());
    }
}

/// @return whether the bytes came; not if the frontend has ended the connection
Result<bool> BackendSession::receive_bytes(char* to, std::size_t size, tool::FileDescriptor& descriptor) {
    while (size > 0) {
        const ssize_t got = receive_part(socket_.get(), {to, size}, 0, descriptor);
        if (got == 0 || (got < 0 && errno == ECONNRESET)) {
            return false;
        }
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return tool::system_failure(place, "the frontend cannot be reached");
        }
        to += got;
        size -= static_cast<std::size_t>(got);
    }
    return true;
}

Result<std::optional<BackendSession::Message>> BackendSession::receive() {
    Message message;
    if (!TRY(receive_bytes(reinterpret_cast<char*>(&message.header), sizeof message.header, message.descriptor))) {
        return std::nullopt;
    }
    if ((message.header.flags & header_flag::version_mask) != header_flag::version ||
        message.header.size > largest_payload) {
        return wrong(static_cast<Request>(message.header.request));
    }
    message.payload.resize(message.header.size);
    if (!TRY(receive_bytes(message.payload.data(), message.payload.size(), message.descriptor))) {
        return std::nullopt;
    }
    return message;
}

Result<void> BackendSession::reply(const Header& header, std::uint64_t number) {
    const Header reply{.request = header.request,
                       .flags = header_flag::version | header_flag::reply,
                       .size = static_cast<std::uint32_t>(sizeof number)};
    const std::string bytes = bytes_of(reply) + bytes_of(number);
    if (::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
        return tool::system_failure(place, "the frontend cannot be reached");
    }
    return {};
}

Result<bool> BackendSession::answer() {
    auto message = TRY(receive());
    if (!message) {
        return false;
    }
    const auto request = static_cast<Request>(message->header.request);
    if (request == Request::GetFeatures) {
        TRY(reply(message->header, TRY(worker_->features()) | has_protocol_features));
        return true;
    }
    if (request == Request::GetProtocolFeatures) {
        TRY(reply(message->header, protocol_feature::acknowledges));
        return true;
    }
    const auto done = carry_out(request, *message);
    if ((message->header.flags & header_flag::needs_reply) != 0) {
        TRY(reply(message->header, done ? 0 : 1));
    }
    return done ? Result<bool>{true} : std::unexpected(done.error());
}

Result<void> BackendSession::carry_out(Request request, Message& message) {
    switch (request) {
    case Request::SetOwner:
    case Request::SetProtocolFeatures:
        return {};
    case Request::SetFeatures:
        features_ = TRY(payload_of<std::uint64_t>(request, message.payload));
        return {};
    case Request::SetMemoryTable:
        return map_memory(message);
    default:
        return carry_out_for_queue(request, message);
    }
}

Result<void> BackendSession::carry_out_for_queue(Request request, Message& message) {
    switch (request) {
    case Request::SetQueueSize:
    case Request::SetQueueBase:
    case Request::EnableQueue: {
        const auto state = TRY(payload_of<QueueState>(request, message.payload));
        auto& queue = *TRY(queue_at(state.index));
        if (state.value > UINT16_MAX) {
            return wrong(request);
        }
        if (request == Request::EnableQueue) {
            return state.value == 1 ? start_queue(state.index) : wrong(request);
        }
        (request == Request::SetQueueSize ? queue.size : queue.next) = static_cast<std::uint16_t>(state.value);
        return {};
    }
    case Request::SetQueueAddresses: {
        const auto addresses = TRY(payload_of<QueueAddresses>(request, message.payload));
        TRY(queue_at(addresses.index))->addresses = addresses;
        return {};
    }
    case Request::SetQueueKick:
    case Request::SetQueueCall: {
        const auto which = TRY(payload_of<std::uint64_t>(request, message.payload));
        auto* const queue = TRY(queue_at(which & queue_mask));
        if ((which & without_descriptor) != 0 || !message.descriptor) {
            return wrong(request);
        }
        (request == Request::SetQueueKick ? queue->kick : queue->call) = std::move(message.descriptor);
        return {};
    }
    default:
        return wrong(request);
    }
}

Result<BackendSession::QueueInWork*> BackendSession::queue_at(std::uint64_t index) {
    return index < queues_.size() ? Result<QueueInWork*>{&queues_[index]}
                                  : tool::failure(place, fmt::format("the device has no queue {}", index));
}

/// Of one region, from the beginning of its file.
Result<void> BackendSession::map_memory(Message& message) {
    const auto table = TRY(payload_of<MemoryTable>(Request::SetMemoryTable, message.payload));
    struct stat status{};
    if (table.count != 1 || table.file_offset != 0 || !memory_.bytes.empty() || !message.descriptor ||
        ::fstat(message.descriptor.get(), &status) != 0 || table.size == 0 ||
        table.size != static_cast<std::uint64_t>(status.st_size)) {
        return wrong(Request::SetMemoryTable);
    }
    void* const memory = ::mmap(nullptr, table.size, PROT_READ | PROT_WRITE, MAP_SHARED, message.descriptor.get(), 0);
    if (memory == MAP_FAILED) {
        return tool::system_failure(place, "the VM's memory for devices cannot be mapped");
    }
    memory_ = {.guest_address = table.guest_address, .bytes = {static_cast<char*>(memory), table.size}};
    frontend_address_ = table.frontend_address;
    return {};
}

Result<char*> BackendSession::part(std::uint64_t frontend_address, std::size_t size) const {
    const std::uint64_t offset = frontend_address - frontend_address_;
    if (frontend_address < frontend_address_ || offset > memory_.bytes.size() || size > memory_.bytes.size() - offset) {
        return tool::failure(place, "a queue is not in the VM's memory for devices");
    }
    return memory_.bytes.data() + offset;
}

/// The kernel takes any queue whose addresses are a process's. Of one that reaches beyond the memory it would write to what
/// follows in this process, so its extent is checked here, as the hypervisor does it. [virtio 1.3, 2.7]
Result<void> BackendSession::start_queue(std::uint32_t index) {
    auto& work = *TRY(queue_at(index));
    if (work.size == 0 || memory_.bytes.empty() || !work.kick || !work.call) {
        return tool::failure(place, fmt::format("queue {} is to start before it is set up", index));
    }
    const WorkedQueue queue{.size = work.size,
                            .next = work.next,
                            .descriptors = TRY(part(work.addresses.descriptors, 16UL * work.size)),
                            .available = TRY(part(work.addresses.available, 6 + 2UL * work.size)),
                            .used = TRY(part(work.addresses.used, 6 + 8UL * work.size)),
                            .kick = work.kick.get(),
                            .call = work.call.get()};
    if (index >= worker_->queues()) {
        return {}; // nothing ever happens there
    }
    if (!works_) {
        TRY(worker_->begin(features_ & ~has_protocol_features, memory_));
        works_ = true;
    }
    return worker_->start_queue(index, queue);
}

namespace {

/// Until it ends; with the worker, which has let go of its memory then.
void serve(tool::FileDescriptor connection, std::unique_ptr<QueueWorker> worker) {
    BackendSession session{std::move(connection), std::move(worker)};
    for (bool open = true; open;) {
        const auto answered = session.answer();
        if (!answered) {
            fmt::print(stderr, "{}\n", to_string(answered.error()));
        }
        open = answered.value_or(false);
    }
}

} // namespace

Result<void> serve_connections(const std::filesystem::path& path, const MakeWorker& make) {
    // First, since the kernel may have to load a module for it, and a frontend waits longer for a socket than for an answer.
    auto worker = TRY(make());
    const std::string& text = path.native();
    const auto address = tool::unix_address(text);
    tool::FileDescriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!address) {
        return tool::failure(text, "the path is too long for a socket");
    }
    if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0 ||
        ::listen(socket.get(), 1) != 0) {
        return tool::system_failure(text, "nothing can listen there");
    }
    for (;;) {
        tool::FileDescriptor connection{::accept4(socket.get(), nullptr, nullptr, SOCK_CLOEXEC)};
        if (!connection && (errno == EINTR || errno == ECONNABORTED)) {
            continue;
        }
        if (!connection) {
            return tool::system_failure(text, "no connection can be taken");
        }
        serve(std::move(connection), std::move(worker));
        worker = TRY(make());
    }
}

} // namespace trv::host::vhost
