// SPDX-License-Identifier: Apache-2.0
// Random guests against invariants: an interrupt is in one list register at most, list registers say what the
// architecture allows, a level that is high and enabled is never lost, and the physical timer is never left active
// without a virtual one, whenever its wire falls.

#include "vgic_machine.hpp"

#include <map>
#include <random>
#include <vector>

namespace trv::vdev {
namespace {

using irqchip::FakeVirtualInterface;
namespace ich_lr = irqchip::ich_lr;
namespace reg = irqchip::gic_bank;

class VGicRandom : public VGicTest, public testing::WithParamInterface<unsigned> {
  public:
    VGicRandom() : random_(GetParam()) {
        for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
            cpus[vcpu].list_registers = 1 + (GetParam() + vcpu * 5) % 16;
            gic.bind_hardware(vcpu, IntId(timer), IntId(timer));
        }
        start();
    }

    u32 any(u32 bound) { return static_cast<u32>(random_() % bound); }

    void guest_access(unsigned vcpu) {
        constexpr std::array<u64, 9> arrays = {reg::igroupr,   reg::isenabler, reg::isenabler,
                                               reg::icenabler, reg::ispendr,   reg::icpendr,
                                               reg::isactiver, reg::icactiver, reg::ipriorityr};
        const u64 offset = arrays[any(arrays.size())] + 4ull * any(4);
        if (any(4) == 0) {
            write_distributor(irqchip::gicd::irouter + 8ull * (32 + any(96)), any(5), 8, vcpu);
        } else if (any(2) == 0) {
            write_distributor(offset, random_(), 4, vcpu);
            (void)read_distributor(offset, 4, vcpu);
        } else {
            const unsigned frame = any(vcpus);
            write_redistributor(frame, irqchip::gicr::sgi_base + offset, random_(), 4, vcpu);
            (void)read_redistributor(frame, irqchip::gicr::sgi_base + offset, 4, vcpu);
        }
    }

    void guest_step(unsigned vcpu) {
        FakeVirtualInterface& cpu = enter(vcpu);
        std::vector<u32>& stack = handling_[vcpu];
        if (const u32 intid = cpu.acknowledge(); intid != spurious) {
            stack.push_back(intid);
        } else if (!stack.empty() && any(2) == 0) {
            cpu.end(stack.back());
            stack.pop_back();
        }
        take_maintenance(vcpu);
    }

    void take_maintenance(unsigned vcpu) {
        at(vcpu);
        if (cpus[vcpu].maintenance()) {
            gic.maintenance(vcpu);
            ASSERT_FALSE(cpus[vcpu].maintenance()) << "it would come again for ever";
        }
    }

    void step() {
        const unsigned vcpu = any(vcpus);
        switch (any(8)) {
        case 0:
            gic.pulse(IntId(32 + any(96)));
            break;
        case 1:
            gic.set_level(IntId(32 + any(96)), any(2) == 0);
            break;
        case 2:
            at(vcpu), gic.send_sgi(vcpu, SgiRegister::Sgi1, u64{any(16)} << 24 | any(16));
            break;
        case 3:
            at(vcpu);
            if ((redistributors[vcpu].active >> timer & 1) == 0) { // it can fire only then
                inputs.wires[vcpu] = 1u << timer;
                redistributors[vcpu].active |= 1u << timer;
                gic.inject_hardware(vcpu, IntId(timer));
            }
            if (any(3) == 0) {
                inputs.wires[vcpu] = 0;
            }
            break;
        case 4:
            if (any(8) == 0) {
                unload(vcpu);
                EXPECT_EQ(redistributors[vcpu].active, 0u);
                load(vcpu);
            }
            break;
        case 5:
            guest_access(vcpu);
            break;
        default:
            guest_step(vcpu);
            break;
        }
    }

    void check() {
        std::map<u32, unsigned> spis;
        for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
            enter(vcpu);
        }
        for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
            FakeVirtualInterface& cpu = enter(vcpu);
            std::map<u32, unsigned> listed;
            for (const u64 entry : cpu.lr) {
                if ((entry & ich_lr::state_mask) == 0) {
                    continue;
                }
                const u32 intid = ich_lr::intid_of(entry);
                ASSERT_EQ(++listed[intid], 1u);
                ASSERT_TRUE(intid < 32 || ++spis[intid] == 1);
                const bool hardware = (entry & ich_lr::hardware) != 0;
                ASSERT_TRUE(!hardware || intid == timer);
                ASSERT_FALSE(hardware && (entry & ich_lr::state_mask) == ich_lr::state_mask);
                ASSERT_FALSE(hardware && (redistributors[vcpu].active >> timer & 1) == 0);
            }
            if (!read_bit(reg::ispendr, timer, vcpu) && !read_bit(reg::isactiver, timer, vcpu)) {
                enter(vcpu); // the read may have found the wire low
                ASSERT_EQ(redistributors[vcpu].active >> timer & 1, 0u);
            }
        }
    }

    /// With everything switched on and every handler finished, all that is high or pending arrives.
    void finish() {
        for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
            write_redistributor(vcpu, irqchip::gicr::sgi_base + reg::icactiver, ~u32{0}, 4, vcpu);
            write_redistributor(vcpu, irqchip::gicr::sgi_base + reg::isenabler, ~u32{0}, 4, vcpu);
        }
        for (u64 offset = 4; offset < 16; offset += 4) {
            write_distributor(reg::icactiver + offset, ~u32{0});
            write_distributor(reg::isenabler + offset, ~u32{0});
        }
        for (u32 intid = 32; intid < 128; ++intid) {
            gic.set_level(IntId(intid), intid % 3 == 0);
            route(intid, intid % vcpus);
        }
        for (unsigned round = 0; round < 2; ++round) { // moved ones arrive after their old vCPU was here
            for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
                cpus[vcpu].active_priorities = {};
                enter(vcpu);
            }
        }
        std::map<u32, unsigned> taken;
        for (unsigned bound = 0; bound < 2000; ++bound) {
            const unsigned vcpu = bound % vcpus;
            FakeVirtualInterface& cpu = enter(vcpu);
            take_maintenance(vcpu);
            const u32 intid = cpu.acknowledge();
            if (intid == spurious) {
                continue;
            }
            ++taken[intid];
            if (intid >= 32) {
                ASSERT_EQ(intid % vcpus, vcpu);
                gic.set_level(IntId(intid), false);
                enter(vcpu);
            }
            cpu.end(intid);
            take_maintenance(vcpu);
        }
        for (u32 intid = 33; intid < 128; intid += 3) {
            EXPECT_GE(taken[intid], 1u) << intid;
        }
        for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
            EXPECT_EQ(enter(vcpu).used(), 0u);
            EXPECT_EQ(cpus[vcpu].hcr, irqchip::ich_hcr::enable);
            EXPECT_FALSE(gic.has_deliverable(vcpu));
            EXPECT_EQ(redistributors[vcpu].active, 0u);
        }
    }

  private:
    std::mt19937 random_;
    std::array<std::vector<u32>, vcpus> handling_;
};

TEST_P(VGicRandom, KeepsItsInvariants) {
    for (unsigned i = 0; i < 3000; ++i) {
        step();
        if (HasFatalFailure()) {
            return;
        }
        if (i % 16 == 0) {
            ASSERT_NO_FATAL_FAILURE(check()) << "step " << i;
        }
    }
    finish();
}

INSTANTIATE_TEST_SUITE_P(Seeds, VGicRandom, testing::Range(0u, 24u));

} // namespace
} // namespace trv::vdev
