// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/vhost/connection.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace trv::host::vhost {

/// The memory that a driver and its backend share: all that a backend sees of a VM.
struct SharedMemory {
    int file = -1; ///< from its beginning
    std::uint64_t guest_address = 0;
    std::uint64_t size = 0;
};

/// A virtqueue as its driver has set it up; addresses are the guest's.
struct Queue {
    std::uint16_t size = 0;
    std::uint64_t descriptors = 0;
    std::uint64_t available = 0; ///< "driver area"
    std::uint64_t used = 0;      ///< "device area"
    std::uint16_t next = 0;      ///< the first available one that the backend has not taken
    int kick = -1;               ///< eventfds
    int call = -1;
};

/// Which requests a backend has taken and not completed, in memory that outlives it. The next backend finds there what it
/// has to do again.
struct InFlight {
    tool::FileDescriptor memory{};
    std::uint64_t size = 0;
};

/// The same that a program which was killed has left.
[[nodiscard]] Result<InFlight> adopt_in_flight(tool::FileDescriptor memory);

/// How a backend is to be spoken to.
struct Manners {
    /// It keeps InFlight although it does not offer it. QEMU's block export does; its authors switched off the offer, not the
    /// code, because they had no test of it.
    bool keeps_in_flight = false;
};

/// The frontend's side of one connection with a backend of vhost-user. Requests follow in the order of the functions here.
class Frontend {
  public:
    /// Negotiates the protocol.
    [[nodiscard]] static Result<Frontend> greet(Connection connection, const Manners& manners,
                                                const Patience& patience = {});

    [[nodiscard]] int descriptor() const { return connection_.descriptor(); }
    /// Virtio's features that the backend offers.
    [[nodiscard]] std::uint64_t features() const { return features_; }
    [[nodiscard]] unsigned queues() const { return queues_; }

    /// The first `size` bytes of the device's configuration; empty if the backend has none.
    [[nodiscard]] Result<std::string> config(std::size_t size, const Patience& patience = {});
    [[nodiscard]] Result<void> set_config(std::size_t offset, std::string_view bytes, const Patience& patience = {});

    /// Memory for InFlight of these queues; none if the backend keeps nothing there.
    [[nodiscard]] Result<InFlight> allocate_in_flight(std::span<const Queue> queues, const Patience& patience = {});

    /// Lets the backend work, until the connection ends. Even then it may have requests in work for a while: it has let go of
    /// the memory when it has taken the next connection, or is gone.
    /// @param features   of virtio's, what the driver has accepted
    /// @param in_flight  new, or of the backend before this one
    [[nodiscard]] Result<void> start(std::uint64_t features, const SharedMemory& memory, std::span<const Queue> queues,
                                     const InFlight& in_flight, const Patience& patience = {});

  private:
    Frontend(Connection connection, std::uint64_t features) : connection_{std::move(connection)}, features_{features} {}
    [[nodiscard]] bool speaks(std::uint64_t feature) const { return (protocol_ & feature) != 0; }
    [[nodiscard]] Result<void> tell(Request request, std::string_view payload, std::span<const int> descriptors = {},
                                    const Patience& patience = {});
    [[nodiscard]] Result<std::uint64_t> ask_number(Request request, const Patience& patience);
    [[nodiscard]] Result<void> start_queue(std::uint32_t index, const Queue& queue, const Patience& patience);

    Connection connection_;
    std::uint64_t features_;
    std::uint64_t protocol_ = 0;
    unsigned queues_ = 1;
};

} // namespace trv::host::vhost
