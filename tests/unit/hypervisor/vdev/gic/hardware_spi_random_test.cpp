// SPDX-License-Identifier: Apache-2.0
// Random guests, and devices of the machine behind their SPIs, against invariants: no physical SPI is left active without
// a virtual one, each list register that is mapped to one matches it, and a wire that is high is delivered in the end.

#include "vgic_machine.hpp"

#include <random>
#include <vector>

namespace trv::vdev {
namespace {

using irqchip::FakeVirtualInterface;
namespace ich_lr = irqchip::ich_lr;
namespace reg = irqchip::gic_bank;

class VGicRandomSpis : public VGicTest, public testing::WithParamInterface<unsigned> {
  public:
    static constexpr u32 first = 64;
    static constexpr u32 count = 24;
    static constexpr u32 first_physical = 40;

    VGicRandomSpis() : random_(GetParam()) {
        for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
            cpus[vcpu].list_registers = 1 + (GetParam() + vcpu * 5) % 6;
            cpus[vcpu].active_spis = &machine.active;
        }
        gic.set_physical(machine, {0, 1, 2, 3});
        for (u32 i = 0; i < count; ++i) {
            EXPECT_TRUE(gic.bind_hardware_spi(IntId(first + i), IntId(first_physical + i)));
        }
        start();
    }
    u32 any(u32 bound) { return static_cast<u32>(random_() % bound); }
    /// What the physical distributor would signal is taken: by the CPU it is routed to, or by another one late.
    void deliver(u32 index) {
        const u32 spi = first_physical + index;
        const bool pending = machine.latched[spi] || (!machine.edge[spi] && machine.wires[spi]);
        if (machine.enabled[spi] && pending && !machine.active[spi]) {
            machine.active[spi] = true;
            machine.latched[spi] = false;
            const unsigned cpu = any(8) == 0 ? any(vcpus) : static_cast<unsigned>(machine.routes[spi]);
            at(cpu);
            gic.inject_hardware_spi(IntId(first + index), any(2) == 0 ? cpu : VGic::no_vcpu);
        }
    }
    void raise(u32 index) {
        const u32 spi = first_physical + index;
        machine.latched[spi] = machine.latched[spi] || (machine.edge[spi] && !machine.wires[spi]);
        machine.wires[spi] = true;
    }
    void guest_step(unsigned vcpu) {
        FakeVirtualInterface& cpu = enter(vcpu);
        if (const u32 intid = cpu.acknowledge(); intid != spurious) {
            handling_[vcpu].push_back(intid);
        } else if (!handling_[vcpu].empty()) {
            machine.wires[handling_[vcpu].back() - first + first_physical] = any(2) == 0;
            cpu.end(handling_[vcpu].back());
            handling_[vcpu].pop_back();
        }
        if (cpu.maintenance()) {
            gic.maintenance(vcpu);
            ASSERT_FALSE(cpu.maintenance());
        }
    }
    void guest_access(unsigned vcpu) {
        constexpr std::array<u64, 7> arrays = {reg::isenabler, reg::isenabler, reg::icenabler, reg::ispendr,
                                               reg::icpendr,   reg::isactiver, reg::icactiver};
        const u32 bits = any(~0u) & any(~0u);
        if (any(4) == 0) {
            route(first + any(count), any(5));
        } else if (any(6) == 0) {
            write_distributor(reg::icfgr + first / 4 + 4 * any(2), bits, 4, vcpu);
        } else {
            write_distributor(arrays[any(arrays.size())] + first / 8, bits, 4, vcpu);
            (void)read_distributor(reg::ispendr + first / 8, 4, vcpu);
        }
    }
    void step() {
        const unsigned vcpu = any(vcpus);
        switch (any(6)) {
        case 0:
            raise(any(count));
            break;
        case 1:
            machine.wires[first_physical + any(count)] = false;
            break;
        case 2:
            guest_access(vcpu);
            break;
        case 3:
            if (any(8) == 0) {
                unload(vcpu);
                load(vcpu);
            }
            break;
        default:
            guest_step(vcpu);
            break;
        }
        deliver(any(count));
    }
    void check() {
        for (unsigned round = 0; round < 2; ++round) {
            settle();
        }
        std::array<unsigned, 1020> listed{};
        for (const FakeVirtualInterface& cpu : cpus) {
            for (const u64 entry : cpu.lr) {
                if ((entry & ich_lr::state_mask) == 0) {
                    continue;
                }
                const u32 intid = ich_lr::intid_of(entry);
                ASSERT_EQ(++listed[intid], 1u);
                if ((entry & ich_lr::hardware) != 0) {
                    ASSERT_NE(entry & ich_lr::state_mask, ich_lr::state_mask);
                    ASSERT_EQ(entry >> ich_lr::physical_shift & ich_lr::physical_mask, intid - first + first_physical);
                    ASSERT_TRUE(machine.active[intid - first + first_physical]);
                }
            }
        }
        const u64 alive = read_distributor(reg::isactiver + first / 8) | read_distributor(reg::ispendr + first / 8);
        for (u32 i = 0; i < count; ++i) {
            ASSERT_TRUE(!machine.active[first_physical + i] || (alive >> i & 1) != 0) << i;
        }
    }
    /// With all enabled and every handler finished, all that is high arrives, and nothing stays active.
    void finish() {
        write_distributor(reg::icactiver + first / 8, ~u32{0});
        write_distributor(reg::icpendr + first / 8, ~u32{0});
        write_distributor(reg::icfgr + first / 4, 0);
        write_distributor(reg::icfgr + first / 4 + 4, 0);
        write_distributor(reg::isenabler + first / 8, ~u32{0});
        for (u32 i = 0; i < count; ++i) {
            machine.wires[first_physical + i] = true;
            route(first + i, i % vcpus);
        }
        for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
            cpus[vcpu].active_priorities = {};
            handling_[vcpu].clear();
        }
        settle();
        settle();
        std::array<unsigned, count> taken{};
        for (unsigned bound = 0; bound < 2000; ++bound) {
            for (u32 i = 0; i < count; ++i) {
                deliver(i);
            }
            const unsigned vcpu = bound % vcpus;
            FakeVirtualInterface& cpu = enter(vcpu);
            if (const u32 intid = cpu.acknowledge(); intid != spurious) {
                ++taken[intid - first];
                machine.wires[intid - first + first_physical] = false;
                cpu.end(intid);
            }
            if (cpu.maintenance()) {
                gic.maintenance(vcpu);
            }
        }
        for (u32 i = 0; i < count; ++i) {
            EXPECT_GE(taken[i], 1u) << i;
            EXPECT_FALSE(machine.active[first_physical + i]) << i;
        }
        for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
            EXPECT_EQ(enter(vcpu).used(), 0u);
        }
    }

    irqchip::Gic machine;

  private:
    std::mt19937 random_;
    std::array<std::vector<u32>, vcpus> handling_;
};

TEST_P(VGicRandomSpis, KeepTheirInvariants) {
    for (unsigned i = 0; i < 3000; ++i) {
        step();
        if (i % 16 == 0) {
            ASSERT_NO_FATAL_FAILURE(check()) << "step " << i;
        }
    }
    finish();
}

INSTANTIATE_TEST_SUITE_P(Seeds, VGicRandomSpis, testing::Range(0u, 24u));

} // namespace
} // namespace trv::vdev
