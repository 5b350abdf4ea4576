// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/call/argument.hpp"

#include "lib/checked.hpp"
#include "tee/optee/abi/smc.hpp"
#include "tee/optee/guest/guest_pages.hpp"

namespace trv::tee::optee {
namespace {

std::unexpected<Rejection> bad_address() {
    return std::unexpected(rejection_by_code(Refusal::BadAddress, abi::EBadAddr));
}

} // namespace

std::expected<void, Rejection> Argument::locate(const CallRequest& request, GuestMemory& memory, SharedMemory& shared,
                                                Uses& uses, bool notifications) {
    TRY(find(request, memory, shared, uses));
    const msg::Header header = fetch_header(block_);
    if (header.num_params > msg::most_params_anywhere) {
        return bad_address();
    }
    const u64 needed = msg::size_of(header.num_params) + (request.form == Form::Arg ? 0 : msg::rpc_size);
    if (needed > room_) {
        return bad_address();
    }
    TRY(check_header(header, notifications));
    header_ = header;
    return {};
}

std::expected<void, Rejection> Argument::find(const CallRequest& request, GuestMemory& memory, SharedMemory& shared,
                                              Uses& uses) {
    if (request.form != Form::RegdArg) {
        Result<memory::Pin> pin = pin_page(memory, Ipa(request.place));
        if (!pin) {
            return bad_address();
        }
        block_ = GuestBlock(pin->run().first, Pa(), page_size);
        room_ = page_size;
        pin_ = std::move(*pin);
        return {};
    }
    const Checked<u32> buffer = uses.take_argument(request.place);
    if (!buffer) {
        return std::unexpected(rejection_by_code(buffer.error(), abi::EBadAddr));
    }
    const u64 bytes = shared.bytes(*buffer);
    const u64 begin = u64{shared.offset(*buffer)} + request.offset;
    if (!is_aligned(begin, 8) || request.offset > bytes || bytes - request.offset < sizeof(msg::Header)) {
        return bad_address();
    }
    room_ = bytes - request.offset;
    const u64 size = std::min(room_, msg::size_of(msg::most_params) + msg::rpc_size);
    const u32 page = static_cast<u32>(begin / page_size);
    const bool crosses = begin % page_size + size > page_size;
    block_ = GuestBlock(shared.page(*buffer, page) + begin % page_size, crosses ? shared.page(*buffer, page + 1) : Pa(),
                        size);
    return {};
}

void Argument::write_back(const CheckedMessage& message, const Answer& answer, const ShadowMessage& results) const {
    for (u32 i = 0; answer.from_tee && i < message.num_params; ++i) {
        const CheckedParam& param = message.params[i];
        if (!msg::is_out(param.attr & msg::TypeMask)) {
            continue;
        }
        const msg::Param out = results.param(i);
        const u64 at = msg::param_offset(i);
        if (param.kind == ParamKind::Value) {
            block_.store(at + offsetof(msg::Param, a), out.a);
        }
        block_.store(at + offsetof(msg::Param, b), out.b);
    }
    if (message.command == msg::Command::OpenSession) {
        block_.store32(offsetof(msg::Header, session), answer.from_tee ? results.header().session : 0);
    }
    block_.store32(offsetof(msg::Header, ret_origin), answer.ret_origin);
    block_.publish32(offsetof(msg::Header, ret), answer.ret);
}

} // namespace trv::tee::optee
