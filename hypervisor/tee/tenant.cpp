// SPDX-License-Identifier: Apache-2.0
#include "tee/tenant.hpp"

#include "tee/abi.hpp"

namespace trv::tee {

Tenant::Tenant(Mediator& mediator, unsigned place, const TenantConfig& config, GuestMemory& memory,
               vdev::InterruptLine* notification)
    : mediator_(mediator), place_(place), vm_(memory::vm_of(memory.owner())), config_(config), memory_(memory),
      notification_(notification) {}

Result<void> Tenant::create_tables() {
    const Quotas& quotas = config_.quotas;
    if (quotas.calls == 0 || quotas.sessions > Quotas::most_sessions) {
        return fail(Error::Invalid);
    }
    TRY(shared_.create(memory_.frames(), quotas));
    return sessions_.create(quotas.sessions);
}

void Tenant::give_slots(const Arena& arena, u64 first, unsigned count) {
    slot_count_ = count;
    for (unsigned i = 0; i < count; ++i) {
        slots_[i].index = static_cast<u8>(i);
        slots_[i].arena = arena.slot(first + i);
        slots_[i].arena.clear();
    }
}

bool Tenant::is_for_tee(u32 function) {
    constexpr u32 first_trusted_os = 50; // [SMCCC 6.1]: trusted OS calls, up to OP-TEE's own 63
    return arch::smccc::owner(function) >= first_trusted_os;
}

bool Tenant::offers_notifications() const {
    return notification_ != nullptr && mediator_.has_notifications();
}

Outcome Tenant::call(Registers registers, unsigned vcpu) {
    const u32 function = static_cast<u32>(registers[0]);
    const auto request = [&](Form form) {
        return CallRequest{form, abi::from_halves(registers[1], registers[2]), static_cast<u32>(registers[3]),
                           static_cast<u8>(vcpu)};
    };
    switch (function) {
    case abi::CallWithArg:
        return begin_call(request(Form::Arg), registers);
    case abi::CallWithRpcArg:
        return begin_call(request(Form::RpcArg), registers);
    case abi::CallWithRegdArg:
        return begin_call(request(Form::RegdArg), registers);
    case abi::ReturnFromRpc:
        return return_from_rpc(registers);
    default:
        statistics_.calls[static_cast<unsigned>(CallKind::Fast)].add();
        fast_call(function, registers);
        return Outcome::done();
    }
}

Outcome Tenant::resume_absorbed(unsigned slot, Registers registers) {
    ASSERT(slot < slot_count_ && slots_[slot].word.state() == SlotState::Running);
    statistics_.foreign_absorbed.add();
    return run(slots_[slot], registers);
}

Outcome Tenant::deliver_foreign_interrupt(unsigned slot, Registers registers) {
    ASSERT(slot < slot_count_ && slots_[slot].word.state() == SlotState::Running);
    statistics_.foreign_forwarded.add();
    suspend(slots_[slot], {abi::RpcForeignInterrupt, 0, 0}, registers);
    return Outcome::done();
}

Usage Tenant::usage() const {
    Usage usage;
    shared_.report(usage);
    usage.sessions = sessions_.count();
    usage.calls = calls_in_flight();
    usage.orphans = orphans_.load(std::memory_order_relaxed);
    usage.kept_applications = mediator_.residue_.of(vm_);
    return usage;
}

Tenant::~Tenant() {
    while (!end_step()) {
    }
}

} // namespace trv::tee
