// SPDX-License-Identifier: Apache-2.0
#include "vdev/virtio/bus.hpp"

#include "vdev/bindings.hpp"

namespace trv::vdev {
namespace {

constexpr u64 slot_size = contract::virtio::slot_size;

unsigned slot_of(const MmioAccess& access) {
    return static_cast<unsigned>(access.offset / slot_size) % VirtioSlots::count;
}

MmioAccess within_slot(const MmioAccess& access) {
    return {access.offset % slot_size, access.size, access.vcpu};
}

} // namespace

VirtioBus::~VirtioBus() {
    if (attached_) {
        slots_.detach();
    }
}

Result<void> VirtioBus::attach(DeviceContext& context) {
    window_ = TRY(context.map(VirtioSlots::count * slot_size, *this));
    for (Line& line : lines_) {
        line = TRY(context.line());
    }
    slots_.attach(lines_, context.exits(), bank_);
    attached_ = true;
    return {};
}

void VirtioBus::describe(TreeWriter& tree) const {
    tree.begin("io-bus");
    tree.text("compatible", "simple-bus");
    tree.cells("#address-cells", {2});
    tree.cells("#size-cells", {2});
    tree.flag("ranges");
    if (bank_.base.value < contract::virtio::bank_end) { // it is not all of the VM's memory
        tree.numbers("dma-ranges", {bank_.base.value, bank_.base.value, bank_.size});
    }
    tree.flag("dma-coherent");
    for (unsigned slot = 0; slot < VirtioSlots::count; ++slot) {
        const u64 base = window_.base.value + slot * slot_size;
        tree.begin_at("virtio_mmio", base);
        tree.text("compatible", "virtio,mmio");
        tree.numbers("reg", {base, slot_size});
        tree.cells("interrupts", {gic_spi, lines_[slot].intid().value - first_spi, level_high});
        tree.flag("dma-coherent");
        tree.end();
    }
    tree.end();
}

MmioRead VirtioBus::read(const MmioAccess& access) {
    return slots_.read(slot_of(access), within_slot(access));
}

MmioOutcome VirtioBus::write(const MmioAccess& access, u64 value) {
    return slots_.write(slot_of(access), within_slot(access), value);
}

} // namespace trv::vdev
