// SPDX-License-Identifier: Apache-2.0
// Fast calls are handled here, with OP-TEE's properties from boot: entering OP-TEE would cost two partition switches,
// and EXCHANGE_CAPABILITIES prints lines with interrupts masked [entry_fast.c].

#include "lib/log.hpp"
#include "tee/optee/abi/smc.hpp"
#include "tee/optee/partition/partition.hpp"

#include <algorithm>

namespace trv::tee::optee {
namespace {

/// Function identifiers that guests can use: 3 of owner 63, 9 fast and 4 yielding of owner 50.
constexpr u32 implemented_calls = 16;

} // namespace

void Partition::fast_call(u32 function, Registers registers) {
    const BootValues& boot = values_;
    switch (function) {
    case abi::CallsCount:
        put(registers, implemented_calls);
        return;
    case abi::CallsUid:
        put(registers, abi::uid[0], abi::uid[1], abi::uid[2], abi::uid[3]);
        return;
    case abi::CallsRevision:
        put(registers, abi::revision_major, abi::revision_minor);
        return;
    case abi::GetOsUuid:
        put(registers, boot.os_uuid[0], boot.os_uuid[1], boot.os_uuid[2], boot.os_uuid[3]);
        return;
    case abi::GetOsRevision:
        put(registers, boot.os_major, boot.os_minor, boot.os_build);
        return;
    case abi::GetShmConfig:
        put(registers, abi::ENotAvail);
        return; // the reserved memory is the mediator's arena
    case abi::ExchangeCapabilities:
        exchange_capabilities(registers);
        return;
    case abi::DisableShmCache:
        disable_shm_cache(registers);
        return;
    case abi::EnableShmCache:
        tables_.rpc_cache.enable();
        put(registers, abi::Ok);
        return;
    case abi::GetThreadCount:
        put(registers, abi::Ok, calls_.slots().count());
        return;
    case abi::EnableAsyncNotif:
        enable_notifications(registers);
        return;
    case abi::GetAsyncNotifValue:
        pop_notification(registers);
        return;
    default:
        refuse_unknown(function, registers);
        return;
    }
}

void Partition::refuse_unknown(u32 function, Registers registers) {
    tables_.count(Refusal::UnknownFunction);
    log_limited(tables_.log_limit, "{}: refused TEE call {}", tables_.config.name, hex(function, 8));
    put(registers, abi::unknown_function);
}

u32 Partition::guest_capabilities() const {
    // RPC_ARG whatever OP-TEE supports, because the mediator implements it. Reserved memory, RPMB and protected memory
    // are not for guests; see docs/internals/mediator.md.
    u32 capabilities = abi::CapDynamicShm | abi::CapRpcArg;
    capabilities |= values_.capabilities & abi::CapMemrefNull;
    if (tables_.notifies) {
        capabilities |= abi::CapAsyncNotif;
    }
    return capabilities;
}

void Partition::exchange_capabilities(Registers registers) {
    if ((static_cast<u32>(registers[1]) & ~abi::NsecUniprocessor) != 0) {
        put(registers, abi::ENotAvail, guest_capabilities());
        return;
    }
    // Every driver starts with this call, so its predecessor's state has no owner any more.
    if (tables_.interposer) {
        tables_.interposer->end_loans();
    }
    calls_.slots().orphan_waiting();
    tables_.shared.releases.retire_all();
    tables_.sessions.lose_all();
    tables_.rpc_cache.clear();
    tables_.notifications.set_enabled(false);
    const u32 most =
        tables_.interposer ? std::max(values_.max_notification, Notifications::values - 1) : values_.max_notification;
    put(registers, abi::Ok, guest_capabilities(), tables_.notifies ? most : 0, msg::most_rpc_params);
}

void Partition::disable_shm_cache(Registers registers) {
    if (calls_.slots().in_flight() != 0) { // one of them will end, and wake the driver that waits
        put(registers, abi::EBusy);
        return;
    }
    if (const std::optional<RpcMemory> memory = tables_.rpc_cache.take()) {
        put(registers, abi::Ok, abi::high_half(memory->guest_cookie), abi::low_half(memory->guest_cookie));
        return;
    }
    tables_.rpc_cache.disable();
    put(registers, abi::ENotAvail);
}

arch::SmcResult Partition::fast_smc(u32 function) {
    return tables_.enter({{function}}, TraceHook::no_slot);
}

void Partition::enable_notifications(Registers registers) {
    if (!tables_.notifies) {
        refuse_unknown(abi::EnableAsyncNotif, registers);
        return;
    }
    if (!tables_.notifications.is_enabled()) {
        // Values may arrive before OP-TEE has returned.
        tables_.notifications.set_enabled(true);
        if (static_cast<u32>(fast_smc(abi::EnableAsyncNotif).a[0]) != abi::Ok) {
            tables_.notifications.set_enabled(false);
            put(registers, abi::ENotAvail);
            return;
        }
    }
    put(registers, abi::Ok);
}

void Partition::pop_notification(Registers registers) {
    if (!tables_.notifies) {
        refuse_unknown(abi::GetAsyncNotifValue, registers);
        return;
    }
    const Notifications::Popped popped = tables_.notifications.pop();
    put(registers, abi::Ok, popped.value,
        (popped.valid ? abi::notification_valid : 0) | (popped.more ? abi::notification_pending : 0));
}

void Partition::collect_notifications() {
    if (!tables_.notifications.is_enabled()) {
        return;
    }
    u64 values = 0;
    for (u32 i = 0; i < Notifications::values; ++i) {
        const arch::SmcResult result = fast_smc(abi::GetAsyncNotifValue);
        if (static_cast<u32>(result.a[0]) != abi::Ok || (result.a[2] & abi::notification_valid) == 0) {
            break;
        }
        const u32 value = static_cast<u32>(result.a[1]);
        if (value < Notifications::values) {
            values |= u64{1} << value;
        }
        if ((result.a[2] & abi::notification_pending) == 0) {
            break;
        }
    }
    if (values == 0) {
        return;
    }
    tables_.statistics.notifications.add(static_cast<u64>(std::popcount(values)));
    tables_.notifications.collect(values);
}

} // namespace trv::tee::optee
