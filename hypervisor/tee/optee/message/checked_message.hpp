// SPDX-License-Identifier: Apache-2.0
#pragma once
// A guest's message after it was read once into private memory and checked. Its cookies are still the guest's.

#include "tee/optee/abi/message.hpp"
#include "tee/optee/guest/guest_block.hpp"
#include "tee/optee/statistics.hpp"
#include "tee/optee/uuid.hpp"

#include <array>
#include <expected>

namespace trv::tee::optee {

/// How a call is rejected: by a return code of the SMC, or by OK and a result in the argument.
struct Rejection {
    Refusal why;
    u32 code; ///< abi::Ok if `result` applies
    msg::TeeResult result = msg::TeeResult::Success;
};
[[nodiscard]] Rejection rejection_by_code(Refusal why, u32 code);
[[nodiscard]] Rejection rejection_by_result(Refusal why, msg::TeeResult result);
/// With the TEE_Result that fits the refusal.
[[nodiscard]] Rejection rejection_of(Refusal why);
[[nodiscard]] inline std::unexpected<Rejection> by_result(Refusal why) {
    return std::unexpected(rejection_of(why));
}

enum class ParamKind : u8 { None, Value, Memref, Null };

struct CheckedParam {
    ParamKind kind;
    u64 attr; ///< type, and META for OPEN_SESSION's first two
    u64 a;    ///< value; or offset
    u64 b;    ///< value; or size
    u64 c;    ///< value; or the guest's cookie
};

struct CheckedMessage {
    msg::Command command = msg::Command::Cancel;
    u32 func = 0;
    u32 session = 0;
    u32 cancel_id = 0;
    u32 num_params = 0;
    std::array<CheckedParam, msg::most_params> params; ///< the first num_params are valid
    u64 buf_ptr = 0;                                   ///< of REGISTER_SHM: its list

    /// Precondition: OPEN_SESSION.
    [[nodiscard]] Uuid application() const { return Uuid::from_words(params[0].a, params[0].b); }
};

[[nodiscard]] CallKind kind_of(msg::Command command);

/// The first 32 bytes of a message.
[[nodiscard]] msg::Header fetch_header(const GuestBlock& block);

/// Whether the command exists, and may have this number of parameters.
/// @param notifications whether they were offered to the VM
[[nodiscard]] std::expected<void, Rejection> check_header(const msg::Header& header, bool notifications);

/// Reads the parameters, and checks everything except against tables.
/// @param header from fetch_header(); it passed check_header(), and size_of(num_params) is within the block
/// @param message unspecified parameters after a rejection
[[nodiscard]] std::expected<void, Rejection> fetch_message(const GuestBlock& block, const msg::Header& header,
                                                           CheckedMessage& message);

} // namespace trv::tee::optee
