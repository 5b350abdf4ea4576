// SPDX-License-Identifier: Apache-2.0
#include "vm/pass_through.hpp"

#include "lib/log.hpp"
#include "sched/per_cpu.hpp"
#include "vm/vm.hpp"

#include <algorithm>

namespace trv::vm {
namespace {

[[gnu::noinline]] Result<memory::DeviceLease> pass_range(Vm& vm, memory::DeviceTable& table, PaRange range) {
    memory::DeviceLease lease = TRY(table.claim(range, vm.memory().owner()));
    const IpaRange window{Ipa(range.base.value), range.size};
    // Nothing of these is mapped yet, so that stage 2 would not refuse.
    if (vm.memory().ram().overlaps(window) || vm.devices().bus().has_window_in(window)) {
        return fail(Error::AlreadyMapped);
    }
    TRY(vm.memory().stage2().map_device(window.base, lease));
    return lease;
}

/// Of an emulated device at a fixed place. The others get their interrupts behind those that are passed.
bool is_emulated(const guest::Layout& layout, IntId intid) {
    return intid.value == layout.console_intid || intid.value == layout.agent_intid ||
           intid.value == layout.optee_intid;
}

} // namespace

unsigned spis_of(const machine::VmDescription& description, const guest::Layout& layout) {
    const u32 named = std::max({layout.console_intid, layout.agent_intid, layout.optee_intid});
    const u32 end = std::max(named + 1, machine::end_of_passed(description));
    return std::min(end + Devices::max_devices, end_of_spis) - first_spi;
}

Result<void> pass_registers(Vm& vm, memory::DeviceTable& table, HeapArray<memory::DeviceLease>& leases) {
    const std::span<const PaRange> ranges = vm.description().device_ranges;
    if (ranges.empty()) {
        return {};
    }
    leases = TRY(HeapArray<memory::DeviceLease>::create(ranges.size()));
    memory::DeviceLease* next = leases.begin();
    for (const PaRange& range : ranges) {
        auto lease = pass_range(vm, table, range);
        if (!lease) {
            log_always("{}: registers at {}: {}", vm.name(), hex(range.base.value), lease.error());
            return fail(lease.error());
        }
        *next++ = std::move(*lease);
    }
    return {};
}

Result<void> PassedInterrupts::take(irq::GuestSpis& spis, Vm& vm, const guest::Layout& layout) {
    const std::span<const machine::PassedInterrupt> interrupts = vm.description().device_interrupts;
    if (interrupts.empty()) {
        return {};
    }
    std::array<u64, max_vcpus> homes{};
    for (unsigned i = 0; i < vm.vcpu_count(); ++i) {
        homes[i] = vm.vcpu(i).home().mpidr;
    }
    gic_.set_physical(spis.gic(), homes);
    leases_ = TRY(HeapArray<irq::SpiLease>::create(interrupts.size()));
    irq::SpiLease* next = leases_.begin();
    for (const machine::PassedInterrupt& passed : interrupts) {
        auto lease = take_one(spis, passed, layout);
        if (!lease) {
            log_always("{}: interrupt {}: {}", vm.name(), u64{passed.physical.value}, lease.error());
            return fail(lease.error());
        }
        *next++ = std::move(*lease);
    }
    return {};
}

// On the way of each of the machine's interrupts.
[[gnu::hot]] void PassedInterrupts::spi_fired(IntId intid) {
    Vcpu* const vcpu = current_vcpu(sched::this_cpu());
    const bool ours = vcpu != nullptr && &vcpu->vm().vgic() == &gic_;
    gic_.inject_hardware_spi(intid, ours ? vcpu->index() : vdev::VGic::no_vcpu);
}

Result<irq::SpiLease> PassedInterrupts::take_one(irq::GuestSpis& spis, const machine::PassedInterrupt& passed,
                                                 const guest::Layout& layout) {
    if (!passed.intid.is_spi()) {
        return fail(Error::OutOfRange);
    }
    if (is_emulated(layout, passed.intid)) {
        return fail(Error::Busy);
    }
    irq::SpiLease lease = TRY(spis.claim(passed.physical, *this, passed.intid));
    TRY(gic_.bind_hardware_spi(passed.intid, passed.physical));
    return lease;
}

} // namespace trv::vm
