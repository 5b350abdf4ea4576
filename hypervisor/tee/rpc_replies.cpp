// SPDX-License-Identifier: Apache-2.0
// The guest's replies to OP-TEE's requests. They are read according to the recorded request: changes of command,
// attributes or number of parameters in the guest's memory have no effect.

#include "lib/checked.hpp"
#include "tee/abi.hpp"
#include "tee/tenant.hpp"

#include <bit>

namespace trv::tee {
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
Tenant::Next Tenant::take_rpc_memory(CallSlot& slot) {
    const u64 place = abi::from_halves(slot.guest_answer[0], slot.guest_answer[1]);
    const Ipa page = Ipa(place).align_down(page_size);
    const u64 offset = place - page.value;
    const bool fits = is_aligned(place, 8) && offset <= page_size - msg::rpc_size;
    Result<memory::Pin> pin = place != 0 && fits ? pin_page(memory_, page) : fail(Error::Invalid);
    if (!pin) {
        count(Refusal::BadReply);
        return answer_rpc(slot, TeeResult::OutOfMemory);
    }
    slot.rpc_memory.block = GuestBlock(pin->run().first + offset, Pa(), msg::rpc_size);
    slot.rpc_memory.pin = std::move(*pin);
    slot.rpc_memory.guest_cookie = abi::from_halves(slot.guest_answer[2], slot.guest_answer[3]);
    slot.stage = Stage::DeliverRpc;
    return Next::Continue;
}

Tenant::Next Tenant::read_reply(CallSlot& slot) {
    const GuestBlock block = slot.rpc_block();
    for (u32 i = 0; i < slot.rpc.num_params; ++i) {
        const u64 type = slot.rpc.params[i].attr;
        if (!msg::is_out(type)) {
            continue;
        }
        const u64 at = msg::param_offset(i);
        msg::Param param = slot.rpc_shadow.param(i);
        if (msg::is_value(type)) {
            param.a = block.load(at + 8);
            param.c = block.load(at + 24);
        }
        param.b = block.load(at + 16); // a value, or a size
        slot.rpc_shadow.write_param(i, param);
    }
    const u32 result = result_of(block);
    if (result == 0) {
        note_application(slot);
    }
    slot.rpc_shadow.set_result(result);
    slot.stage = Stage::Reenter;
    return Next::Continue;
}

/// Remembers that OP-TEE may be getting an application: from the supplicant, or from secure storage, which it asks for
/// while it opens a session [ree_fs_ta.c, secstor_ta.c]. The one that the call opens is kept when the call has ended:
/// OP-TEE looks into secure storage for any name, also for one that does not exist.
void Tenant::note_application(CallSlot& slot) {
    const bool opens = slot.message.command == msg::Command::OpenSession;
    if (slot.rpc.command == msg::rpc::Fs && opens) {
        slot.fetched = true;
    } else if (slot.rpc.command == msg::rpc::LoadTa && slot.rpc.num_params != 0) {
        const msg::Param name = slot.rpc_shadow.param(0);
        const Uuid application = Uuid::from_words(name.a, name.b);
        if (opens && application == slot.message.application()) {
            slot.fetched = true;
        } else {
            applications_.add(application);
        }
    }
}

Tenant::Next Tenant::read_alloc(CallSlot& slot) {
    const GuestBlock block = slot.rpc_block();
    const u32 result = result_of(block);
    if (result != 0) {
        slot.rpc_shadow.set_result(result);
        slot.stage = Stage::Reenter;
        return Next::Continue;
    }
    const u32 num_params = static_cast<u32>(block.load(24) >> 32);
    const u64 at = msg::param_offset(0);
    msg::Param memory{block.load(at), block.load(at + 8), block.load(at + 16), block.load(at + 24)};
    slot.alloc_guest_cookie = memory.c;
    if (num_params != 1 || memory.b < slot.rpc.params[0].b) { // the buffer would be too small for OP-TEE
        return refuse_alloc(slot, Refusal::BadReply);
    }
    // OP-TEE's core maps what it is given: how much that is must not be the guest's choice.
    const u64 asked = slot.rpc.params[0].b;
    if (asked <= u64{SharedMemory::largest_piece} * page_size) {
        if (memory.b > most_given(asked)) {
            return refuse_alloc(slot, Refusal::LargeReply);
        }
        memory.b = std::min(memory.b, pages_of(asked) * page_size);
    }
    return begin_alloc(slot, memory);
}

Tenant::Next Tenant::begin_alloc(CallSlot& slot, const msg::Param& memory) {
    // Drivers before Linux 6.8 reply to requests for the kernel's own use with contiguous memory, of which OP-TEE
    // accepts up to a page [thread_optee_smc.c].
    const bool contiguous = memory.attr == msg::TmemOut;
    if (!contiguous && memory.attr != (msg::TmemOut | msg::Noncontiguous)) {
        return refuse_alloc(slot, Refusal::BadReply);
    }
    const Result<BufferExtent> extent = BufferExtent::of(memory.a, memory.b, SharedMemory::largest_piece);
    if (!extent) {
        return refuse_alloc(slot, extent.error() == Error::TooMany ? Refusal::MapBudget : Refusal::BadReply);
    }
    if (contiguous && (extent->offset != 0 || extent->pages != 1)) {
        return refuse_alloc(slot, Refusal::BadReply);
    }
    const Checked<u32> buffer = shared_.begin(BufferKind::Rpc, *extent, memory.c);
    if (!buffer) {
        return refuse_alloc(slot, buffer.error());
    }
    slot.victim().buffer = *buffer;
    // Both forms are passed on as a page list, the only form in which OP-TEE accepts new memory.
    slot.rpc_shadow.write_param(0, {msg::TmemOut | msg::Noncontiguous, slot.arena.list().value | extent->offset,
                                    extent->size, shared_.tee_cookie(*buffer)});
    contiguous ? slot.walk.start_contiguous(*extent) : slot.walk.start(*extent);
    slot.stage = Stage::CollectAlloc;
    return Next::Continue;
}

Tenant::Next Tenant::collect_alloc(CallSlot& slot) {
    const Result<bool> done = slot.walk.step(memory_, slice_pages, [&](u32 index, Pa page) {
        shared_.append(slot.victim().buffer, page);
        slot.list().put(index, page);
    });
    if (!done) {
        slot.walk.reset();
        refuse_alloc(slot, Refusal::BadAddress);
        return abandon(slot, Stage::DeliverRpc);
    }
    if (!*done) {
        return Next::Slice;
    }
    shared_.commit(slot.victim().buffer, true);
    slot.unsettled = std::exchange(slot.victim().buffer, SharedMemory::none);
    slot.rpc_shadow.set_result(0);
    slot.stage = Stage::Reenter;
    return Next::Continue;
}

/// Reports "out of memory" to OP-TEE, and requests that the guest frees the memory that it provided.
Tenant::Next Tenant::refuse_alloc(CallSlot& slot, Refusal why) {
    count(why);
    answer_rpc(slot, TeeResult::OutOfMemory);
    const u64 type = slot.rpc.params[0].a;
    slot.rpc = RpcRequest();
    slot.rpc.command = msg::rpc::ShmFree;
    slot.rpc.num_params = 1;
    slot.rpc.params[0] = {msg::ValueIn, type, slot.alloc_guest_cookie, 0};
    slot.own_free = true;
    slot.stage = Stage::DeliverRpc;
    return Next::Continue;
}

} // namespace trv::tee
