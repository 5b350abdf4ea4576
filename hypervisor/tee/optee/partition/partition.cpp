// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/partition/partition.hpp"

#include "lib/log.hpp"
#include "tee/optee/abi/smc.hpp"
#include "tee/optee/model/optee_entry.hpp"

namespace trv::tee::optee {
namespace {

/// Of what stands in for OP-TEE. Its own identity is the manager's: no driver that is known looks at it.
constexpr BootValues alone = {
    .os_uuid = {0x6ff6'4511, 0x2d4b'4494, 0xbe4a'eaca, 0x8f3a'9164},
    .os_major = 1,
    .capabilities = abi::CapAsyncNotif,
    .max_notification = Notifications::values - 1,
    .rpc_parameters = msg::most_rpc_params,
    .threads = max_threads,
};

} // namespace

Partition::Partition(Mediator& mediator, unsigned place, const PartitionConfig& config, GuestMemory& memory,
                     vdev::InterruptLine* notification)
    : mediator_(mediator), place_(place), values_(place == no_place ? alone : mediator.boot_values()),
      tables_(config, memory, place == no_place ? nullptr : &mediator.spaces_, notification) {
    tables_.notifies = notification != nullptr && (values_.capabilities & abi::CapAsyncNotif) != 0;
}

Outcome Partition::call(Registers registers, unsigned vcpu) {
    const u32 function = static_cast<u32>(registers[0]);
    const auto request = [&](Form form) {
        return CallRequest{form, abi::from_halves(registers[1], registers[2]), static_cast<u32>(registers[3]),
                           static_cast<u8>(vcpu)};
    };
    switch (function) {
    case abi::CallWithArg:
        return calls_.begin(request(Form::Arg), registers);
    case abi::CallWithRpcArg:
        return calls_.begin(request(Form::RpcArg), registers);
    case abi::CallWithRegdArg:
        return calls_.begin(request(Form::RegdArg), registers);
    case abi::ReturnFromRpc:
        return calls_.return_from_rpc(registers);
    default:
        tables_.count(CallKind::Fast);
        fast_call(function, registers);
        return Outcome::done();
    }
}

Outcome Partition::resume_absorbed(unsigned slot, Registers registers) {
    return calls_.resume_absorbed(slot, registers);
}

Outcome Partition::deliver_foreign_interrupt(unsigned slot, Registers registers) {
    return calls_.deliver_foreign_interrupt(slot, registers);
}

void Partition::silence() {
    if (tables_.interposer) {
        tables_.interposer->silence();
    }
    if (place_ != no_place) {
        mediator_.silence(place_);
    }
    tables_.notifications.set_enabled(false);
}

Usage Partition::usage() const {
    Usage usage;
    tables_.shared.report(usage);
    usage.sessions = tables_.sessions.count();
    usage.calls = calls_.slots().in_flight();
    usage.orphans = calls_.slots().orphans();
    usage.kept_applications = tables_.spaces != nullptr ? tables_.spaces->kept(tables_.config.account) : 0;
    return usage;
}

bool Partition::end_step() {
    switch (ending_) {
    case Ending::No:
        silence();
        calls_.begin_end();
        ending_ = Ending::Calls;
        return false;
    case Ending::Calls:
        if ((created_ || tables_.interposer) && !calls_.end_step()) {
            return false;
        }
        destroy();
        ending_ = Ending::Memory;
        return false;
    case Ending::Memory:
        break;
    }
    return tables_.shared.releases.destroy_step(slice_pages);
}

Partition::~Partition() {
    while (!end_step()) {
    }
}

/// From here on OP-TEE has no memory of this VM: only now may pins end [virtualization.rst].
void Partition::destroy() {
    if (created_) {
        note_unfinished();
        (void)enter_optee({{abi::VmDestroyed, tables_.id}});
        created_ = false;
        mediator_.release(place_);
    }
    calls_.slots().drop_all();
    tables_.rpc_cache.clear();
}

/// Each call and session that does not end may have an application loaded.
void Partition::note_unfinished() {
    const u32 unfinished = tables_.sessions.count() + tables_.sessions.doubtful() + calls_.slots().unfinished();
    if (unfinished != 0) {
        tables_.keep(unfinished);
        log_limited(tables_.log_limit, "{}: ends with {} applications, sessions and calls that OP-TEE did not close",
                    tables_.config.name, unfinished);
    }
}

} // namespace trv::tee::optee
