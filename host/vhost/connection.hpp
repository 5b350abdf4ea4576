// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/vhost/protocol.hpp"
#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"

#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace trv::host::vhost {

using tool::Result;

/// Seconds until a backend that does not answer counts as hung. One answers within microseconds; a busy machine may need
/// longer to run it. The hypervisor waits five seconds for a device to let go of its memory.
inline constexpr double answer_limit = 3;

/// How long the frontend waits for an answer.
struct Patience {
    double seconds = answer_limit;
    std::function<bool()> cancelled = [] { return false; }; ///< whether it is to give up at once
};

/// What a backend answered.
struct Reply {
    std::string payload{};
    tool::FileDescriptor descriptor{}; ///< the first that came with it, if any
};

/// The bytes of a message's payload.
template <typename Payload>
    requires std::is_trivially_copyable_v<Payload>
[[nodiscard]] std::string bytes_of(const Payload& payload) {
    return {reinterpret_cast<const char*>(&payload), sizeof payload};
}

/// A payload of exactly this type; nothing if the backend sent another size.
template <typename Payload>
    requires std::is_trivially_copyable_v<Payload>
[[nodiscard]] std::optional<Payload> payload_in(std::string_view bytes) {
    if (bytes.size() != sizeof(Payload)) {
        return std::nullopt;
    }
    Payload payload;
    std::memcpy(&payload, bytes.data(), sizeof payload);
    return payload;
}

/// A socket to a backend, which carries one request after the other. What the backend sends is checked here: version,
/// kind, size, and that it comes in time.
class Connection {
  public:
    /// @param name  of the backend, for messages
    /// @return nothing if no backend listens there yet
    [[nodiscard]] static Result<std::optional<Connection>> open(const std::filesystem::path& socket, std::string name);

    Connection(tool::FileDescriptor socket, std::string name) : socket_{std::move(socket)}, name_{std::move(name)} {}

    /// For an EventLoop: readable when the backend has gone, as it says nothing without being asked.
    [[nodiscard]] int descriptor() const { return socket_.get(); }
    [[nodiscard]] const std::string& name() const { return name_; }

    /// Sends a request that has no reply of its own, and waits for its acknowledgement if `acknowledged`.
    [[nodiscard]] Result<void> tell(Request request, std::string_view payload, std::span<const int> descriptors,
                                    bool acknowledged, const Patience& patience = {});
    [[nodiscard]] Result<Reply> ask(Request request, std::string_view payload = {}, const Patience& patience = {});

  private:
    [[nodiscard]] Result<void> send(Request request, std::uint32_t flags, std::string_view payload,
                                    std::span<const int> descriptors);
    [[nodiscard]] Result<Reply> receive(Request request, const Patience& patience);
    [[nodiscard]] Result<void> receive_bytes(std::span<char> to, tool::FileDescriptor& descriptor,
                                             const Patience& patience);
    [[nodiscard]] std::unexpected<tool::Error> wrong(std::string what) const;

    tool::FileDescriptor socket_;
    std::string name_;
};

} // namespace trv::host::vhost
