// SPDX-License-Identifier: Apache-2.0
// The guest's replies to OP-TEE's requests. They are read according to the recorded request: changes of command,
// attributes or number of parameters in the guest's memory have no effect.

#include "lib/checked.hpp"
#include "tee/optee/call/call.hpp"
#include "tee/optee/guest/guest_pages.hpp"

#include <algorithm>
#include <bit>

namespace trv::tee::optee {
namespace {

using msg::TeeResult;

u64 pages_of(u64 bytes) {
    return bytes == 0 ? 1 : (bytes - 1) / page_size + 1;
}

/// The most that a driver gives when it is asked for so much: Linux' before 6.8 rounds up to a power of two of pages.
u64 most_given(u64 asked) {
    return std::bit_ceil(pages_of(asked)) * page_size;
}

/// The words of an RPC argument that contain replies.
u32 result_of(const GuestBlock& block) {
    return static_cast<u32>(block.load(16) >> 32);
}

} // namespace

/// The guest has provided memory for the RPC argument that it did not pass.
Next Rpc::take_memory(Call& call) {
    const u64 place = abi::from_halves(guest_registers_[0], guest_registers_[1]);
    const Ipa page = Ipa(place).align_down(page_size);
    const u64 offset = place - page.value;
    const bool fits = is_aligned(place, 8) && offset <= page_size - msg::rpc_size;
    Result<memory::Pin> pin = place != 0 && fits ? pin_page(call.tables.memory, page) : fail(Error::Invalid);
    if (!pin) {
        call.tables.count(Refusal::BadReply);
        return reply(call, TeeResult::OutOfMemory);
    }
    memory_.block = GuestBlock(pin->run().first + offset, Pa(), msg::rpc_size);
    memory_.pin = std::move(*pin);
    memory_.guest_cookie = abi::from_halves(guest_registers_[2], guest_registers_[3]);
    return call.go(Stage::DeliverRpc);
}

Next Rpc::read_reply(Call& call) {
    const GuestBlock block = guest_block(call);
    for (u32 i = 0; i < request_.num_params; ++i) {
        const u64 type = request_.params[i].attr;
        if (!msg::is_out(type)) {
            continue;
        }
        const u64 at = msg::param_offset(i);
        msg::Param param = shadow_.param(i);
        if (msg::is_value(type)) {
            param.a = block.load(at + 8);
            param.c = block.load(at + 24);
        }
        param.b = block.load(at + 16); // a value, or a size
        shadow_.write_param(i, param);
    }
    const u32 result = result_of(block);
    if (result == 0) {
        note_application(call);
    }
    shadow_.set_result(result);
    return call.go(Stage::Reenter);
}

/// Remembers that OP-TEE may be getting an application: from the supplicant, or from secure storage, which it asks for
/// while it opens a session [ree_fs_ta.c, secstor_ta.c]. The one that the call opens is kept when the call has ended:
/// OP-TEE looks into secure storage for any name, also for one that does not exist.
void Rpc::note_application(Call& call) const {
    const bool opens = call.message.command == msg::Command::OpenSession;
    if (request_.command == msg::rpc::Fs && opens) {
        call.fetched = true;
    } else if (request_.command == msg::rpc::LoadTa && request_.num_params != 0) {
        const msg::Param name = shadow_.param(0);
        const Uuid application = Uuid::from_words(name.a, name.b);
        if (opens && application == call.message.application()) {
            call.fetched = true;
        } else {
            call.tables.sessions.fetched_beside(application);
        }
    }
}

Next Rpc::read_alloc(Call& call) {
    const GuestBlock block = guest_block(call);
    const u32 result = result_of(block);
    if (result != 0) {
        shadow_.set_result(result);
        return call.go(Stage::Reenter);
    }
    const u32 num_params = static_cast<u32>(block.load(24) >> 32);
    const u64 at = msg::param_offset(0);
    msg::Param memory{block.load(at), block.load(at + 8), block.load(at + 16), block.load(at + 24)};
    alloc_guest_cookie_ = memory.c;
    if (num_params != 1 || memory.b < request_.params[0].b) { // the buffer would be too small for OP-TEE
        return refuse_reply(call, Refusal::BadReply);
    }
    // OP-TEE's core maps what it is given: how much that is must not be the guest's choice.
    const u64 asked = request_.params[0].b;
    if (asked <= u64{Records::largest_piece} * page_size) {
        if (memory.b > most_given(asked)) {
            return refuse_reply(call, Refusal::LargeReply);
        }
        memory.b = std::min(memory.b, pages_of(asked) * page_size);
    }
    return begin_alloc(call, memory);
}

Next Rpc::begin_alloc(Call& call, const msg::Param& memory) {
    // Drivers before Linux 6.8 reply to requests for the kernel's own use with contiguous memory, of which OP-TEE
    // accepts up to a page [thread_optee_smc.c].
    const bool contiguous = memory.attr == msg::TmemOut;
    if (!contiguous && memory.attr != (msg::TmemOut | msg::Noncontiguous)) {
        return refuse_reply(call, Refusal::BadReply);
    }
    const Result<BufferExtent> extent = BufferExtent::of(memory.a, memory.b, Records::largest_piece);
    if (!extent) {
        return refuse_reply(call, extent.error() == Error::TooMany ? Refusal::MapBudget : Refusal::BadReply);
    }
    if (contiguous && (extent->offset != 0 || extent->pages != 1)) {
        return refuse_reply(call, Refusal::BadReply);
    }
    const Checked<u32> buffer = call.tables.shared.begin(BufferKind::Rpc, *extent, memory.c);
    if (!buffer) {
        return refuse_reply(call, buffer.error());
    }
    buffer_.buffer = *buffer;
    // Both forms are passed on as a page list, the only form in which OP-TEE accepts new memory.
    shadow_.write_param(0, {msg::TmemOut | msg::Noncontiguous, call.thread.list().base().value | extent->offset,
                            extent->size, call.tables.shared.tee_cookie(*buffer)});
    contiguous ? buffer_.walk.start_contiguous(*extent) : buffer_.walk.start(*extent);
    return call.go(Stage::CollectAlloc);
}

Next Rpc::collect_alloc(Call& call) {
    SharedMemory& shared = call.tables.shared;
    const Result<bool> done = buffer_.fill(call);
    if (!done) {
        refuse_alloc(call, Refusal::BadAddress);
        shared.abandon(buffer_.buffer);
        buffer_.walk.reset();
        buffer_.next = Stage::DeliverRpc;
        return call.go(Stage::ReleaseRpc);
    }
    if (!*done) {
        return Next::Slice;
    }
    shared.commit(buffer_.buffer, true);
    unsettled_ = std::exchange(buffer_.buffer, SharedMemory::none);
    shadow_.set_result(0);
    return call.go(Stage::Reenter);
}

Next Rpc::give_up_alloc(Call& call) {
    shadow_.set_result(static_cast<u32>(TeeResult::OutOfMemory));
    call.tables.shared.abandon(buffer_.buffer);
    buffer_.walk.reset();
    buffer_.next = Stage::Reenter;
    return call.go(Stage::ReleaseRpc);
}

/// Reports "out of memory" to OP-TEE, and requests that the guest frees the memory that it provided.
void Rpc::refuse_alloc(Call& call, Refusal why) {
    call.tables.count(why);
    shadow_.set_result(static_cast<u32>(TeeResult::OutOfMemory));
    const u64 type = request_.params[0].a;
    request_ = RpcRequest();
    request_.command = msg::rpc::ShmFree;
    request_.num_params = 1;
    request_.params[0] = {msg::ValueIn, type, alloc_guest_cookie_, 0};
    own_free_ = true;
}

Next Rpc::refuse_reply(Call& call, Refusal why) {
    refuse_alloc(call, why);
    return call.go(Stage::DeliverRpc);
}

std::optional<ToGuest> Rpc::give_memory_back(RpcMemoryCache& cache) {
    if (memory_.block.empty() || cache.put(memory_)) {
        return std::nullopt;
    }
    const u64 cookie = memory_.guest_cookie;
    memory_ = RpcMemory();
    return ToGuest{abi::RpcFree, abi::high_half(cookie), abi::low_half(cookie)};
}

} // namespace trv::tee::optee
