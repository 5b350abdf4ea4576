// SPDX-License-Identifier: Apache-2.0
#pragma once
// Messages and pages as an OP-TEE driver lays them out. Nothing here checks anything: attacks put into them what they
// like.

#include "guests/bare/lib/hardware/calls.hpp"
#include "tee/optee/abi/message.hpp"
#include "tee/optee/abi/smc.hpp"
#include "tee/optee/uuid.hpp"

#include <array>

namespace trv::bare::hostile {

namespace abi = tee::optee::abi;
namespace msg = tee::optee::msg;

struct alignas(page_size) Page {
    std::array<u64, page_size / sizeof(u64)> words;

    [[nodiscard]] u64 address() const { return reinterpret_cast<u64>(this); }
};

/// An argument, or a request of OP-TEE's; both have num_params parameters.
struct Message {
    msg::Header header;
    std::array<msg::Param, msg::most_params> params;
};

[[nodiscard]] inline Message& message_at(u64 address) {
    return *reinterpret_cast<Message*>(address);
}

enum class Form : u8 { Arg, RpcArg, RegdArg };

[[nodiscard]] constexpr u32 function_of(Form form) {
    switch (form) {
    case Form::Arg:
        return abi::CallWithArg;
    case Form::RpcArg:
        return abi::CallWithRpcArg;
    case Form::RegdArg:
        return abi::CallWithRegdArg;
    }
    return 0;
}

/// Results beside those that the mediator makes.
inline constexpr u32 ok = 0;
inline constexpr u32 access_denied = static_cast<u32>(msg::TeeResult::AccessDenied);
inline constexpr u32 bad_parameters = static_cast<u32>(msg::TeeResult::BadParameters);
inline constexpr u32 not_supported = static_cast<u32>(msg::TeeResult::NotSupported);
inline constexpr u32 out_of_memory = static_cast<u32>(msg::TeeResult::OutOfMemory);
inline constexpr u32 item_not_found = 0xffff'0008;

/// A pseudo TA that lists others: every VM may use it.
inline constexpr tee::optee::Uuid enumeration =
    tee::optee::Uuid::from_fields(0x7011a688, 0xddde, 0x4053, 0xa5a97b3c4ddf13b8);
/// A trusted application that does not exist: OP-TEE asks normal world for it.
inline constexpr tee::optee::Uuid nowhere =
    tee::optee::Uuid::from_fields(0x0badc0de, 0x1111, 0x2222, 0x3333444455556666);
inline constexpr tee::optee::Uuid invoke_tests =
    tee::optee::Uuid::from_fields(0xd96a5b40, 0xc3e5, 0x21e3, 0x87941002a5d5c61b);
inline constexpr tee::optee::Uuid statistics =
    tee::optee::Uuid::from_fields(0xd96a5b40, 0xe2c7, 0xb1af, 0x87941002a5d5c61b);

} // namespace trv::bare::hostile
