// SPDX-License-Identifier: Apache-2.0
#pragma once
// What frontends and backends of vhost-user say to each other, in the machine's byte order.
// Source: [vhost-user].

#include <cstddef>
#include <cstdint>

namespace trv::host::vhost {

enum class Request : std::uint32_t {
    GetFeatures = 1,
    SetFeatures = 2,
    SetOwner = 3,
    SetMemoryTable = 5,
    SetQueueSize = 8,
    SetQueueAddresses = 9,
    SetQueueBase = 10,
    SetQueueKick = 12,
    SetQueueCall = 13,
    GetProtocolFeatures = 15,
    SetProtocolFeatures = 16,
    GetQueueCount = 17,
    EnableQueue = 18,
    GetConfig = 24,
    SetConfig = 25,
    GetInFlight = 31,
    SetInFlight = 32,
};

struct Header {
    std::uint32_t request;
    std::uint32_t flags;
    std::uint32_t size; ///< of what follows
};
static_assert(sizeof(Header) == 12);

namespace header_flag {
inline constexpr std::uint32_t version_mask = 3;
inline constexpr std::uint32_t version = 1;
inline constexpr std::uint32_t reply = 1U << 2;
inline constexpr std::uint32_t needs_reply = 1U << 3;
} // namespace header_flag

/// No message of a backend has more behind its header.
inline constexpr std::size_t largest_payload = 1024;

/// Among virtio's features: the backend has features of the protocol.
inline constexpr std::uint64_t has_protocol_features = std::uint64_t{1} << 30;

namespace protocol_feature {
inline constexpr std::uint64_t queue_count = std::uint64_t{1} << 0;
inline constexpr std::uint64_t acknowledges = std::uint64_t{1} << 3;
inline constexpr std::uint64_t config = std::uint64_t{1} << 9;
inline constexpr std::uint64_t in_flight = std::uint64_t{1} << 12;
} // namespace protocol_feature

struct QueueState {
    std::uint32_t index;
    std::uint32_t value;
};
static_assert(sizeof(QueueState) == 8);

struct QueueAddresses {
    std::uint32_t index;
    std::uint32_t flags;
    std::uint64_t descriptors;
    std::uint64_t used;
    std::uint64_t available;
    std::uint64_t log;
};
static_assert(sizeof(QueueAddresses) == 40);

/// A memory table of one region.
struct MemoryTable {
    std::uint32_t count;
    std::uint32_t padding;
    std::uint64_t guest_address;
    std::uint64_t size;
    std::uint64_t frontend_address; ///< those of queues are given in this space
    std::uint64_t file_offset;
};
static_assert(sizeof(MemoryTable) == 40);

struct ConfigHeader {
    std::uint32_t offset;
    std::uint32_t size;
    std::uint32_t flags;
};
static_assert(sizeof(ConfigHeader) == 12);

/// The reference implementation's messages have the structure's padding.
struct InFlightState {
    std::uint64_t size;
    std::uint64_t offset;
    std::uint16_t queues;
    std::uint16_t queue_size;
    std::uint32_t padding;
};
static_assert(sizeof(InFlightState) == 24);

} // namespace trv::host::vhost
