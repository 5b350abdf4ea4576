// SPDX-License-Identifier: Apache-2.0
#include "vdev/gic/vgic_v3.hpp"

#include "vdev/bindings.hpp"

#include <bit>
#include <utility>

namespace trv::vdev {

// What is not part of an exit is cold, and so compiled for size.

[[gnu::cold]] VGicV3::VGicV3(VcpuWaker& waker, HardwareInput& inputs, unsigned vcpus, HeapArray<VGicSpiWord> spis)
    : VGicCore(waker, inputs, vcpus, std::move(spis)) {}

[[gnu::cold]] Result<void> VGicV3::attach(DeviceContext& context) {
    distributor_window_ = TRY(context.map(distributor_size, distributor_));
    redistributor_window_ = TRY(context.map(redistributor_size * vcpus_, redistributors_));
    return {};
}

[[gnu::cold]] void VGicV3::describe(TreeWriter& tree) const {
    tree.begin_at("interrupt-controller", distributor_window_.base.value);
    tree.text("compatible", "arm,gic-v3");
    tree.cells("#interrupt-cells", {3});
    tree.cells("#address-cells", {0});
    tree.flag("interrupt-controller");
    tree.numbers("reg", {distributor_window_.base.value, distributor_window_.size, redistributor_window_.base.value,
                         redistributor_window_.size});
    tree.cells("phandle", {gic_phandle});
    tree.end();
}

[[gnu::cold]] void VGicV3::reset() {
    const Guard guard(lock_);
    state_.reset();
}

void VGicV3::send_sgi(unsigned vcpu, SgiRegister target, u64 value) {
    const Update update(*this, vcpu); // its destructor wakes the targets, after the lock is released
    const SgiRequest request = decode_sgi(vcpu, state_.vcpus, value);
    for (u32 left = request.targets; left != 0; left &= left - 1) {
        const unsigned to = static_cast<unsigned>(std::countr_zero(left));
        // With one security state ICC_SGI1R_EL1 reaches both groups, the other two Group 0 only
        // [GICv3 12.2 ICC_SGI1R_EL1, ICC_SGI0R_EL1, ICC_ASGI1R_EL1].
        InterruptBank& own = state_.cpus[to].own;
        const u32 bit = request.intid.bit();
        if (target == SgiRegister::Sgi1 || (own.group1 & bit) == 0) {
            own.set_pending(bit);
            state_.touch_own(bit, to);
        }
    }
}

void VGicV3::deactivate(unsigned vcpu, u64 value) {
    deactivate_interrupt(vcpu, static_cast<u32>(value & irqchip::icc_dir_intid_mask));
}

} // namespace trv::vdev
