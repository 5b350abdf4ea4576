// SPDX-License-Identifier: Apache-2.0
#include "vm/secure_services.hpp"

#include "generated/option/manager.hpp"
#include "guest/layout.hpp"
#include "vm/manager.hpp"
#include "vm/vm.hpp"

#include <algorithm>

namespace trv::vm {

tee::optee::Sharing sharing_of(const machine::Machine& machine) {
    const auto has_tee = [](const machine::VmDescription& vm) { return vm.tee.has_value(); };
    const auto is_host = [](const machine::VmDescription& vm) { return vm.devices == machine::DeviceSet::All; };
    return {.address_spaces = machine.address_spaces,
            .partitions = machine.partitions,
            .vms = static_cast<u32>(std::ranges::count_if(machine.vms, has_tee)),
            .host_makes_vms = option::manager && std::ranges::any_of(machine.vms, is_host)};
}

SecureServices::SecureServices(Vm& vm, vdev::InterruptController& controller, IntId optee_intid)
    : vm_(vm), optee_line_(controller, optee_intid) {}

bool SecureServices::renew_step() {
    if (decided_) {
        return true;
    }
    if (!end_step()) {
        return false;
    }
    const bool wanted = vm_.description().tee.has_value() || vm_.manager().serves(vm_);
    if constexpr (option::optee) {
        Unique<tee::SecureService> admitted;
        decided_ = !wanted || vm_.manager().admit_to_tee(vm_, optee_line_, admitted);
        put(ServiceKind::Optee, std::move(admitted));
    } else {
        if (wanted) {
            vm_.manager().run_without_tee(vm_, "this image was built without it");
        }
        decided_ = true;
    }
    return decided_;
}

void SecureServices::describe(TreeWriter& tree) const {
    if (std::ranges::none_of(shares_, [](const auto& share) { return static_cast<bool>(share); })) {
        return;
    }
    tree.begin("firmware");
    for (const Unique<tee::SecureService>& share : shares_) {
        if (share) {
            share->describe(tree);
        }
    }
    tree.end();
}

void SecureServices::reset() {
    for (const Unique<tee::SecureService>& share : shares_) {
        if (share) {
            share->silence();
        }
    }
    decided_ = false;
}

bool SecureServices::end_step() {
    for (std::size_t i = 0; i < service_kinds; ++i) {
        if (shares_[i]) {
            if (!shares_[i]->end_step()) {
                return false;
            }
            put(static_cast<ServiceKind>(i), {});
        }
    }
    return true;
}

void SecureServices::put(ServiceKind kind, Unique<tee::SecureService> share) {
    // Not destroyed under the lock: that takes time in proportion to the pages to unpin.
    vm_.manager().unobserved([&] { std::swap(shares_[static_cast<std::size_t>(kind)], share); });
}

} // namespace trv::vm
