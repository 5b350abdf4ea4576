// SPDX-License-Identifier: Apache-2.0
#pragma once
// The calls between normal world and OP-TEE [optee_smc.h]. Function identifiers are SMC32: only the low halves of
// registers count.

#include "lib/types.hpp"

namespace trv::tee::optee::abi {

inline constexpr u32 unknown_function = 0xffff'ffff;

// Of OP-TEE's API as such (owner 63)
inline constexpr u32 CallsCount = 0xbf00'ff00;
inline constexpr u32 CallsUid = 0xbf00'ff01;
inline constexpr u32 CallsRevision = 0xbf00'ff03;

// Fast calls (owner 50)
inline constexpr u32 GetOsUuid = 0xb200'0000;
inline constexpr u32 GetOsRevision = 0xb200'0001;
inline constexpr u32 GetShmConfig = 0xb200'0007;
inline constexpr u32 ExchangeCapabilities = 0xb200'0009;
inline constexpr u32 DisableShmCache = 0xb200'000a;
inline constexpr u32 EnableShmCache = 0xb200'000b;
inline constexpr u32 VmCreated = 0xb200'000d;   ///< ours alone
inline constexpr u32 VmDestroyed = 0xb200'000e; ///< ours alone
inline constexpr u32 GetThreadCount = 0xb200'000f;
inline constexpr u32 EnableAsyncNotif = 0xb200'0010;
inline constexpr u32 GetAsyncNotifValue = 0xb200'0011;

// Yielding calls (owner 50)
inline constexpr u32 ReturnFromRpc = 0x3200'0003;
inline constexpr u32 CallWithArg = 0x3200'0004;
inline constexpr u32 CallWithRpcArg = 0x3200'0012;
inline constexpr u32 CallWithRegdArg = 0x3200'0013;

// Answers
inline constexpr u32 Ok = 0;
inline constexpr u32 EThreadLimit = 1;
inline constexpr u32 EBusy = 2;
inline constexpr u32 EResume = 3;
inline constexpr u32 EBadAddr = 4;
inline constexpr u32 EBadCmd = 5;
inline constexpr u32 ENoMem = 6;
inline constexpr u32 ENotAvail = 7;

// Requests of OP-TEE's, in the place of an answer. unknown_function has the same upper half: test for it first.
inline constexpr u32 RpcAlloc = 0xffff'0000;
inline constexpr u32 RpcFree = 0xffff'0002;
inline constexpr u32 RpcForeignInterrupt = 0xffff'0004;
inline constexpr u32 RpcCommand = 0xffff'0005;
[[nodiscard]] constexpr bool is_rpc(u32 a0) {
    return a0 != unknown_function && (a0 & 0xffff'0000) == 0xffff'0000;
}

inline constexpr u32 uid[4] = {0x384f'b3e0, 0xe7f8'11e3, 0xaf63'0002, 0xa5d5'c51b};
inline constexpr u32 revision_major = 2;
inline constexpr u32 revision_minor = 0;

// Capabilities
inline constexpr u32 NsecUniprocessor = 1U << 0;
inline constexpr u32 CapReservedShm = 1U << 0;
inline constexpr u32 CapUnregisteredShm = 1U << 1;
inline constexpr u32 CapDynamicShm = 1U << 2;
inline constexpr u32 CapVirtualization = 1U << 3;
inline constexpr u32 CapMemrefNull = 1U << 4;
inline constexpr u32 CapAsyncNotif = 1U << 5;
inline constexpr u32 CapRpcArg = 1U << 6;

// Bits of GET_ASYNC_NOTIF_VALUE's a2
inline constexpr u32 notification_valid = 1U << 0;
inline constexpr u32 notification_pending = 1U << 1;

[[nodiscard]] constexpr u64 from_halves(u64 high, u64 low) {
    return (high & 0xffff'ffff) << 32 | (low & 0xffff'ffff);
}
[[nodiscard]] constexpr u64 high_half(u64 value) {
    return value >> 32;
}
[[nodiscard]] constexpr u64 low_half(u64 value) {
    return value & 0xffff'ffff;
}

} // namespace trv::tee::optee::abi
