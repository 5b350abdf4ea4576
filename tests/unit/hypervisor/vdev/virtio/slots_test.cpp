// SPDX-License-Identifier: Apache-2.0
// The registers of virtio devices, as a driver and as a program of the host see them.

#include "arch/cpu/clock.hpp"
#include "vdev/virtio/bus.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace trv::vdev {
namespace {

namespace virtio = contract::virtio;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr u64 second = 1'000'000'000; ///< of the fake clock
constexpr IpaRange bank{Ipa(0x3f00'0000), 0x100'0000};

// Registers
constexpr u64 device_features = 0x10, device_features_sel = 0x14, driver_features = 0x20, driver_features_sel = 0x24,
              queue_sel = 0x30, queue_num_max = 0x34, queue_num = 0x38, queue_ready = 0x44, queue_notify = 0x50,
              interrupt_status = 0x60, interrupt_ack = 0x64, status = 0x70, queue_desc = 0x80, queue_driver = 0x90,
              queue_device = 0xa0, generation = 0xfc, config = 0x100;
constexpr u32 acknowledge = 1, driver = 2, features_ok = 8, driver_ok = 4;

class VirtioTest : public testing::Test, public InterruptController, public DeferredExits, public VirtioBackend {
  public:
    VirtioTest() {
        arch::fake_ticks = second;
        EXPECT_TRUE(attach());
    }
    ~VirtioTest() override { arch::fake_ticks = 0; }

    Result<void> attach() {
        bus.emplace(slots, bank);
        DeviceContext context(*mmio, *this, *this, free, {{Ipa(0xb00'0000)}});
        return bus->attach(context);
    }
    void set_level(IntId spi, bool asserted) override { levels[spi.value - 40] = asserted; }
    Ticket defer(unsigned vcpu) override {
        tickets.push_back(Ticket{100 + vcpu});
        return tickets.back();
    }
    bool complete(Ticket ticket, u64) override {
        completed.push_back(static_cast<u64>(ticket));
        return true;
    }
    void on_device_events(unsigned vm) override {
        EXPECT_EQ(vm, 3U);
        ++news;
    }
    void on_reset_waits(u64 deadline) override { deadlines.push_back(deadline); }

    u32 read(u64 offset, unsigned slot = 0, u8 size = 4) {
        return static_cast<u32>(bus->read({slot * virtio::slot_size + offset, size, 0}).value);
    }
    MmioOutcome write(u64 offset, u64 value, unsigned slot = 0, u8 size = 4, unsigned vcpu = 0) {
        return bus->write({slot * virtio::slot_size + offset, size, vcpu}, value);
    }
    static virtio::Device disk() {
        virtio::Device device;
        device.id = 2;
        device.queues = 2;
        device.queue_size = 256;
        device.config_size = 60;
        device.features = 0x200;
        device.config[0] = 0x12;
        device.config[59] = 0x34;
        return device;
    }
    void write_queue(u64 which, u64 descriptors, u64 size = 256, unsigned slot = 0) {
        write(queue_sel, which, slot);
        write(queue_num, size, slot);
        const u64 parts[] = {descriptors, descriptors + 0x1000, descriptors + 0x2000};
        const u64 registers[] = {queue_desc, queue_driver, queue_device};
        for (unsigned i = 0; i < 3; ++i) {
            write(registers[i], parts[i] & 0xffff'ffff, slot);
            write(registers[i] + 4, parts[i] >> 32, slot);
        }
        write(queue_ready, 1, slot);
    }
    void accept(u64 features, unsigned slot = 0) {
        write(status, acknowledge, slot);
        write(status, acknowledge | driver, slot);
        for (u32 part = 0; part < 2; ++part) {
            write(driver_features_sel, part, slot);
            write(driver_features, features >> (part * 32) & 0xffff'ffff, slot);
        }
        write(status, acknowledge | driver | features_ok, slot);
    }
    /// A driver that does what it should.
    void start_driver(unsigned slot = 0) {
        accept(virtio::version_1 | virtio::access_platform | 0x200, slot);
        EXPECT_EQ(read(status, slot), acknowledge | driver | features_ok);
        write_queue(0, bank.base.value, 256, slot);
        write_queue(1, bank.base.value + 0x4000, 128, slot);
        write(status, acknowledge | driver | features_ok | driver_ok, slot);
    }
    virtio::Events events() {
        virtio::Events taken;
        some = slots.take_events(taken);
        return taken;
    }
    virtio::State state(unsigned slot = 0) {
        virtio::State told;
        EXPECT_TRUE(slots.tell(slot, told));
        return told;
    }

    std::optional<MmioBus> mmio{std::in_place};
    FreePlaces free{{}, IntId(40), IntId(200)};
    VirtioSlots slots{*this, 3, contract::Io::Pool};
    std::map<unsigned, bool> levels;
    std::vector<Ticket> tickets;
    std::vector<u64> completed;
    std::vector<u64> deadlines;
    unsigned news = 0;
    u32 some = 0;
    std::optional<VirtioBus> bus; ///< ends first
};

TEST_F(VirtioTest, AnEmptySlotIsADeviceThatIsNone) {
    EXPECT_EQ(read(0x0, 15), 0x7472'6976U);
    EXPECT_EQ(read(0x4, 15), 2U);
    EXPECT_EQ(read(0x8, 15), 0U);
    for (u64 offset = 0x10; offset < 0x200; offset += 4) {
        EXPECT_EQ(write(offset, ~u32{0}, 15), MmioOutcome::Done);
        EXPECT_EQ(read(offset, 15), 0U) << offset;
    }
    EXPECT_EQ(news, 0U);
    EXPECT_FALSE(slots.has_devices());
}

TEST_F(VirtioTest, ADriverStartsADevice) {
    ASSERT_TRUE(slots.put(0, disk()));
    EXPECT_TRUE(slots.has_devices());
    EXPECT_EQ(read(0x8), 2U);
    EXPECT_EQ(read(0xc), virtio::vendor);
    write(device_features_sel, 0);
    EXPECT_EQ(read(device_features), 0x200U);
    write(device_features_sel, 1);
    EXPECT_EQ(read(device_features), 3U) << "VERSION_1 and ACCESS_PLATFORM";
    write(device_features_sel, 2);
    EXPECT_EQ(read(device_features), 0U);
    write(queue_sel, 1);
    EXPECT_EQ(read(queue_num_max), 256U);
    write(queue_sel, 2);
    EXPECT_EQ(read(queue_num_max), 0U);
    EXPECT_EQ(news, 0U);
    start_driver();
    EXPECT_EQ(news, 1U);
    EXPECT_EQ(events()[0].changes, virtio::changed_status);
    EXPECT_EQ(some, 1U);
    EXPECT_FALSE(slots.has_events());
    const virtio::State told = state();
    EXPECT_EQ(told.id, 2U);
    EXPECT_EQ(told.status, 15U);
    EXPECT_EQ(told.features, 0x200U);
    EXPECT_EQ(told.queues, 2U);
    EXPECT_EQ(told.queue[0].ready, 1U);
    EXPECT_EQ(told.queue[1].size, 128U);
    EXPECT_EQ(told.queue[1].descriptors, bank.base.value + 0x4000);
    EXPECT_EQ(told.queue[1].driver, bank.base.value + 0x5000);
    EXPECT_EQ(told.queue[1].device, bank.base.value + 0x6000);
    write(queue_sel, 0);
    EXPECT_EQ(read(queue_ready), 1U);
    write(queue_ready, 0);
    EXPECT_EQ(read(queue_ready), 1U) << "only a reset ends a queue";
}

TEST_F(VirtioTest, InsistsOnTheFeaturesThatKeepItToTheBank) {
    ASSERT_TRUE(slots.put(0, disk()));
    for (const u64 features : {u64{0}, u64{0x200}, virtio::version_1, virtio::access_platform,
                               virtio::version_1 | virtio::access_platform | 0x400}) {
        accept(features);
        EXPECT_EQ(read(status), acknowledge | driver) << features;
        write(status, acknowledge | driver | driver_ok);
        EXPECT_EQ(read(status), acknowledge | driver) << "no DRIVER_OK without FEATURES_OK";
        write(status, 0);
    }
    accept(virtio::version_1 | virtio::access_platform);
    write(driver_features_sel, 0);
    write(driver_features, 0x400);
    write(status, acknowledge | driver | features_ok | driver_ok);
    EXPECT_EQ(state().features, 0U) << "they stay as they are from FEATURES_OK on";
}

TEST_F(VirtioTest, QueuesLieInTheBank) {
    ASSERT_TRUE(slots.put(0, disk()));
    accept(virtio::version_1 | virtio::access_platform);
    const u64 bad[] = {0,           bank.base.value - 0x1000, bank.end().value - 0x2000, bank.end().value,
                       0x4000'0000, bank.base.value + 8,      ~u64{0} - 0xfff,           ~u64{0} - 0x2fff,
                       u64{1} << 32};
    for (const u64 descriptors : bad) {
        write_queue(0, descriptors);
        EXPECT_EQ(read(queue_ready), 0U) << descriptors;
    }
    write_queue(0, bank.base.value, 0);
    write_queue(1, bank.base.value, 512);
    EXPECT_EQ(read(queue_ready), 0U) << "no size, or one that is too large, is none";
    write_queue(1, bank.base.value, 100);
    EXPECT_EQ(read(queue_ready), 0U);
    write_queue(0, bank.base.value + 0x5000, 256);
    EXPECT_EQ(read(queue_ready), 1U);
    write(queue_desc, 0);
    EXPECT_EQ(state().queue[0].descriptors, bank.base.value + 0x5000) << "a ready queue stays where it is";
    write(queue_ready, 0);
    EXPECT_EQ(read(queue_ready), 0U) << "before the driver is ready it may change its mind";
}

TEST_F(VirtioTest, KicksAreBits) {
    ASSERT_TRUE(slots.put(0, disk()));
    write(queue_notify, 0);
    EXPECT_EQ(news, 0U) << "no driver yet";
    start_driver();
    (void)events();
    news = 0;
    write(queue_notify, 1);
    write(queue_notify, 1);
    EXPECT_EQ(news, 1U) << "a storm is one";
    write(queue_notify, 0);
    EXPECT_EQ(news, 2U);
    for (const u64 queue : {u64{2}, u64{31}, u64{32}, u64{33}, u64{0xffff'ffff}}) {
        write(queue_notify, queue);
    }
    write(queue_notify, 0, 0, 2);
    EXPECT_EQ(news, 2U);
    EXPECT_EQ(events()[0].kicks, 3U);
    write(queue_notify, 1);
    EXPECT_EQ(news, 3U);
}

TEST_F(VirtioTest, OnlyReadyQueuesAreKicked) {
    ASSERT_TRUE(slots.put(0, disk()));
    accept(virtio::version_1 | virtio::access_platform);
    write_queue(1, bank.base.value);
    write(status, acknowledge | driver | features_ok | driver_ok);
    write(queue_notify, 0);
    write(queue_notify, 1);
    EXPECT_EQ(events()[0].kicks, 2U);
}

TEST_F(VirtioTest, RingsUntilTheDriverAcknowledges) {
    ASSERT_TRUE(slots.put(2, disk()));
    slots.ring(~u64{0}, 0);
    EXPECT_THAT(levels, IsEmpty()) << "no driver, no interrupt";
    start_driver(2);
    slots.ring(1 << 2 | 1 << 3, 0);
    EXPECT_TRUE(levels[2]);
    EXPECT_EQ(levels.size(), 1U);
    EXPECT_EQ(read(interrupt_status, 2), 1U);
    slots.ring(1 << 2, 0);
    write(interrupt_ack, 2, 2);
    EXPECT_TRUE(levels[2]);
    write(interrupt_ack, 1, 2);
    EXPECT_FALSE(levels[2]);
    EXPECT_EQ(read(interrupt_status, 2), 0U);
}

TEST_F(VirtioTest, ConfigurationGoesBothWays) {
    ASSERT_TRUE(slots.put(0, disk()));
    EXPECT_EQ(read(config, 0, 1), 0x12U);
    EXPECT_EQ(read(config + 56), 0x3400'0000U);
    EXPECT_EQ(read(config + 60), 0U);
    EXPECT_EQ(read(config + 0xefc), 0U);
    start_driver();
    (void)events();
    write(config + 32, 7, 0, 1);
    write(config + 32, 8, 0, 1);
    EXPECT_EQ(events()[0].changes, virtio::changed_config);
    EXPECT_EQ(state().config[32], 8U);
    write(config + 60, 1);
    write(config + 56, 1, 0, 8);
    EXPECT_FALSE(slots.has_events()) << "beyond it";
    std::array<u8, 60> bytes{};
    bytes[0] = 0x77;
    const u32 before = read(generation);
    EXPECT_TRUE(slots.configure(0, bytes));
    EXPECT_NE(read(generation), before);
    EXPECT_EQ(read(config, 0, 1), 0x77U);
    EXPECT_EQ(read(interrupt_status), 2U);
    EXPECT_TRUE(levels[0]);
    EXPECT_EQ(slots.configure(0, std::span(bytes).first(59)).error(), Error::OutOfRange);
    EXPECT_EQ(slots.configure(1, {}).error(), Error::NotFound);
    EXPECT_EQ(slots.configure(16, bytes).error(), Error::NotFound);
}

TEST_F(VirtioTest, AFailureNeedsAReset) {
    ASSERT_TRUE(slots.put(0, disk()));
    slots.ring(0, 1);
    EXPECT_EQ(read(status), 0U);
    start_driver();
    slots.ring(0, 1);
    EXPECT_EQ(read(status), 15U | virtio::needs_reset);
    EXPECT_TRUE(levels[0]);
}

TEST_F(VirtioTest, AResetWaitsUntilTheBackendHasStopped) {
    ASSERT_TRUE(slots.put(0, disk()));
    EXPECT_EQ(write(status, 0), MmioOutcome::Done) << "nothing was begun";
    start_driver();
    write(queue_notify, 0);
    slots.ring(1, 0);
    (void)events();
    write(queue_notify, 1);
    EXPECT_EQ(write(status, 0), MmioOutcome::Pending);
    EXPECT_THAT(deadlines, ElementsAre(6 * second));
    EXPECT_FALSE(levels[0]);
    EXPECT_EQ(events()[0].changes, virtio::changed_reset);
    EXPECT_EQ(state().stopping, 1U);
    EXPECT_EQ(state().queue[0].ready, 0U);
    write(status, acknowledge);
    EXPECT_EQ(read(status), 0U) << "nothing begins meanwhile";
    EXPECT_EQ(write(status, 0, 0, 4, 1), MmioOutcome::Pending) << "another vCPU waits as well";
    EXPECT_THAT(completed, IsEmpty());
    EXPECT_EQ(slots.stopped(1).error(), Error::Invalid);
    EXPECT_EQ(slots.stopped(16).error(), Error::NotFound);
    EXPECT_TRUE(slots.stopped(0));
    EXPECT_THAT(completed, ElementsAre(100U, 101U));
    EXPECT_EQ(slots.stopped(0).error(), Error::Invalid);
    EXPECT_EQ(state().stopping, 0U);
    start_driver();
    EXPECT_EQ(state().status, 15U);
    EXPECT_EQ(completed.size(), 2U);
}

TEST_F(VirtioTest, ADeviceThatDoesNotStopIsGivenUp) {
    ASSERT_TRUE(slots.put(0, disk()));
    start_driver();
    EXPECT_EQ(write(status, 0), MmioOutcome::Pending);
    EXPECT_FALSE(slots.overdue(6 * second - 1).any);
    EXPECT_EQ(slots.overdue(6 * second - 1).next, 6 * second);
    EXPECT_TRUE(slots.overdue(6 * second).any);
    EXPECT_THAT(completed, IsEmpty()) << "its memory must go before";
    slots.end_overdue(6 * second);
    EXPECT_THAT(completed, ElementsAre(100U));
    EXPECT_FALSE(slots.overdue(7 * second).any);
    EXPECT_EQ(write(status, 0), MmioOutcome::Done) << "nothing is waited for twice";
    accept(virtio::version_1 | virtio::access_platform);
    EXPECT_EQ(read(status), 0U) << "it is dead";
    EXPECT_EQ(slots.put(0, {}).error(), Error::Busy);
    EXPECT_TRUE(slots.stopped(0));
    start_driver();
}

TEST_F(VirtioTest, ANewKernelWaitsForWhatTheOldOneBegan) {
    ASSERT_TRUE(slots.put(0, disk()));
    start_driver();
    slots.ring(1, 0);
    bus->reset();
    EXPECT_FALSE(levels[0]);
    EXPECT_EQ(events()[0].changes, virtio::changed_reset);
    EXPECT_EQ(write(status, 0), MmioOutcome::Pending);
    EXPECT_TRUE(slots.stopped(0));
    start_driver();
    bus->reset();
    EXPECT_TRUE(slots.stopped(0)) << "it may be faster than the kernel";
    EXPECT_EQ(write(status, 0), MmioOutcome::Done);
}

TEST_F(VirtioTest, TheVmMayGoMeanwhile) {
    ASSERT_TRUE(slots.put(0, disk()));
    start_driver();
    EXPECT_EQ(write(status, 0), MmioOutcome::Pending);
    bus.reset();
    EXPECT_FALSE(slots.overdue(~u64{0} - 1).any);
    EXPECT_TRUE(slots.stopped(0));
    EXPECT_THAT(completed, IsEmpty());
    slots.ring(1, 1);
    mmio.emplace();
    free.first_interrupt = IntId(40);
    ASSERT_TRUE(attach());
    EXPECT_EQ(read(0x8), 2U) << "the next one finds the device";
    start_driver();
    slots.ring(1, 0);
    EXPECT_TRUE(levels[0]);
}

TEST_F(VirtioTest, DevicesComeAndGoInEmptySlots) {
    ASSERT_TRUE(slots.put(0, disk()));
    EXPECT_EQ(slots.put(0, disk()).error(), Error::Busy);
    start_driver();
    EXPECT_EQ(slots.put(0, {}).error(), Error::Busy);
    write(status, 0);
    EXPECT_EQ(slots.put(0, {}).error(), Error::Busy) << "it is not stopped";
    EXPECT_TRUE(slots.stopped(0));
    EXPECT_TRUE(slots.put(0, {}));
    EXPECT_EQ(read(0x8), 0U);
    EXPECT_EQ(read(config, 0, 1), 0U);
    EXPECT_TRUE(slots.put(0, {})) << "an empty slot stays empty";
    ASSERT_TRUE(slots.put(0, disk()));
    start_driver();
    EXPECT_EQ(read(config, 0, 1), 0x12U);
    EXPECT_EQ(slots.put(16, disk()).error(), Error::NotFound);
    EXPECT_EQ(slots.put(~u64{0}, disk()).error(), Error::NotFound);
}

TEST_F(VirtioTest, DevicesLeaveThatNoDriverUses) {
    ASSERT_TRUE(slots.put(0, disk()));
    write(status, acknowledge);
    EXPECT_TRUE(slots.put(0, {})) << "Linux says so before a driver comes, and after it has gone";
    ASSERT_TRUE(slots.put(0, disk()));
    EXPECT_EQ(read(status), 0U);
    accept(virtio::version_1 | virtio::access_platform);
    EXPECT_EQ(slots.put(0, {}).error(), Error::Busy) << "a driver sets it up";
    write(status, acknowledge | driver | features_ok | 128);
    EXPECT_TRUE(slots.put(0, {})) << "it has given up";
    ASSERT_TRUE(slots.put(0, disk()));
    start_driver();
    write(status, acknowledge | driver | features_ok | driver_ok | 128);
    EXPECT_EQ(slots.put(0, {}).error(), Error::Busy) << "too late: the backend has its queues";
}

TEST_F(VirtioTest, RefusesDevicesThatCannotBe) {
    const auto result = [&](auto change) {
        virtio::Device device = disk();
        change(device);
        const Result<void> put = slots.put(0, device);
        return put ? Error::NotFound : put.error();
    };
    using Device = virtio::Device;
    EXPECT_EQ(result([](Device& device) { device.queues = 0; }), Error::OutOfRange);
    EXPECT_EQ(result([](Device& device) { device.queues = 33; }), Error::OutOfRange);
    EXPECT_EQ(result([](Device& device) { device.queue_size = 0; }), Error::OutOfRange);
    EXPECT_EQ(result([](Device& device) { device.queue_size = 3; }), Error::OutOfRange);
    EXPECT_EQ(result([](Device& device) { device.queue_size = 2048; }), Error::OutOfRange);
    EXPECT_EQ(result([](Device& device) { device.config_size = 257; }), Error::OutOfRange);
    for (const unsigned bit : {30U, 37U, 38U, 39U, 40U, 41U}) {
        EXPECT_EQ(result([bit](Device& device) { device.features |= u64{1} << bit; }), Error::OutOfRange) << bit;
    }
    EXPECT_FALSE(slots.has_devices());
    EXPECT_EQ(result([](Device& device) { device.features |= u64{3} << 32; }), Error::NotFound) << "is taken";
}

TEST_F(VirtioTest, AccessesOfOtherSizesDoNothing) {
    ASSERT_TRUE(slots.put(0, disk()));
    start_driver();
    for (const u8 size : {u8{1}, u8{2}, u8{8}}) {
        EXPECT_EQ(read(0, 0, size), 0U);
        EXPECT_EQ(write(status, 0, 0, size), MmioOutcome::Done);
    }
    EXPECT_EQ(read(status), 15U);
}

} // namespace
} // namespace trv::vdev
