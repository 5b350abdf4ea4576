// SPDX-License-Identifier: Apache-2.0
#pragma once
// The memory layout of messages between normal world and OP-TEE [optee_msg.h]: a header of 32 bytes, then parameters
// of 32 bytes each. Everything is read and written in words of 8 bytes.

#include "lib/types.hpp"

#include <cstddef>

namespace trv::tee::optee::msg {

struct Header {
    u32 cmd;
    u32 func; ///< of the trusted application, for INVOKE_COMMAND
    u32 session;
    u32 cancel_id;
    u32 padding;
    u32 ret;
    u32 ret_origin;
    u32 num_params;
};
static_assert(sizeof(Header) == 32);
static_assert(offsetof(Header, session) == 8);
static_assert(offsetof(Header, ret) == 20);
static_assert(offsetof(Header, ret_origin) == 24);
static_assert(offsetof(Header, num_params) == 28);

/// The names of a, b, c depend on the kind. Value: a, b, c. Temporary memory (tmem): address, size, cookie. Registered
/// memory (rmem): offset, size, cookie.
struct Param {
    u64 attr;
    u64 a;
    u64 b;
    u64 c;
};
static_assert(sizeof(Param) == 32);
static_assert(offsetof(Param, c) == 24);

[[nodiscard]] constexpr u64 size_of(u32 num_params) {
    return sizeof(Header) + u64{num_params} * sizeof(Param);
}
[[nodiscard]] constexpr u64 param_offset(u32 index) {
    return size_of(index);
}

inline constexpr u32 most_params_anywhere = 127; ///< that OP-TEE reads [thread_optee_smc.c]
inline constexpr u32 most_params = 6;            ///< of any command: OPEN_SESSION
inline constexpr u32 most_ta_params = 4;
inline constexpr u32 most_rpc_params = 4;
inline constexpr u64 rpc_size = size_of(most_rpc_params);

// Attributes
inline constexpr u64 TypeMask = 0xff;
inline constexpr u64 None = 0x0;
inline constexpr u64 ValueIn = 0x1;
inline constexpr u64 ValueOut = 0x2;
inline constexpr u64 ValueInOut = 0x3;
inline constexpr u64 RmemIn = 0x5;
inline constexpr u64 RmemOut = 0x6;
inline constexpr u64 RmemInOut = 0x7;
inline constexpr u64 TmemIn = 0x9;
inline constexpr u64 TmemOut = 0xa;
inline constexpr u64 TmemInOut = 0xb;
inline constexpr u64 Meta = 1U << 8;
inline constexpr u64 Noncontiguous = 1U << 9;

[[nodiscard]] constexpr bool is_value(u64 type) {
    return type >= ValueIn && type <= ValueInOut;
}
[[nodiscard]] constexpr bool is_rmem(u64 type) {
    return type >= RmemIn && type <= RmemInOut;
}
[[nodiscard]] constexpr bool is_tmem(u64 type) {
    return type >= TmemIn && type <= TmemInOut;
}
/// Of the types that have a direction: bit 0 is in, bit 1 is out.
[[nodiscard]] constexpr bool is_out(u64 type) {
    return type != None && (type & 2) != 0;
}

// Commands
enum class Command : u32 {
    OpenSession = 0,
    InvokeCommand = 1,
    CloseSession = 2,
    Cancel = 3,
    RegisterShm = 4,
    UnregisterShm = 5,
    DoBottomHalf = 6,
    StopAsyncNotif = 7,
};

// Commands of OP-TEE's to normal world [optee_rpc_cmd.h]
namespace rpc {
inline constexpr u32 LoadTa = 0;
inline constexpr u32 Rpmb = 1;
inline constexpr u32 Fs = 2;
inline constexpr u32 GetTime = 3;
inline constexpr u32 Notification = 4;
inline constexpr u64 notification_wait = 0; ///< first parameter
inline constexpr u64 notification_send = 1;
inline constexpr u32 Suspend = 5;
inline constexpr u32 ShmAlloc = 6;
inline constexpr u32 ShmFree = 7;
inline constexpr u32 Gprof = 9;
inline constexpr u32 Socket = 10;
inline constexpr u32 Ftrace = 11;
inline constexpr u32 SupplicantPlugin = 12;
inline constexpr u32 BenchmarkRegister = 20;
inline constexpr u32 I2c = 21;
inline constexpr u32 RpmbProbeReset = 22;
inline constexpr u32 RpmbProbeNext = 23;
inline constexpr u32 RpmbFrames = 24;
} // namespace rpc

// The values of TEE_Result that EL2 returns [GlobalPlatform TEE Internal Core API 3.3.3]
enum class TeeResult : u32 {
    Success = 0,
    Generic = 0xffff'0000,
    AccessDenied = 0xffff'0001,
    BadParameters = 0xffff'0006,
    BadState = 0xffff'0007,
    ItemNotFound = 0xffff'0008,
    NotSupported = 0xffff'000a,
    OutOfMemory = 0xffff'000c,
    Busy = 0xffff'000d,
    ShortBuffer = 0xffff'0010,
};
inline constexpr u32 origin_tee = 3;
inline constexpr u32 origin_application = 4;

// Who opens a session: the last word of the client's identity [GlobalPlatform TEE Client API 4.4.4]
inline constexpr u32 login_user = 1;
inline constexpr u32 login_group = 2;

// Page lists: 511 page addresses, then the address of the next such page.
inline constexpr unsigned list_entries = 511;
inline constexpr u64 list_next_offset = list_entries * sizeof(u64);

} // namespace trv::tee::optee::msg
