// SPDX-License-Identifier: Apache-2.0
// A VM's calls at its end. VM_DESTROYED removes a partition at once, but not all its resources: address-space ids of
// applications come from one pool for all VMs, and only closing an application's last session frees its id [core_mmu.c,
// vm.c]. So calls in flight are ended first, and sessions closed.

#include "arch/clock.hpp"
#include "lib/time.hpp"
#include "tee/optee/call/calls.hpp"

namespace trv::tee::optee {
namespace {

/// The time after which a VM's applications no longer delay its end.
constexpr u64 patience_ns = 5 * nanoseconds_per_second;
/// How long one of them computes before another gets its turn.
constexpr u64 turn_ns = nanoseconds_per_second / 5;
/// Entries into OP-TEE in one step.
constexpr u32 most_entries = 64;

u64 now_ns() {
    return ticks_to_nanoseconds(arch::ticks(), arch::tick_hz());
}

} // namespace

void Calls::begin_end() {
    for (unsigned i = 0; i < slot_count_; ++i) {
        if (slots_[i].word.state() == SlotState::Running) { // an interrupt brought its vCPU out, which was parked
            slots_[i].word.leave(SlotState::Orphan);
            orphans_.fetch_add(1, std::memory_order_relaxed);
        }
    }
    orphan_all();
    tables_.sessions.lose_all();
    end_ = End{.deadline_ns = now_ns() + patience_ns};
}

void Calls::take_next(CallSlot* slot) {
    end_->current = slot;
    end_->turn_end_ns = now_ns() + turn_ns;
}

bool Calls::end_step() {
    const auto is_time_up = [this] { return now_ns() >= end_->deadline_ns; };
    if (end_->current == nullptr) {
        try_again(nullptr);
        take_next(take_slot({.form = Form::None}));
    }
    for (u32 entries = 0; end_->current != nullptr && entries < most_entries; ++entries) {
        CallSlot& slot = *end_->current;
        switch (const Next next = slot.call->run(1)) {
        case Next::Foreign: // the caller takes the interrupt between two steps
            if (now_ns() >= end_->turn_end_ns) {
                take_next(leave_orphan(slot, Next::Resists));
            }
            return is_time_up();
        case Next::Slice:
            return false;
        case Next::Ended:
        case Next::Waits:
        case Next::Resists:
            take_next(leave_orphan(slot, next));
            break;
        case Next::Continue:
        case Next::ToGuest: // there is none
            break;
        }
    }
    return (end_->current == nullptr && orphans() == 0) || is_time_up();
}

/// A call that opens an application which may still be loaded. OP-TEE cannot load it from anywhere now, so it succeeds
/// only if the application is still loaded.
CallSlot* Calls::claim_probe(const CallRequest& none) {
    CallSlot* const slot = may_probe() ? claim(SlotState::Free) : nullptr;
    return slot != nullptr ? start_own(*slot, probing_message(), none) : nullptr;
}

/// A call that has not ended may have the application loaded: the mediator does not wait for a call that will not end,
/// or no time would remain to probe.
bool Calls::may_probe() const {
    return orphans() == 0 || now_ns() + patience_ns / 2 >= end_->deadline_ns;
}

std::optional<CheckedMessage> Calls::probing_message() {
    if (!tables_.sessions.reserve()) {
        return std::nullopt;
    }
    const std::optional<Uuid> application = tables_.applications.take();
    if (!application) {
        tables_.sessions.cancel();
        return std::nullopt;
    }
    const auto words = std::bit_cast<std::array<u64, 2>>(application->bytes);
    CheckedMessage message;
    message.command = msg::Command::OpenSession;
    message.num_params = 2;
    message.params[0] = {ParamKind::Value, msg::ValueIn | msg::Meta, words[0], words[1], 0};
    message.params[1] = {ParamKind::Value, msg::ValueIn | msg::Meta, 0, 0, 0}; // TEE_LOGIN_PUBLIC
    return message;
}

void Calls::drop_all() {
    for (unsigned i = 0; i < slot_count_; ++i) {
        slots_[i].call.reset();
        slots_[i].word.leave(SlotState::Free);
    }
    orphans_.store(0, std::memory_order_relaxed);
}

u32 Calls::unfinished() const {
    u32 calls = 0;
    for (unsigned i = 0; i < slot_count_; ++i) {
        calls += slots_[i].word.state() != SlotState::Free ? 1 : 0;
    }
    return calls;
}

} // namespace trv::tee::optee
