// SPDX-License-Identifier: Apache-2.0
// The end of a VM. VM_DESTROYED removes a partition at once, but not all its resources: address-space ids of
// applications come from one pool for all VMs, and only closing an application's last session frees its id [core_mmu.c,
// vm.c]. So calls in flight are ended first, and sessions closed.

#include "arch/clock.hpp"
#include "lib/time.hpp"
#include "tee/abi.hpp"
#include "tee/optee_entry.hpp"
#include "tee/tenant.hpp"

namespace trv::tee {
namespace {

/// The time after which a VM's applications no longer delay its end.
constexpr u64 patience_ns = 5 * nanoseconds_per_second;
/// How long one of them computes before another gets its turn.
constexpr u64 turn_ns = nanoseconds_per_second / 5;
/// In one step.
constexpr u32 most_entries = 64;
constexpr u32 origin_application = 4; // [GlobalPlatform TEE Client API 4.4.2]

} // namespace

bool Tenant::end_step() {
    switch (ending_) {
    case Ending::No:
        silence();
        begin_end();
        ending_ = Ending::Calls;
        return false;
    case Ending::Calls:
        if (created_ && !drain_step()) {
            return false;
        }
        destroy();
        ending_ = Ending::Memory;
        return false;
    case Ending::Memory:
        break;
    }
    return shared_.destroy_step(slice_pages);
}

/// No driver is left to reply to a request, or to close sessions.
void Tenant::begin_end() {
    for (unsigned i = 0; i < slot_count_; ++i) {
        if (slots_[i].word.state() == SlotState::Running) { // an interrupt brought its vCPU out, which was parked
            slots_[i].word.leave(SlotState::Orphan);
            orphans_.fetch_add(1, std::memory_order_relaxed);
        }
    }
    orphan_all();
    sessions_.lose_all();
    deadline_ns_ = now_ns() + patience_ns;
}

u64 Tenant::now_ns() {
    return ticks_to_nanoseconds(arch::ticks(), arch::tick_hz());
}

void Tenant::take_next(CallSlot* slot) {
    drained_ = slot;
    turn_end_ns_ = now_ns() + turn_ns;
}

/// Runs a step towards the end of the calls and sessions. @return whether all have ended, or time is up
bool Tenant::drain_step() {
    u32 entries = 0;
    if (drained_ == nullptr) {
        try_again(nullptr);
        take_next(take_slot({.form = Form::None}));
    }
    while (drained_ != nullptr && entries < most_entries) {
        switch (const Next next = advance(*drained_)) {
        case Next::Foreign: // the caller takes the interrupt between two steps
            if (now_ns() >= turn_end_ns_) {
                take_next(leave_orphan(*drained_, Next::Resists));
            }
            return now_ns() >= deadline_ns_;
        case Next::Slice:
            return false;
        case Next::Enter:
            enter(*drained_);
            ++entries;
            break;
        case Next::Drained:
        case Next::Waits:
        case Next::Resists:
            take_next(leave_orphan(*drained_, next));
            break;
        default:
            break;
        }
    }
    const bool all_ended = drained_ == nullptr && orphans_.load(std::memory_order_relaxed) == 0;
    return all_ended || now_ns() >= deadline_ns_;
}

/// A call that opens an application which may still be loaded. OP-TEE cannot load it from anywhere now, so it succeeds
/// only if the application is still loaded.
CallSlot* Tenant::claim_probe(const CallRequest& none) {
    CallSlot* const slot = may_probe() ? claim_slot(SlotState::Free) : nullptr;
    return slot != nullptr ? start_own(*slot, probing_message(), none) : nullptr;
}

/// A call that has not ended may have the application loaded: the mediator does not wait for a call that will not end,
/// or no time would remain to probe.
bool Tenant::may_probe() const {
    return orphans_.load(std::memory_order_relaxed) == 0 || now_ns() + patience_ns / 2 >= deadline_ns_;
}

std::optional<CheckedMessage> Tenant::probing_message() {
    if (!sessions_.reserve()) {
        return std::nullopt;
    }
    const std::optional<Uuid> application = applications_.take();
    if (!application) {
        sessions_.cancel();
        return std::nullopt;
    }
    const auto words = std::bit_cast<std::array<u64, 2>>(application->bytes);
    CheckedMessage message{.command = msg::Command::OpenSession, .num_params = 2};
    message.params[0] = {ParamKind::Value, msg::ValueIn | msg::Meta, words[0], words[1], 0};
    message.params[1] = {ParamKind::Value, msg::ValueIn | msg::Meta, 0, 0, 0}; // TEE_LOGIN_PUBLIC
    return message;
}

/// Interprets the result of such a call. OP-TEE would have requested an application that is not loaded.
void Tenant::note_kept(const CallSlot& slot) {
    const bool ran = slot.ret == 0 || slot.ret_origin == origin_application;
    if (slot.from_tee && !ran && slot.drain_rpcs != 0) {
        return;
    }
    mediator_.residue_.add(vm_, 1);
    const std::array<char, 36> text = slot.message.application().text();
    log_limited(log_limit_, "{}: OP-TEE keeps {} loaded although the VM has ended", config_.name,
                std::string_view(text.data(), text.size()));
}

/// From here on OP-TEE has no memory of this VM: only now may pins end [virtualization.rst].
void Tenant::destroy() {
    if (created_) {
        note_unfinished();
        (void)enter_optee({{abi::VmDestroyed, id_}});
        created_ = false;
        mediator_.release(place_);
    }
    for (unsigned i = 0; i < slot_count_; ++i) {
        CallSlot& slot = slots_[i];
        slot.argument_pin.reset();
        slot.walk.reset();
        slot.rpc_memory = RpcMemory();
        slot.word.leave(SlotState::Free);
    }
    orphans_.store(0, std::memory_order_relaxed);
    drained_ = nullptr;
    rpc_cache_.clear();
}

/// Each call and session that does not end may have an application loaded.
void Tenant::note_unfinished() {
    u32 unfinished = sessions_.count() + applications_.nameless();
    for (unsigned i = 0; i < slot_count_; ++i) {
        unfinished += slots_[i].word.state() != SlotState::Free ? 1 : 0;
    }
    while (applications_.take()) {
        ++unfinished;
    }
    if (unfinished != 0) {
        mediator_.residue_.add(vm_, unfinished);
        log_limited(log_limit_, "{}: ends with {} applications, sessions and calls that OP-TEE did not close",
                    config_.name, unfinished);
    }
}

} // namespace trv::tee
