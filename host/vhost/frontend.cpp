// SPDX-License-Identifier: Apache-2.0
#include "host/vhost/frontend.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

namespace trv::host::vhost {

namespace {

constexpr std::uint64_t wanted_features =
    protocol_feature::queue_count | protocol_feature::acknowledges | protocol_feature::config;
constexpr std::uint64_t largest_in_flight = 1024 * 1024; ///< bytes; QEMU's has 16 for each entry of a queue
/// More than the 256 bytes that virtio's configurations have at most here.
constexpr std::size_t largest_config = largest_payload - sizeof(ConfigHeader);

InFlightState in_flight_state(std::span<const Queue> queues, std::uint64_t size) {
    std::uint16_t longest = 0;
    for (const Queue& queue : queues) {
        longest = std::max(longest, queue.size);
    }
    return {.size = size,
            .offset = 0,
            .queues = static_cast<std::uint16_t>(queues.size()),
            .queue_size = longest,
            .padding = 0};
}

/// Whether the file is memory that keeps at least this size. A backend chose it, and systemd and later backends get it.
bool has_memory(const tool::FileDescriptor& file, std::uint64_t size) {
    struct stat status{};
    if (!file || size > largest_in_flight || ::fstat(file.get(), &status) != 0) {
        return false;
    }
    const int seals = ::fcntl(file.get(), F_GET_SEALS); // an error for what is not memory
    return seals >= 0 && (seals & F_SEAL_SHRINK) != 0 && static_cast<std::uint64_t>(status.st_size) >= size;
}

} // namespace

Result<InFlight> adopt_in_flight(tool::FileDescriptor memory) {
    struct stat status{};
    if (::fstat(memory.get(), &status) != 0) {
        return tool::system_failure("requests in flight", "cannot be taken over");
    }
    return InFlight{.memory = std::move(memory), .size = static_cast<std::uint64_t>(status.st_size)};
}

Result<Frontend> Frontend::greet(Connection connection, const Manners& manners, const Patience& patience) {
    Frontend frontend{std::move(connection), 0};
    const std::uint64_t offered = TRY(frontend.ask_number(Request::GetFeatures, patience));
    frontend.features_ = offered & ~has_protocol_features;
    if ((offered & has_protocol_features) == 0) {
        return tool::failure(frontend.connection_.name(), "the backend is too old: it has no features of the protocol");
    }
    const std::uint64_t protocol = TRY(frontend.ask_number(Request::GetProtocolFeatures, patience));
    const std::uint64_t in_flight = manners.keeps_in_flight ? protocol_feature::in_flight : 0;
    const std::uint64_t spoken = (protocol & wanted_features) | in_flight;
    TRY(frontend.tell(Request::SetProtocolFeatures, bytes_of(spoken), {}, patience));
    frontend.protocol_ = spoken;
    if (frontend.speaks(protocol_feature::queue_count)) {
        const std::uint64_t queues = TRY(frontend.ask_number(Request::GetQueueCount, patience));
        if (queues == 0) {
            return tool::failure(frontend.connection_.name(), "the backend has no queues");
        }
        frontend.queues_ = static_cast<unsigned>(std::min<std::uint64_t>(queues, 256));
    }
    TRY(frontend.tell(Request::SetOwner, {}, {}, patience));
    return frontend;
}

Result<void> Frontend::tell(Request request, std::string_view payload, std::span<const int> descriptors,
                            const Patience& patience) {
    return connection_.tell(request, payload, descriptors, speaks(protocol_feature::acknowledges), patience);
}

Result<std::uint64_t> Frontend::ask_number(Request request, const Patience& patience) {
    const auto number = payload_in<std::uint64_t>(TRY(connection_.ask(request, {}, patience)).payload);
    return number ? Result<std::uint64_t>{*number}
                  : tool::failure(connection_.name(),
                                  fmt::format("the backend answers request {} with something that is not a number",
                                              static_cast<std::uint32_t>(request)));
}

Result<std::string> Frontend::config(std::size_t size, const Patience& patience) {
    if (!speaks(protocol_feature::config) || size == 0 || size > largest_config) {
        return std::string{};
    }
    const ConfigHeader header{.offset = 0, .size = static_cast<std::uint32_t>(size), .flags = 0};
    auto reply = TRY(connection_.ask(Request::GetConfig, bytes_of(header) + std::string(size, '\0'), patience));
    if (reply.payload.size() != sizeof header + size) {
        return tool::failure(connection_.name(),
                             fmt::format("the backend does not have {} bytes of configuration", size));
    }
    return reply.payload.substr(sizeof header);
}

Result<void> Frontend::set_config(std::size_t offset, std::string_view bytes, const Patience& patience) {
    if (!speaks(protocol_feature::config) || bytes.size() > largest_config) {
        return tool::failure(connection_.name(), "the backend has no configuration that can be written");
    }
    const ConfigHeader header{
        .offset = static_cast<std::uint32_t>(offset), .size = static_cast<std::uint32_t>(bytes.size()), .flags = 0};
    return tell(Request::SetConfig, bytes_of(header) + std::string{bytes}, {}, patience);
}

Result<InFlight> Frontend::allocate_in_flight(std::span<const Queue> queues, const Patience& patience) {
    if (!speaks(protocol_feature::in_flight)) {
        return InFlight{};
    }
    auto reply = TRY(connection_.ask(Request::GetInFlight, bytes_of(in_flight_state(queues, 0)), patience));
    const auto state = payload_in<InFlightState>(reply.payload);
    if (!state || state->offset != 0 || !has_memory(reply.descriptor, state->size)) {
        return tool::failure(connection_.name(), "the backend has no memory for requests in flight");
    }
    return InFlight{.memory = std::move(reply.descriptor), .size = state->size};
}

Result<void> Frontend::start_queue(std::uint32_t index, const Queue& queue, const Patience& patience) {
    TRY(tell(Request::SetQueueSize, bytes_of(QueueState{.index = index, .value = queue.size}), {}, patience));
    TRY(tell(Request::SetQueueBase, bytes_of(QueueState{.index = index, .value = queue.next}), {}, patience));
    TRY(tell(Request::SetQueueAddresses,
             bytes_of(QueueAddresses{.index = index,
                                     .flags = 0,
                                     .descriptors = queue.descriptors,
                                     .used = queue.used,
                                     .available = queue.available,
                                     .log = 0}),
             {}, patience));
    const auto which = bytes_of(std::uint64_t{index});
    const std::array call{queue.call};
    const std::array kick{queue.kick};
    TRY(tell(Request::SetQueueCall, which, call, patience));
    TRY(tell(Request::SetQueueKick, which, kick, patience));
    return tell(Request::EnableQueue, bytes_of(QueueState{.index = index, .value = 1}), {}, patience);
}

Result<void> Frontend::start(std::uint64_t features, const SharedMemory& memory, std::span<const Queue> queues,
                             const InFlight& in_flight, const Patience& patience) {
    TRY(tell(Request::SetFeatures, bytes_of((features & features_) | has_protocol_features), {}, patience));
    const MemoryTable table{.count = 1,
                            .padding = 0,
                            .guest_address = memory.guest_address,
                            .size = memory.size,
                            .frontend_address = memory.guest_address, // so queues' addresses are the guest's
                            .file_offset = 0};
    const std::array descriptors{memory.file};
    TRY(tell(Request::SetMemoryTable, bytes_of(table), descriptors, patience));
    if (in_flight.memory) {
        const std::array requests{in_flight.memory.get()};
        TRY(tell(Request::SetInFlight, bytes_of(in_flight_state(queues, in_flight.size)), requests, patience));
    }
    for (std::uint32_t index = 0; index < queues.size(); ++index) {
        if (queues[index].size != 0) { // the driver may leave queues out
            TRY(start_queue(index, queues[index], patience));
        }
    }
    return {};
}

} // namespace trv::host::vhost
