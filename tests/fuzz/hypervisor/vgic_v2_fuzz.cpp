// SPDX-License-Identifier: Apache-2.0
// Guests that do anything to their GICv2, on vCPUs that come and go: each acknowledged interrupt exists and was enabled once,
// no SGI comes from a vCPU that does not exist, and none is lost that was sent and enabled.

#include "input.hpp"
#include "irqchip/gicv2/layout.hpp"
#include "irqchip/gicv3/layout.hpp"
#include "vdev/gic/vgic_v2.hpp"

#include <cstdlib>

namespace {

using namespace trv;
using namespace trv::vdev;
namespace gicd = irqchip::gicd_v2;

constexpr unsigned vcpus = 3;
constexpr u32 sgi = 9;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

class Waker final : public VcpuWaker {
  public:
    void wake(unsigned vcpu) override { require(vcpu < vcpus); }
};

class Inputs final : public HardwareInput {
  public:
    [[nodiscard]] bool is_asserted(unsigned, IntId) override { return wire; }
    bool wire = false;
};

struct Guest {
    Guest() {
        for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
            gic.bind_hardware(vcpu, IntId(27), IntId(27));
            load(vcpu);
            cpus[vcpu].open();
        }
    }
    ~Guest() { irqchip::FakeVirtualInterface::current = nullptr; }

    void at(unsigned vcpu) { irqchip::FakeVirtualInterface::current = &cpus[vcpu]; }
    void load(unsigned vcpu) {
        at(vcpu);
        cpus[vcpu].redistributor = &own[vcpu];
        gic.load(vcpu, own[vcpu]);
        loaded[vcpu] = true;
    }
    void unload(unsigned vcpu) {
        at(vcpu);
        gic.unload(vcpu);
        loaded[vcpu] = false;
    }
    void enter(unsigned vcpu) {
        at(vcpu);
        gic.flush(vcpu);
        if (cpus[vcpu].maintenance()) {
            gic.maintenance(vcpu);
            require(!cpus[vcpu].maintenance());
        }
    }
    /// What the guest takes exists; an SGI names a sender that exists.
    u32 take(unsigned vcpu) {
        enter(vcpu);
        const u32 value = cpus[vcpu].acknowledge();
        const u32 intid = value & irqchip::gicc::intid_mask;
        require(intid == irqchip::FakeVirtualInterface::spurious || intid < gic.interrupts());
        require(intid >= first_ppi || value >> irqchip::gicc::cpu_shift < vcpus);
        return value;
    }
    void end(unsigned vcpu, u32 value) {
        if (value != irqchip::FakeVirtualInterface::spurious) {
            cpus[vcpu].end(value);
        }
        enter(vcpu);
    }

    Waker waker;
    Inputs inputs;
    std::array<irqchip::FakeVirtualInterface, vcpus> cpus{};
    std::array<irqchip::CpuInterrupts, vcpus> own{};
    std::array<bool, vcpus> loaded{};
    VGicV2 gic{waker, inputs, vcpus, *VGicV2::make_spis(vgic_min_spis)};
};

void access(Guest& guest, test::Input& input, unsigned vcpu) {
    const u8 size = static_cast<u8>(1U << input.below(4));
    const u64 offset = (input.byte() << 8 | input.byte()) % VGicV2::distributor_size & ~u64{size - 1U};
    guest.at(vcpu);
    if (input.below(2) == 0) {
        const u64 value = guest.gic.distributor().read({offset, size, vcpu}).value;
        require(size == 8 || value >> (8 * size) == 0);
    } else {
        const u64 value = input.byte() * u64{0x0101'0101'0101'0101};
        (void)guest.gic.distributor().write({offset, size, vcpu},
                                            size == 8 ? value : value & ((u64{1} << 8 * size) - 1));
    }
}

/// Whatever state the guest is in: after a reset of its GIC, an SGI that is sent arrives, from its sender.
void check_sgi(Guest& guest) {
    for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
        if (guest.loaded[vcpu]) {
            guest.unload(vcpu);
        }
    }
    guest.gic.reset();
    for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
        guest.load(vcpu);
        guest.cpus[vcpu].open();
    }
    guest.at(1);
    (void)guest.gic.distributor().write({gicd::ctlr, 4, 1}, 1);
    (void)guest.gic.distributor().write({irqchip::gic_bank::isenabler, 4, 1}, u32{1} << sgi);
    guest.at(2);
    (void)guest.gic.distributor().write({gicd::sgir, 4, 2}, 2U << gicd::sgir_targets_shift | sgi);
    require(guest.take(1) == (2U << irqchip::gicc::cpu_shift | sgi));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
    test::Input input(data, size);
    Guest guest;
    while (!input.empty()) {
        const unsigned vcpu = static_cast<unsigned>(input.below(vcpus));
        if (!guest.loaded[vcpu]) {
            guest.load(vcpu);
        }
        switch (input.below(8)) {
        case 0:
        case 1:
        case 2:
            access(guest, input, vcpu);
            break;
        case 3:
            guest.end(vcpu, guest.take(vcpu));
            break;
        case 4:
            (void)guest.take(vcpu);
            break;
        case 5:
            guest.at(vcpu);
            (void)guest.gic.deactivation().write({input.below(2) * 4, 4, vcpu}, input.byte() << 2);
            break;
        case 6:
            guest.unload(vcpu);
            break;
        default:
            guest.inputs.wire = input.below(2) != 0;
            guest.cpus[vcpu].deactivates_physical = input.below(2) != 0;
            guest.gic.pulse(IntId(first_spi + static_cast<u32>(input.byte())));
            guest.at(vcpu);
            guest.gic.inject_hardware(vcpu, IntId(27));
            break;
        }
    }
    check_sgi(guest);
    return 0;
}
