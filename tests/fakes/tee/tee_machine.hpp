// SPDX-License-Identifier: Apache-2.0
#pragma once
// A machine with a fake OP-TEE and virtual machines whose "drivers" are the tests.

#include "arch/exception/pending_interrupt.hpp"
#include "arch/memory/tlb.hpp"
#include "memory/physical/device_table.hpp"
#include "memory/physical/frame_pool.hpp"
#include "memory/usage.hpp"
#include "simulated_ram.hpp"
#include "tee/fake_optee.hpp"
#include "tee/optee/partition/mediator.hpp"
#include "tee/optee/partition/partition.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace trv::test {

inline constexpr PaRange machine_ram{Pa(0x4000'0000), 128 * MiB};
inline constexpr PaRange machine_arena{Pa(0x4200'0000), 2 * MiB};

template <typename T>
T must(Result<T> value) {
    if (!value) {
        std::abort();
    }
    return std::move(*value);
}

class TeeMachine {
  public:
    TeeMachine() : ram(machine_ram), optee(table, machine_arena) {
        const memory::TakenRange taken[] = {{machine_arena, memory::FrameOwner::Arena}};
        const memory::RamMap map{std::span(&machine_ram, 1), taken};
        if (!table.start(map)) {
            std::abort();
        }
        pool.start(table, map);
        devices.start(table);
        optee.model.set_map_budget(tee::optee::Quotas().core_mapped_pages);
        arch::fake_firmware = [this](const arch::SmcArguments& call) { return optee.smc(call); };
        arch::fake_interrupt_pending = false;
        arch::FakeTlb::instance().reset();
    }
    ~TeeMachine() {
        arch::fake_firmware = nullptr;
        arch::fake_interrupt_pending = false;
        arch::FakeTlb::instance().reset();
    }
    TeeMachine(const TeeMachine&) = delete;
    TeeMachine& operator=(const TeeMachine&) = delete;

    SimulatedRam ram;
    memory::FrameTable table;
    memory::FramePool pool;
    memory::DeviceTable devices;
    memory::VmidPool vmids;
    FakeOptee optee;
    tee::optee::Mediator mediator;
};

/// A virtual machine's memory: from `base` up, and a page that is read-only, one of a device, one that is
/// not.
class GuestVm final : public tee::GuestMemory, public vdev::InterruptLine {
  public:
    static constexpr Ipa base{0x1'0000'0000}; ///< no physical address of this machine looks like it
    static constexpr u64 usual_size = 8 * MiB;
    static constexpr Ipa read_only{0x6000'0000};
    static constexpr Ipa device{0x6000'1000};
    static constexpr Ipa hole{0x6000'2000};

    GuestVm(TeeMachine& machine, unsigned index, u64 memory_size = usual_size)
        : machine_(machine), owner_(memory::vm_owner(index)),
          frames_(must(machine.pool.allocate(memory::order_for(memory_size), owner_))),
          rom_(must(machine.pool.allocate(0, owner_))),
          device_(must(machine.devices.claim({Pa(0x900'0000 + index * page_size), page_size}, owner_))),
          space_(must(memory::Stage2::create(machine.pool, must(machine.vmids.lease()), owner_, 36, {40, 8}))) {
        must_hold(space_.map({base, memory_size}, frames_.base(), memory::Access::ReadWriteExecute));
        must_hold(space_.map({read_only, page_size}, rom_.base(), memory::Access::ReadOnly));
        must_hold(space_.map_device(device, device_));
        std::memset(memory::direct_map(frames_.base()), 0, page_size); // the rest is fresh
        std::memset(memory::direct_map(rom_.base()), 0, page_size);
    }

    ~GuestVm() { partition.reset(); } // its pins end before the memory does

    // tee::GuestMemory
    Result<memory::Stage2::Leaf> memory_at(Ipa ipa) override {
        ++lookups;
        if (on_lookup) {
            on_lookup(ipa);
        }
        return space_.lookup(ipa);
    }
    memory::FrameOwner owner() const override { return owner_; }
    memory::FrameTable& frames() override { return machine_.table; }
    // vdev::InterruptLine
    void set(bool asserted) override { edges += asserted ? 1 : 0; }
    [[nodiscard]] IntId intid() const override { return IntId(35); }

    template <typename T>
    [[nodiscard]] T& at(Ipa ipa) {
        return *memory::direct_map<T>(frames_.base() + (ipa - base));
    }
    [[nodiscard]] Pa pa_of(Ipa ipa) const { return frames_.base() + (ipa - base); }
    [[nodiscard]] memory::Stage2& space() { return space_; }
    [[nodiscard]] u64 pins() const { return machine_.table.pins_of(owner_); }

    /// A call, through the "SMC instruction"; foreign interrupts are absorbed unless `forward_foreign`.
    std::array<u64, 4> smc(u64 x0, u64 x1 = 0, u64 x2 = 0, u64 x3 = 0, u64 x4 = 0, u64 x5 = 0) {
        std::array<u64, 18> x{};
        x.fill(0x5555'5555'5555'5555);
        x[0] = x0;
        x[1] = x1;
        x[2] = x2;
        x[3] = x3;
        x[4] = x4;
        x[5] = x5;
        const std::array<u64, 18> before = x;
        tee::Outcome outcome = partition->call(x, 0);
        while (outcome.kind == tee::Outcome::Kind::ForeignInterrupt) {
            ++foreign;
            if (abandon_foreign) { // the VM is being stopped
                return {};
            }
            outcome = forward_foreign ? partition->deliver_foreign_interrupt(outcome.slot, x)
                                      : partition->resume_absorbed(outcome.slot, x);
        }
        for (unsigned i = 4; i < x.size(); ++i) {
            if (x[i] != before[i]) {
                std::abort();
            }
        }
        return {x[0], x[1], x[2], x[3]};
    }

    Unique<tee::optee::Partition> partition;
    u64 lookups = 0;
    std::function<void(Ipa)> on_lookup;
    unsigned edges = 0;
    unsigned foreign = 0;
    bool forward_foreign = false;
    bool abandon_foreign = false;

  private:
    static void must_hold(const Result<void>& result) {
        if (!result) {
            std::abort();
        }
    }

    TeeMachine& machine_;
    memory::FrameOwner owner_;
    memory::Frames frames_;
    memory::Frames rom_;
    memory::DeviceLease device_;
    memory::Stage2 space_;
};

} // namespace trv::test
