// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/message/checked_message.hpp"

#include "tee/optee/abi/smc.hpp"

#include <bit>

namespace trv::tee::optee {
namespace {

using msg::Command;
using msg::TeeResult;

std::unexpected<Rejection> malformed() {
    return std::unexpected(rejection_by_result(Refusal::BadMessage, TeeResult::BadParameters));
}

constexpr u32 identities = 2; ///< OPEN_SESSION's first parameters

bool is_known(u32 command, bool notifications) {
    return command <= static_cast<u32>(notifications ? Command::StopAsyncNotif : Command::UnregisterShm);
}

/// The maximum number of parameters per command.
u32 limit_of(Command command) {
    switch (command) {
    case Command::OpenSession:
        return msg::most_params;
    case Command::InvokeCommand:
        return msg::most_ta_params;
    case Command::RegisterShm:
    case Command::UnregisterShm:
        return 1;
    default:
        return 0;
    }
}

/// Checks a parameter for a trusted application.
std::expected<CheckedParam, Rejection> check_ta_param(const msg::Param& param) {
    const u64 type = param.attr & msg::TypeMask;
    if ((param.attr & msg::Meta) != 0) {
        return malformed();
    }
    if (type == msg::None) {
        return CheckedParam{};
    }
    if (msg::is_value(type)) {
        return CheckedParam{ParamKind::Value, type, param.a, param.b, param.c};
    }
    if (msg::is_rmem(type) && param.c != 0) {
        return CheckedParam{ParamKind::Memref, type, param.a, param.b, param.c};
    }
    // Contiguous temporary memory would be OP-TEE's reserved memory, which no guest has. OP-TEE loses track of
    // non-contiguous temporary memory after the call [entry_std.c], and no driver sends it.
    if (msg::is_tmem(type) && param.a == 0) {
        return CheckedParam{ParamKind::Null, type, 0, param.b, 0};
    }
    return malformed();
}

/// The application's and the client's identity [entry_std.c].
bool is_identity(const msg::Param& param) {
    return param.attr == (msg::ValueIn | msg::Meta);
}

/// Once: the guest may change it meanwhile.
msg::Param read_param(const GuestBlock& block, u32 index) {
    const u64 at = msg::param_offset(index);
    return {block.load(at), block.load(at + 8), block.load(at + 16), block.load(at + 24)};
}

std::expected<void, Rejection> fetch_identities(const GuestBlock& block, CheckedMessage& message) {
    if (message.num_params < identities) {
        return malformed();
    }
    for (u32 i = 0; i < identities; ++i) {
        const msg::Param raw = read_param(block, i);
        if (!is_identity(raw)) {
            return malformed();
        }
        message.params[i] = {ParamKind::Value, raw.attr, raw.a, raw.b, raw.c};
    }
    return {};
}

std::expected<void, Rejection> fetch_ta_params(const GuestBlock& block, CheckedMessage& message, u32 first) {
    for (u32 i = first; i < message.num_params; ++i) {
        message.params[i] = TRY(check_ta_param(read_param(block, i)));
    }
    return {};
}

std::expected<void, Rejection> fetch_memory_param(const GuestBlock& block, CheckedMessage& message) {
    if (message.num_params != 1) {
        return malformed();
    }
    const msg::Param raw = read_param(block, 0);
    if (message.command == Command::RegisterShm) {
        if (raw.attr != (msg::TmemOut | msg::Noncontiguous) || raw.c == 0) {
            return malformed();
        }
        message.buf_ptr = raw.a;
    }
    message.params[0] = {ParamKind::Memref, 0, 0, raw.b, raw.c};
    return {};
}

} // namespace

Rejection rejection_by_code(Refusal why, u32 code) {
    return {why, code};
}
Rejection rejection_by_result(Refusal why, TeeResult result) {
    return {why, abi::Ok, result};
}

Rejection rejection_of(Refusal why) {
    switch (why) {
    case Refusal::PinQuota:
    case Refusal::BufferQuota:
    case Refusal::MapBudget:
    case Refusal::LargeReply:
    case Refusal::SessionQuota:
        return rejection_by_result(why, TeeResult::OutOfMemory);
    case Refusal::Policy:
        return rejection_by_result(why, TeeResult::AccessDenied);
    default:
        return rejection_by_result(why, TeeResult::BadParameters);
    }
}

CallKind kind_of(Command command) {
    switch (command) {
    case Command::OpenSession:
        return CallKind::Open;
    case Command::InvokeCommand:
        return CallKind::Invoke;
    case Command::CloseSession:
        return CallKind::Close;
    case Command::Cancel:
        return CallKind::Cancel;
    case Command::RegisterShm:
        return CallKind::Register;
    case Command::UnregisterShm:
        return CallKind::Unregister;
    case Command::DoBottomHalf:
        return CallKind::BottomHalf;
    case Command::StopAsyncNotif:
        return CallKind::StopNotifications;
    }
    return CallKind::Own;
}

msg::Header fetch_header(const GuestBlock& block) {
    return std::bit_cast<msg::Header>(std::array<u64, 4>{block.load(0), block.load(8), block.load(16), block.load(24)});
}

std::expected<void, Rejection> check_header(const msg::Header& header, bool notifications) {
    if (!is_known(header.cmd, notifications)) {
        return std::unexpected(rejection_by_code(Refusal::BadMessage, abi::EBadCmd));
    }
    if (header.num_params > limit_of(static_cast<Command>(header.cmd))) {
        return malformed();
    }
    return {};
}

std::expected<void, Rejection> fetch_message(const GuestBlock& block, const msg::Header& header,
                                             CheckedMessage& message) {
    message.command = static_cast<Command>(header.cmd);
    message.func = header.func;
    message.session = header.session;
    message.cancel_id = header.cancel_id;
    message.num_params = header.num_params;
    switch (message.command) {
    case Command::OpenSession:
        TRY(fetch_identities(block, message));
        return fetch_ta_params(block, message, identities);
    case Command::InvokeCommand:
        return fetch_ta_params(block, message, 0);
    case Command::RegisterShm:
    case Command::UnregisterShm:
        return fetch_memory_param(block, message);
    default:
        return {};
    }
}

} // namespace trv::tee::optee
