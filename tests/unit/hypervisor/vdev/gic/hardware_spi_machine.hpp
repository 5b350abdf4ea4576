// SPDX-License-Identifier: Apache-2.0
#pragma once
// The machine of vgic_machine.hpp, with a disk whose SPI the VM has.

#include "vgic_machine.hpp"

namespace trv::vdev {

class VGicHardwareSpi : public VGicTest {
  public:
    static constexpr u32 disk = 700;
    static constexpr IntId physical{60}; // another number, to see that they are not mixed up

    VGicHardwareSpi() : VGicTest(vgic_max_spis) {
        for (irqchip::FakeVirtualInterface& cpu : cpus) {
            cpu.active_spis = &machine.active;
        }
        gic.set_physical(machine, {0x100, 0x101, 0x102, 0x103});
        EXPECT_TRUE(gic.bind_hardware_spi(IntId(disk), physical));
        start();
    }
    [[nodiscard]] bool is_enabled() const { return machine.enabled[physical.value]; }
    [[nodiscard]] bool is_active() const { return machine.active[physical.value]; }
    [[nodiscard]] bool is_edge() const { return machine.edge[physical.value]; }
    [[nodiscard]] u64 target() const { return machine.routes[physical.value]; }
    bool& wire() { return machine.wires[physical.value]; }
    bool& latched() { return machine.latched[physical.value]; }
    /// The wire rises, and EL2 of a CPU acknowledges the interrupt there.
    /// @param running  the vCPU that it knows to run there
    void fire(unsigned cpu, unsigned running = VGic::no_vcpu) {
        EXPECT_FALSE(is_active()) << "an active one is not signalled";
        EXPECT_TRUE(is_enabled());
        fire_late(cpu, running);
    }
    /// The same, but it was acknowledged before something else that the test has done already.
    void fire_late(unsigned cpu, unsigned running = VGic::no_vcpu) {
        at(cpu);
        wire() = true;
        machine.active[physical.value] = true;
        gic.inject_hardware_spi(IntId(disk), running);
    }
    void fall() { wire() = false; }
    void unload_all() {
        for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
            unload(vcpu);
        }
    }
    void load_all() {
        for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
            load(vcpu);
        }
    }

    irqchip::Gic machine;
};

} // namespace trv::vdev
