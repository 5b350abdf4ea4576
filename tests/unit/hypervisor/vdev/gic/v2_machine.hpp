// SPDX-License-Identifier: Apache-2.0
#pragma once
// A machine for tests of the virtual GICv2: as vgic_machine.hpp has it for a GICv3.

#include "irqchip/gicv2/layout.hpp"
#include "irqchip/gicv3/layout.hpp"
#include "vdev/gic/vgic_v2.hpp"
#include "vgic_machine.hpp"

namespace trv::vdev {

class VGicV2Test : public testing::Test {
  public:
    static constexpr unsigned vcpus = 4;
    static constexpr u32 spurious = irqchip::FakeVirtualInterface::spurious;
    static constexpr u32 timer = 27;

    explicit VGicV2Test(unsigned vcpu_count = vcpus)
        : gic(waker, inputs, vcpu_count, *VGicV2::make_spis(vgic_min_spis)) {
        for (irqchip::FakeVirtualInterface& cpu : cpus) {
            cpu.traps_deactivate = false;
        }
    }
    ~VGicV2Test() override { irqchip::FakeVirtualInterface::current = nullptr; }

    void at(unsigned cpu) { irqchip::FakeVirtualInterface::current = &cpus[cpu]; }
    irqchip::FakeVirtualInterface& enter(unsigned vcpu) {
        at(vcpu);
        gic.flush(vcpu);
        return cpus[vcpu];
    }
    void load(unsigned vcpu) {
        at(vcpu);
        cpus[vcpu].redistributor = &private_interrupts[vcpu];
        gic.load(vcpu, private_interrupts[vcpu]);
    }
    void unload(unsigned vcpu) {
        at(vcpu);
        gic.unload(vcpu);
    }
    /// As an exit for the maintenance interrupt, if that is asserted.
    void maintain(unsigned vcpu) {
        if (enter(vcpu).maintenance()) {
            gic.maintenance(vcpu);
            EXPECT_FALSE(cpus[vcpu].maintenance());
        }
    }
    /// Loads all, opens their CPU interfaces, switches both groups on.
    void start() {
        for (unsigned vcpu = 0; vcpu < gic_vcpus(); ++vcpu) {
            load(vcpu);
            cpus[vcpu].open();
        }
        write(irqchip::gicd_v2::ctlr, 3);
        for (unsigned vcpu = 0; vcpu < gic_vcpus(); ++vcpu) {
            enter(vcpu);
        }
        waker.woken.clear();
    }

    u64 read(u64 offset, unsigned vcpu = 0, u8 size = 4) {
        at(vcpu);
        return gic.distributor().read({offset, size, vcpu}).value;
    }
    void write(u64 offset, u64 value, unsigned vcpu = 0, u8 size = 4) {
        at(vcpu);
        EXPECT_EQ(gic.distributor().write({offset, size, vcpu}, value), MmioOutcome::Done);
    }
    void write_bit(u64 array, u32 intid, unsigned vcpu = 0) {
        write(array + IntId(intid).word() * 4, IntId(intid).bit(), vcpu);
    }
    bool read_bit(u64 array, u32 intid, unsigned vcpu = 0) {
        return (read(array + IntId(intid).word() * 4, vcpu) & IntId(intid).bit()) != 0;
    }
    void enable(u32 intid, unsigned vcpu = 0) { write_bit(irqchip::gic_bank::isenabler, intid, vcpu); }
    void deactivate(u32 intid, unsigned vcpu = 0) {
        at(vcpu);
        EXPECT_EQ(gic.deactivation().write({0, 4, vcpu}, intid), MmioOutcome::Done);
    }
    void send_sgi(u32 sgi, u32 targets, unsigned from) {
        write(irqchip::gicd_v2::sgir, targets << irqchip::gicd_v2::sgir_targets_shift | sgi, from);
    }
    /// What an acknowledgement of an SGI reads.
    static constexpr u32 sgi_from(u32 sgi, u32 from) { return from << irqchip::gicc::cpu_shift | sgi; }
    [[nodiscard]] unsigned gic_vcpus() { return static_cast<unsigned>(read(irqchip::gicd_v2::typer) >> 5 & 7) + 1; }

    RecordingWaker waker;
    FakeInputs inputs;
    std::array<irqchip::FakeVirtualInterface, max_vcpus> cpus{};
    std::array<irqchip::CpuInterrupts, max_vcpus> private_interrupts{};
    VGicV2 gic;
};

} // namespace trv::vdev
