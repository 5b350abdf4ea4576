// SPDX-License-Identifier: Apache-2.0
#pragma once
// A machine for tests of the virtual GIC: a VM of four vCPUs, each with a physical CPU of its own, whose guest's side
// the test plays.

#include "irqchip/chip.hpp"
#include "irqchip/gicv3/layout.hpp"
#include "vdev/gic/vgic.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace trv::vdev {

class RecordingWaker final : public VcpuWaker {
  public:
    void wake(unsigned vcpu) override { woken.push_back(vcpu); }
    [[nodiscard]] std::vector<unsigned> take() { return std::exchange(woken, {}); }
    std::vector<unsigned> woken;
};

/// The wires of all vCPUs, a bit each.
class FakeInputs final : public HardwareInput {
  public:
    [[nodiscard]] bool is_asserted(unsigned vcpu, IntId ppi) override { return (wires[vcpu] & ppi.bit()) != 0; }
    std::array<u32, max_vcpus> wires{};
};

class VGicTest : public testing::Test {
  public:
    explicit VGicTest(unsigned spi_count = vgic_min_spis) : spis(spi_count) {}

    const unsigned spis;
    static constexpr unsigned vcpus = 4;
    static constexpr u32 spurious = irqchip::FakeVirtualInterface::spurious;
    static constexpr u32 timer = 27;

    ~VGicTest() override { irqchip::FakeVirtualInterface::current = nullptr; }

    /// The guest of `vcpu` runs from here on, on its CPU, which it enters as the exit path does.
    irqchip::FakeVirtualInterface& enter(unsigned vcpu) {
        at(vcpu);
        gic.flush(vcpu);
        return cpus[vcpu];
    }
    /// EL2 of that CPU runs.
    void at(unsigned cpu) { irqchip::FakeVirtualInterface::current = &cpus[cpu]; }
    void load(unsigned vcpu) {
        at(vcpu);
        cpus[vcpu].redistributor = &redistributors[vcpu];
        gic.load(vcpu, redistributors[vcpu]);
    }
    void unload(unsigned vcpu) {
        at(vcpu);
        gic.unload(vcpu);
    }
    /// Loads all, opens their CPU interfaces, switches both groups on.
    void start() {
        for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
            load(vcpu);
            cpus[vcpu].open();
        }
        write_distributor(0, 3);
        settle();
    }
    /// All vCPUs enter their guests; earlier wakes are forgotten.
    void settle() {
        for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
            enter(vcpu);
        }
        waker.woken.clear();
    }

    u64 read_distributor(u64 offset, u8 size = 4, unsigned vcpu = 0) {
        at(vcpu);
        return gic.distributor().read({offset, size, vcpu}).value;
    }
    void write_distributor(u64 offset, u64 value, u8 size = 4, unsigned vcpu = 0) {
        at(vcpu);
        EXPECT_EQ(gic.distributor().write({offset, size, vcpu}, value), MmioOutcome::Done);
    }
    u64 read_redistributor(unsigned frame, u64 offset, u8 size = 4, unsigned vcpu = 0) {
        at(vcpu);
        return gic.redistributors().read({frame * VGic::redistributor_size + offset, size, vcpu}).value;
    }
    void write_redistributor(unsigned frame, u64 offset, u64 value, u8 size = 4, unsigned vcpu = 0) {
        at(vcpu);
        EXPECT_EQ(gic.redistributors().write({frame * VGic::redistributor_size + offset, size, vcpu}, value),
                  MmioOutcome::Done);
    }
    /// A bit of one of the arrays with a bit an interrupt, by the accessing vCPU; private ones in its own
    /// redistributor.
    void write_bit(u64 array, u32 intid, unsigned vcpu = 0) {
        if (intid < 32) {
            write_redistributor(vcpu, irqchip::gicr::sgi_base + array, IntId(intid).bit(), 4, vcpu);
        } else {
            write_distributor(array + IntId(intid).word() * 4, IntId(intid).bit(), 4, vcpu);
        }
    }
    bool read_bit(u64 array, u32 intid, unsigned vcpu = 0) {
        const u64 value = intid < 32 ? read_redistributor(vcpu, irqchip::gicr::sgi_base + array, 4, vcpu)
                                     : read_distributor(array + IntId(intid).word() * 4, 4, vcpu);
        return (value & IntId(intid).bit()) != 0;
    }
    void enable(u32 intid, unsigned vcpu = 0) { write_bit(irqchip::gic_bank::isenabler, intid, vcpu); }
    void disable(u32 intid, unsigned vcpu = 0) { write_bit(irqchip::gic_bank::icenabler, intid, vcpu); }
    void set_priority(u32 intid, u8 priority, unsigned vcpu = 0) {
        if (intid < 32) {
            write_redistributor(vcpu, irqchip::gicr::sgi_base + irqchip::gic_bank::ipriorityr + intid, priority, 1,
                                vcpu);
        } else {
            write_distributor(irqchip::gic_bank::ipriorityr + intid, priority, 1, vcpu);
        }
    }
    void set_edge(u32 spi) {
        const u64 offset = irqchip::gic_bank::icfgr + spi / 16 * 4;
        write_distributor(offset, read_distributor(offset) | (u64{2} << (2 * (spi % 16))));
    }
    void route(u32 spi, u64 affinity) { write_distributor(irqchip::gicd::irouter + 8ull * spi, affinity, 8); }

    void enable_edges(u32 first, u32 count) {
        for (u32 intid = first; intid < first + count; ++intid) {
            set_edge(intid);
            enable(intid);
        }
    }
    /// What the guest takes until nothing comes any more; refills happen as the maintenance interrupt asks.
    std::vector<u32> drain(unsigned vcpu) {
        std::vector<u32> order;
        irqchip::FakeVirtualInterface& cpu = enter(vcpu);
        for (unsigned bound = 0; bound < 400; ++bound) {
            if (cpu.maintenance()) {
                gic.maintenance(vcpu);
                EXPECT_FALSE(cpu.maintenance());
            }
            const u32 intid = cpu.acknowledge_and_end();
            if (intid == spurious) {
                EXPECT_FALSE(cpu.maintenance());
                return order;
            }
            order.push_back(intid);
        }
        ADD_FAILURE() << "never drained";
        return order;
    }

    RecordingWaker waker;
    FakeInputs inputs;
    std::array<irqchip::FakeVirtualInterface, vcpus> cpus{};
    std::array<irqchip::CpuInterrupts, vcpus> redistributors{};
    VGic gic{waker, inputs, vcpus, *VGic::make_spis(spis)};
};

} // namespace trv::vdev
