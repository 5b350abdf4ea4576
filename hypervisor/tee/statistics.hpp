#pragma once
// What a tenant did, counted. Counters only grow and are exact one by one; a snapshot of several is not one instant's.

#include "lib/types.hpp"

#include <array>
#include <atomic>
#include <string_view>

namespace trv::tee {

// Names are those of the monitor's JSON.

enum class CallKind : u8 {
    Fast,
    Open,
    Invoke,
    Close,
    Cancel,
    Register,
    Unregister,
    BottomHalf,
    StopNotifications,
    Own, ///< the mediator's: windows, and buffers whose driver is gone
};
inline constexpr unsigned call_kinds = 10;
[[nodiscard]] std::string_view name_of(CallKind kind);

/// Why the mediator itself said no.
enum class Refusal : u8 {
    UnknownFunction, ///< not an id that guests have, private ones included
    BadAddress,      ///< argument, page list or page not plain memory of the VM
    BadMessage,      ///< malformed argument or memory reference
    UnknownCookie,
    BadToken, ///< RETURN_FROM_RPC for a call that does not wait for the guest
    Policy,   ///< trusted application denied
    PinQuota,
    BufferQuota,
    MapBudget,
    SessionQuota,
    ThreadLimit,
    BadReply,   ///< answer to an RPC that could not be used
    LargeReply, ///< more memory than an RPC asked for
};
inline constexpr unsigned refusals = 13;
[[nodiscard]] std::string_view name_of(Refusal refusal);

/// RPC commands are counted by number [optee_rpc_cmd.h] up to here; larger ones in the last place.
inline constexpr unsigned counted_rpcs = 26;
enum class RpcKind : u8 {};
[[nodiscard]] std::string_view name_of(RpcKind kind);

class Counter {
  public:
    /// Relaxed: no reader infers from a counter that anything else has happened.
    void add(u64 n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
    [[nodiscard]] u64 value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<u64> value_ = 0;
};

struct Statistics {
    std::array<Counter, call_kinds> calls{};
    std::array<Counter, counted_rpcs> rpcs{}; ///< by [optee_rpc_cmd.h] command, those answered at EL2 included
    std::array<Counter, refusals> refused{};
    Counter rpc_allocs;        ///< RPC ALLOC and FREE that were answered at EL2
    Counter entries;           ///< SMCs into the VM's partition
    Counter secure_ticks;      ///< time there
    Counter foreign_absorbed;  ///< FOREIGN_INTR that the guest did not see
    Counter foreign_forwarded; ///< FOREIGN_INTR that it did see
    Counter slices;            ///< FOREIGN_INTR of the mediator's own, amid long work
    Counter notifications;     ///< values collected for the VM
};

/// Levels, as of now.
struct Usage {
    u32 sessions = 0;
    u32 pinned_pages = 0;
    u32 buffers = 0;
    u32 rpc_buffers = 0;
    u32 windows = 0;
    u32 core_mapped_pages = 0;
    u32 calls = 0;             ///< in flight
    u32 orphans = 0;           ///< calls whose driver is gone, and which are to be ended
    u32 kept_applications = 0; ///< that OP-TEE kept from the VM's earlier lives, for good
};

} // namespace trv::tee
