// SPDX-License-Identifier: Apache-2.0
#include "vm/vcpu_set.hpp"

#include "memory/heap.hpp"
#include "vm/manager.hpp"

#include <algorithm>

namespace trv::vm {

Result<void> VcpuSet::create(Vm& vm, const machine::VmDescription& description) {
    for (; count_ < description.vcpus; ++count_) {
        vcpus_[count_] = TRY(memory::make<Vcpu>(vm, count_, manager_.home_of(description, count_)));
    }
    return {};
}

bool VcpuSet::is_any_running() const {
    return std::ranges::any_of(all(),
                               [](const Unique<Vcpu>& vcpu) { return vcpu->run_state() == sched::RunState::Running; });
}

bool VcpuSet::power_off(const Vcpu& vcpu) {
    const Guard guard(lock_);
    const u32 mask = u32{1} << vcpu.index();
    return (on_mask_.fetch_and(~mask, std::memory_order_acq_rel) & ~mask) == 0;
}

void VcpuSet::summon_all() {
    for (const Unique<Vcpu>& vcpu : all()) {
        vcpu->home().scheduler.summon(*vcpu);
    }
}

void VcpuSet::release_all() {
    for (const Unique<Vcpu>& vcpu : all()) {
        vcpu->home().scheduler.release(*vcpu);
    }
}

vdev::Ticket VcpuSet::defer(unsigned index) {
    const vdev::Ticket ticket = manager_.next_ticket(index);
    vcpus_[index]->begin_deferred_exit(ticket);
    return ticket;
}

bool VcpuSet::complete(vdev::Ticket ticket, u64 value) {
    const unsigned index = Manager::vcpu_of(ticket);
    return index < count_ && vcpus_[index]->complete_exit(ticket, value);
}

} // namespace trv::vm
