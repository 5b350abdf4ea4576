// SPDX-License-Identifier: Apache-2.0
#pragma once
// A machine for tests of vm/: two physical CPUs, RAM with a kernel in it, and a manager. The test plays the CPUs one
// after the other, and the guests on them.

#include "../console/fake_port.hpp"
#include "arch/cpu/cpu_control.hpp"
#include "arch/cpu/hyp_timer.hpp"
#include "arch/cpu/wait.hpp"
#include "arch/entry.hpp"
#include "arch/exception/exception_state.hpp"
#include "arch/exception/exit_kind.hpp"
#include "arch/fake_guest_cpu.hpp"
#include "arch/memory/stage2_switch.hpp"
#include "arch/memory/tlb.hpp"
#include "irqchip/chip.hpp"
#include "lib/device_tree/device_tree.hpp"
#include "memory/machine_memory.hpp"
#include "memory/physical/direct_map.hpp"
#include "memory/usage.hpp"
#include "sched/interrupts.hpp"
#include "simulated_ram.hpp"
#include "trap/traced_exit.hpp"
#include "vm/interrupts.hpp"
#include "vm/manager.hpp"
#include "vm/trace/tracing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace trv::vm {

inline constexpr u64 microsecond = 1'000; ///< ticks of the fake clock
inline constexpr u64 millisecond = 1'000'000;
inline constexpr u64 second = 1'000'000'000;

class VmTest : public testing::Test {
  public:
    static constexpr PaRange ram_range{Pa(0x8000'0000), 128 * MiB};
    static constexpr PaRange modules{Pa(0x8000'0000 + 120 * MiB), 4 * MiB};
    static constexpr PaRange kernel_file{modules.base, 3 * MiB};
    static constexpr PaRange ramdisk_file{modules.base + 3 * MiB, 64 * KiB};
    static constexpr IntId virtual_timer_intid{27};
    static constexpr IntId hyp_timer_intid{26};
    static constexpr u64 uart_data = 0x0900'0000;

    /// @param of_host RAM that is the first VM's from the start
    explicit VmTest(PaRange of_host = {}) : ram(ram_range) {
        const memory::TakenRange taken[] = {{modules, memory::FrameOwner::Modules}, {of_host, memory::vm_owner(0)}};
        EXPECT_TRUE(memory.start({std::span(&ram_range, 1), taken}, limits));
        write_kernel();
        EXPECT_TRUE(interrupts.create(gic.interrupts()));
        EXPECT_TRUE(sched::claim_interrupts(interrupts, hyp_timer_intid));
        EXPECT_TRUE(claim_interrupts(interrupts, virtual_timer_intid, IntId(25)));
        machine_console.start(port, console::Mode::Framed);
        sched::serve_guests_output(machine_console.multiplexer());
        arch::fake_ticks = second;
        arch::fake_idle = [this] {
            if (interfaces[playing].waiting.empty()) {
                throw Asleep();
            }
        };
        arch::fake_hyp_timer.reset();
        arch::fake_wfi_trapped = false;
        arch::fake_vttbr = 0;
        arch::FakeTlb::instance().reset();
        (void)events();
        for (unsigned i = 0; i < cpu_count; ++i) {
            cpus[i].index = i;
            cpus[i].mpidr = i;
            cpus[i].own_interrupts = &redistributors[i];
            cpus[i].interrupts = &interrupts;
            cpus[i].console = &machine_console.multiplexer();
            virtual_interfaces[i].redistributor = &redistributors[i];
            virtual_interfaces[i].active_spis = &gic.active;
        }
        play(0);
    }

    ~VmTest() override {
        play(0);
        manager.reset(); // VMs that are left, whatever they do
        arch::fake_idle = [] {};
        arch::fake_ticks_per_look = 0;
        arch::fake_ticks = 0;
        arch::fake_guest_cpu = {};
        arch::fake_current_cpu = nullptr;
        irqchip::FakeCpuInterface::current = nullptr;
        irqchip::FakeVirtualInterface::current = nullptr;
        arch::fake_hyp_timer.reset();
    }

    // Descriptions; before boot().

    machine::VmDescription& describe(std::string_view label, unsigned vcpus = 1) {
        machine::VmDescription& vm = descriptions.emplace_back();
        vm.index = static_cast<unsigned>(descriptions.size()) - 1;
        vm.label = label;
        vm.memory_size = 16 * MiB;
        vm.vcpus = vcpus;
        vm.kernel = kernel_file;
        return vm;
    }
    /// All its vCPUs on one physical CPU.
    machine::VmDescription& describe_on(unsigned cpu, std::string_view label, unsigned vcpus = 1) {
        machine::VmDescription& vm = describe(label, vcpus);
        vm.pinned = true;
        vm.cpu.fill(cpu);
        return vm;
    }

    /// The manager comes up, and has all descriptions.
    void start_manager() {
        manager.emplace(Resources{
            .memory = memory,
            .console = machine_console,
            .cpus = cpus,
            .limits = limits,
            .virtual_timer = virtual_timer_intid,
            .guest_spis = guest_spis,
            .mediator = mediator,
            .seeds = seeds,
            .wall_clock = wall_clock,
            .host = host,
            .tracing = &tracing,
        });
        for (const machine::VmDescription& vm : descriptions) {
            EXPECT_TRUE(manager->add(std::move(*machine::VmConfig::copy_of(vm)), Manager::Number::Described));
        }
        is_manager_up = true;
    }
    /// All VMs are made; they are not loaded yet.
    void boot() {
        if (!std::exchange(is_manager_up, false)) {
            start_manager();
            is_manager_up = false;
        }
        for (const machine::VmDescription& vm : descriptions) {
            (void)manager->start(vm.label);
        }
    }
    /// As boot(), and every VM gets as far as running.
    void boot_and_load() {
        boot();
        settle();
        play(0);
    }

    // CPUs.

    /// From here on the test is this physical CPU.
    void play(unsigned cpu) {
        hyp_timers[playing] = arch::fake_hyp_timer;
        wfi_trapped[playing] = arch::fake_wfi_trapped;
        playing = cpu;
        arch::fake_hyp_timer = hyp_timers[cpu];
        arch::fake_wfi_trapped = wfi_trapped[cpu];
        arch::fake_current_cpu = &cpus[cpu];
        irqchip::FakeCpuInterface::current = &interfaces[cpu];
        irqchip::FakeVirtualInterface::current = &virtual_interfaces[cpu];
    }
    /// EL2 of the CPU runs until a guest may. @return its vCPU; null if the CPU sleeps
    Vcpu* enter(unsigned cpu) {
        play(cpu);
        try {
            cpus[cpu].scheduler.run();
        } catch (Asleep) {
        }
        return current_vcpu(cpus[cpu]);
    }
    /// All CPUs, until none has anything to do but run guests or sleep.
    void settle() {
        for (unsigned turn = 0; turn < 200; ++turn) {
            for (unsigned cpu = 0; cpu < cpu_count; ++cpu) {
                if (attention(cpu)) {
                    enter(cpu);
                }
            }
            arch::fake_ticks += 3 * millisecond; // the next step of a job beside a guest is due
            for (unsigned cpu = 0; cpu < cpu_count; ++cpu) {
                take_timer(cpu);
            }
            if (!attention(0) && !attention(1) && is_steady()) {
                return;
            }
        }
        ADD_FAILURE() << "never settles";
    }
    /// No VM is being loaded or stopped.
    bool is_steady() {
        bool steady = true;
        manager->for_each_vm(
            [&steady](Vm& vm) { steady = steady && vm.state() == VmState::Running && !vm.stop().is_made(); });
        return steady;
    }
    /// Time passes, while guests on the CPU use up what they are given. @return how often they were interrupted
    unsigned pass(unsigned cpu, u64 duration) {
        const u64 end = arch::fake_ticks + duration;
        unsigned interruptions = 0;
        enter(cpu);
        while (arch::fake_ticks < end) {
            play(cpu);
            const u64 next = arch::fake_hyp_timer.value_or(end);
            arch::fake_ticks = std::clamp(next, arch::fake_ticks.load(), end);
            if (arch::fake_hyp_timer && next <= end) {
                ++interruptions;
                take_timer(cpu);
            }
            if (interruptions > 100'000) {
                ADD_FAILURE() << "a storm of timer interrupts";
                return interruptions;
            }
        }
        enter(cpu);
        return interruptions;
    }
    /// The guest that runs on the CPU comes to EL2.
    Vcpu* leave_guest(unsigned cpu, arch::ExitKind kind, u64 syndrome = 0) {
        play(cpu);
        arch::fake_exception_syndrome = syndrome;
        try {
            arch::ExitHandler const handler = cpus[cpu].exit_handler.load();
            (handler != nullptr ? handler : trivisor_exit)(kind, cpus[cpu]);
        } catch (Asleep) {
        }
        return current_vcpu(cpus[cpu]);
    }
    Vcpu* wait_for_interrupt(unsigned cpu) {
        return leave_guest(cpu, arch::ExitKind::Sync, u64{1} << 26 | u64{1} << 25);
    }
    /// An HVC of the vCPU that runs on its CPU just now. Its VM may be gone afterwards.
    void issue(Vcpu& vcpu, u64 function, u64 a1 = 0, u64 a2 = 0, u64 a3 = 0) {
        ASSERT_EQ(vcpu.home().scheduler.current(), &vcpu);
        auto& x = vcpu.registers().x;
        x[0] = function, x[1] = a1, x[2] = a2, x[3] = a3;
        leave_guest(vcpu.home().index, arch::ExitKind::Sync, u64{0x16} << 26 | u64{1} << 25);
    }
    /// The same. @return x0 afterwards
    u64 call(Vcpu& vcpu, u64 function, u64 a1 = 0, u64 a2 = 0, u64 a3 = 0) {
        issue(vcpu, function, a1, a2, a3);
        return vcpu.registers().x[0];
    }
    /// EL2's timer interrupts the CPU if it is due.
    void take_timer(unsigned cpu) {
        play(cpu);
        if (!arch::fake_hyp_timer || *arch::fake_hyp_timer > arch::fake_ticks) {
            return;
        }
        interfaces[cpu].waiting.push_back(hyp_timer_intid);
        if (cpus[cpu].scheduler.current() != nullptr) {
            leave_guest(cpu, arch::ExitKind::Irq);
        } else {
            enter(cpu);
        }
    }
    [[nodiscard]] bool attention(unsigned cpu) const { return cpus[cpu].attention.load(); }

    // VMs.

    /// Null if there is none of the name.
    Vm* find(std::string_view name) {
        Vm* found = nullptr;
        (void)manager->with_vm(name, [&found](Vm& vm) { found = &vm; });
        return found;
    }
    Vm& vm(std::string_view name) { return *find(name); }
    /// The tree that the VM was started with.
    DeviceTree tree_of(std::string_view name) {
        const Ipa tree(vm(name).vcpu(0).registers().x[0]);
        const u8* const bytes = memory::direct_map<u8>(vm(name).memory().memory_at(tree)->pa);
        const auto size =
            DeviceTree::total_size(std::span<const u8, DeviceTree::header_size>(bytes, DeviceTree::header_size));
        return DeviceTree::open({bytes, size.value()}).value();
    }
    /// What the operator's channel said since the last call.
    std::string events() { return said_since(console::event_channel, events_seen); }
    /// What a channel said behind its first `seen` bytes, which are all then.
    std::string said_since(unsigned channel, std::size_t& seen) {
        machine_console.flush();
        const std::string all = port.channels()[channel];
        return all.substr(std::exchange(seen, all.size()));
    }
    void type(std::string_view framed) {
        port.typed = framed;
        machine_console.multiplexer().poll_input();
    }

    struct Balance {
        memory::Usage usage;
        unsigned vmids;
        bool operator==(const Balance&) const = default;
    };
    Balance balance() { return {memory::usage_of(memory.frames), memory.vmids.leased()}; }

    struct Asleep {};
    static constexpr unsigned cpu_count = 2;
    static constexpr arch::TranslationLimits limits{40, 16};

    test::SimulatedRam ram;
    memory::MachineMemory memory;
    console::FakePort port;
    console::Console machine_console;
    irq::Table interrupts{sched::unexpected_interrupt};
    irqchip::Gic gic;
    irq::GuestSpis guest_spis{interrupts, gic};
    std::array<irqchip::CpuInterrupts, cpu_count> redistributors{};
    std::array<irqchip::FakeCpuInterface, cpu_count> interfaces;
    std::array<irqchip::FakeVirtualInterface, cpu_count> virtual_interfaces{};
    std::array<std::optional<u64>, cpu_count> hyp_timers{};
    std::array<bool, cpu_count> wfi_trapped{};
    unsigned playing = 0;
    std::array<sched::PerCpu, cpu_count> cpus;
    std::vector<machine::VmDescription> descriptions;
    bool is_manager_up = false; ///< by start_manager(); boot() follows
    std::size_t events_seen = 0;
    Mediator mediator;
    RandomGenerator seeds;               ///< without a seed; before boot()
    std::optional<WallClock> wall_clock; ///< the same
    const Host* host = nullptr;          ///< the same
    Tracing tracing{machine_console, cpus, trap::traced_exit};
    std::optional<Manager> manager;

  private:
    static void write_kernel() {
        std::byte* const file = memory::direct_map(kernel_file.base);
        std::memset(file, 0x5a, kernel_file.size);
        std::memset(file, 0, guest::image_header_size);
        const u64 image_size = kernel_file.size;
        const u64 flags = 0xa;
        std::memcpy(file + 16, &image_size, 8);
        std::memcpy(file + 24, &flags, 8);
        std::memcpy(file + 56, "ARM\x64", 4);
        std::memset(memory::direct_map(ramdisk_file.base), 0xa5, ramdisk_file.size);
    }
};

} // namespace trv::vm
