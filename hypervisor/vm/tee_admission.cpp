// SPDX-License-Identifier: Apache-2.0
// Gives a VM its OP-TEE. Not in images without OP-TEE.

#include "generated/option/trace.hpp"
#include "tee/optee/partition/partition.hpp"
#include "vm/manager.hpp"
#include "vm/tee_config.hpp"
#include "vm/tracing.hpp"

namespace trv::vm {
namespace {

std::string_view reason_for(Error error) {
    switch (error) {
    case Error::TooMany:
        return "OP-TEE has no free partition";
    case Error::Unsupported:
        return "this machine has no virtualized OP-TEE";
    case Error::Denied:
        return "its earlier runs left applications in OP-TEE; only a restart of the machine unloads them";
    default:
        return trv::name_of(error);
    }
}

} // namespace

bool Manager::admit_to_tee(Vm& vm, vdev::InterruptLine& notification, Unique<tee::SecureService>& service) {
    if (admitting_.exchange(true, std::memory_order_acquire)) {
        return false;
    }
    auto admitted =
        resources_.mediator.admit(tee_config(vm.name(), *vm.description().tee, vms_with_tee()), vm, &notification);
    admitting_.store(false, std::memory_order_release);
    if (admitted) {
        if constexpr (option::trace) {
            if (auto trace = make_tee_trace(vm.index())) { // a VM whose calls are not traced is better than none
                (*admitted)->set_trace(std::move(*trace));
            }
        }
        resources_.console.events().vm_with_tee(vm.name(), (*admitted)->id());
        service = std::move(*admitted);
        return true;
    }
    run_without_tee(vm, reason_for(admitted.error()));
    return true;
}

} // namespace trv::vm
