// SPDX-License-Identifier: Apache-2.0
#include "vdev/gic/vgic_v2.hpp"

#include "vdev/bindings.hpp"

#include <utility>

namespace trv::vdev {

namespace gicc = irqchip::gicc;
namespace ich_vmcr = irqchip::ich_vmcr;
using irqchip::VirtualInterface;

[[gnu::cold]] VGicV2::VGicV2(VcpuWaker& waker, HardwareInput& inputs, unsigned vcpus, HeapArray<VGicSpiWord> spis)
    : VGicCore(waker, inputs, vcpus, std::move(spis)) {
    const Guard guard(lock_);
    state_.v2 = &v2_state_;
    state_.reset();
}

[[gnu::cold]] Result<void> VGicV2::attach(DeviceContext& context) {
    distributor_window_ = TRY(context.map(distributor_size, distributor_));
    deactivation_window_ = TRY(context.map(deactivation_size, deactivation_));
    return {};
}

[[gnu::cold]] void VGicV2::describe(TreeWriter& tree) const {
    tree.begin_at("interrupt-controller", distributor_window_.base.value);
    tree.texts("compatible", "arm,gic-400\0arm,cortex-a15-gic");
    tree.cells("#interrupt-cells", {3});
    tree.cells("#address-cells", {0});
    tree.flag("interrupt-controller");
    tree.numbers("reg", {distributor_window_.base.value, distributor_window_.size,
                         deactivation_window_.base.value - gicc::dir_page, gicc::size});
    tree.cells("phandle", {gic_phandle});
    tree.end();
}

[[gnu::cold]] void VGicV2::reset() {
    const Guard guard(lock_);
    state_.reset();
}

/// Without EOImode the priority drop has deactivated it already, and a second time is unpredictable [GICv2 4.4.13].
MmioOutcome VGicV2::Deactivation::write(const MmioAccess& access, u64 value) {
    if (access.offset == 0 && access.size == 4 && (VirtualInterface::vmcr() & ich_vmcr::eoi_mode) != 0) {
        gic_.deactivate_interrupt(access.vcpu, static_cast<u32>(value) & gicc::intid_mask);
    }
    return MmioOutcome::Done;
}

} // namespace trv::vdev
