// SPDX-License-Identifier: Apache-2.0
#pragma once
// VMs whose devices programs of the host serve, with memory that the host lends.

#include "arch/exception/exception_state.hpp"
#include "host_driver.hpp"

#include <gmock/gmock.h>

namespace trv::management {
namespace virtio = contract::virtio;

inline constexpr u64 bank_size = 2 * MiB;
inline constexpr Ipa bank_base{virtio::bank_base(bank_size)};
inline constexpr Ipa slot_base{virtio::first_slot};
inline constexpr u64 status = 0x70, queue_notify = 0x50;

class HostDevicesTest : public HostManagerTest {
  public:
    static constexpr Ipa pool{bank.base.value + 12 * MiB};
    static constexpr Ipa other_pool{bank.base.value + 14 * MiB};
    static constexpr Ipa large_pool{bank.base.value + 2 * MiB};
    static constexpr u64 pool_cookie = 0x9000;

    HostDevicesTest() { start_host(); }

    u32 lend(const Program& p, u64 handle, u64 cookie = pool_cookie) {
        return invoke(p, Command::Lend, {value_in(handle), {msg::RmemIn, 0, page_size, cookie}});
    }
    u32 take_back(const Program& p, u64 handle) { return invoke(p, Command::TakeBack, {value_in(handle)}); }
    u32 register_pool(u64 cookie = pool_cookie, Ipa first = pool, u64 pages = bank_size / page_size) {
        return register_pages(cookie, first, pages);
    }
    template <typename T>
    static std::string_view bytes_of(const T& object) {
        return {reinterpret_cast<const char*>(&object), sizeof object};
    }
    static virtio::Device disk() {
        virtio::Device device;
        device.id = 2;
        device.queues = 1;
        device.queue_size = 64;
        device.config_size = 8;
        return device;
    }
    u32 put(const Program& p, u64 handle, u64 slot, const virtio::Device& device) {
        return invoke(p, Command::Device, {value_in(handle, slot), in(p, bytes_of(device))});
    }
    virtio::Events events(const Program& p, u64 handle) {
        EXPECT_EQ(invoke(p, Command::Events, {value(handle), out(p)}), success);
        virtio::Events taken;
        std::memcpy(&taken, &at<char>(p.out), sizeof taken);
        return taken;
    }
    virtio::State state(const Program& p, u64 handle, u64 slot = 0) {
        EXPECT_EQ(invoke(p, Command::State, {value_in(handle, slot), out(p)}), success);
        EXPECT_EQ(param(1).b, sizeof(virtio::State));
        virtio::State told;
        std::memcpy(&told, &at<char>(p.out), sizeof told);
        return told;
    }
    /// A VM with a disk in slot 0.
    Made run_with_disk(const Program& p, u64 wishes = 0) {
        const Made made = create(p, "guest", wishes);
        load_kernel(p, made.handle);
        EXPECT_EQ(register_pool(), success);
        EXPECT_EQ(lend(p, made.handle), success);
        EXPECT_EQ(put(p, made.handle, 0, disk()), success);
        EXPECT_EQ(start(p, made.handle), success) << said(p, 1);
        rest();
        return made;
    }
    vdev::MmioOutcome write(u64 offset, u64 value) {
        const auto* window = vm("guest").devices().bus().find(slot_base + offset, 4, 0);
        return window->device->write({.offset = offset, .size = 4, .vcpu = 0}, value);
    }
    u64 read(u64 offset) {
        const auto* window = vm("guest").devices().bus().find(slot_base + offset, 4, 0);
        return window->device->read({.offset = offset, .size = 4, .vcpu = 0}).value;
    }
    void start_driver() {
        write(status, 3);
        write(0x24, 1);
        write(0x20, 3);
        write(status, 11);
        write(0x38, 64);
        write(0x80, bank_base.value);
        write(0x90, bank_base.value + 0x1000);
        write(0xa0, bank_base.value + 0x2000);
        write(0x44, 1);
        EXPECT_EQ(read(0x44), 1U);
        write(status, 15);
    }
    /// The guest's vCPU gets its CPU, which it shares with one of the host's. @return false if it does not run
    bool run_guest() {
        vm::Vcpu& vcpu = vm("guest").vcpu(0);
        const unsigned cpu = vcpu.home().index;
        for (unsigned turn = 0; turn < 100 && enter(cpu) != &vcpu; ++turn) {
            arch::fake_ticks += 3 * vm::millisecond;
            take_timer(cpu);
        }
        const bool runs = cpus[cpu].scheduler.current() == &vcpu;
        play(0);
        return runs;
    }
    /// All CPUs, for 3 ms each turn, while a VM may be loading.
    void go_on(unsigned turns) {
        for (; turns != 0; --turns) {
            for (unsigned cpu = 0; cpu < cpu_count; ++cpu) {
                if (attention(cpu)) {
                    enter(cpu);
                }
            }
            arch::fake_ticks += 3 * vm::millisecond;
            for (unsigned cpu = 0; cpu < cpu_count; ++cpu) {
                take_timer(cpu);
            }
        }
        play(0);
    }
    /// It stores to the address.
    void store(Ipa ipa) {
        ASSERT_TRUE(run_guest());
        arch::fake_fault_address = ipa.value & 0xfff;
        arch::fake_fault_page = ipa.value >> 12 << 4;
        leave_guest(vm("guest").vcpu(0).home().index, arch::ExitKind::Sync,
                    u64{0x24} << 26 | u64{1} << 25 | u64{1} << 24 | u64{2} << 22 | u64{3} << 16 | u64{1} << 6 | 0x06);
        play(0);
    }
    [[nodiscard]] bool is_waiting() { return vm("guest").vcpu(0).run_state() == sched::RunState::Waiting; }
    [[nodiscard]] bool maps(Ipa ipa) { return vm("guest").memory().stage2().lookup(ipa).has_value(); }
    [[nodiscard]] bool is_lent(Ipa first = pool) { return memory.frames.is_lent({Pa(first.value), bank_size}); }
};

} // namespace trv::management
