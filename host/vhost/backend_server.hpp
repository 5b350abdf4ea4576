// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/vhost/protocol.hpp"
#include "host/vhost/queue_worker.hpp"
#include "tool/support/file_descriptor.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace trv::host::vhost {

/// The backend's side of one connection: answers the frontend's requests, and lets a worker work. Its memory is mapped as
/// long as this object exists.
class BackendSession {
  public:
    BackendSession(tool::FileDescriptor socket, std::unique_ptr<QueueWorker> worker);
    BackendSession(const BackendSession&) = delete;
    BackendSession& operator=(const BackendSession&) = delete;
    ~BackendSession();

    /// Waits for a request and answers it.
    /// @return whether the connection goes on; an error ends it as well
    [[nodiscard]] Result<bool> answer();

  private:
    struct Message {
        Header header{};
        std::string payload{};
        tool::FileDescriptor descriptor{};
    };
    /// What is known of a queue before it starts.
    struct QueueInWork {
        std::uint16_t size = 0;
        std::uint16_t next = 0;
        QueueAddresses addresses{};
        tool::FileDescriptor kick{};
        tool::FileDescriptor call{};
    };

    [[nodiscard]] Result<std::optional<Message>> receive();
    [[nodiscard]] Result<bool> receive_bytes(char* to, std::size_t size, tool::FileDescriptor& descriptor);
    [[nodiscard]] Result<void> reply(const Header& header, std::uint64_t number);
    [[nodiscard]] Result<void> carry_out(Request request, Message& message);
    [[nodiscard]] Result<void> carry_out_for_queue(Request request, Message& message);
    [[nodiscard]] Result<void> map_memory(Message& message);
    [[nodiscard]] Result<void> start_queue(std::uint32_t index);
    [[nodiscard]] Result<QueueInWork*> queue_at(std::uint64_t index);
    [[nodiscard]] Result<char*> part(std::uint64_t frontend_address, std::size_t size) const;

    tool::FileDescriptor socket_;
    std::vector<QueueInWork> queues_;
    std::uint64_t frontend_address_ = 0; ///< of the memory
    WorkedMemory memory_{};
    std::unique_ptr<QueueWorker> worker_; ///< ends before the memory
    std::uint64_t features_ = 0;
    bool works_ = false;
};

using MakeWorker = std::function<Result<std::unique_ptr<QueueWorker>>()>;

/// Listens at a socket, and serves one connection after the other, each with a worker of its own, until none can be made.
/// Listens when the first worker is there. The next connection is taken when the last one's worker has let go of its memory.
[[nodiscard]] Result<void> serve_connections(const std::filesystem::path& socket, const MakeWorker& make);

} // namespace trv::host::vhost
