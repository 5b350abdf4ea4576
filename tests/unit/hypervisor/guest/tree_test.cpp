// SPDX-License-Identifier: Apache-2.0
#include "console/wire/multiplexer.hpp"
#include "guest/layout.hpp"
#include "guest/tree.hpp"
#include "irqchip/chip.hpp"
#include "lib/device_tree/device_tree.hpp"
#include "vm/devices.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace trv::guest {
namespace {

/// What a virtual GIC and devices need of a VM.
class NoVm final : public vdev::VcpuWaker, public vdev::HardwareInput, public vdev::DeferredExits {
  public:
    void wake(unsigned) override {}
    [[nodiscard]] bool is_asserted(unsigned, IntId) override { return false; }
    [[nodiscard]] vdev::Ticket defer(unsigned) override { return {}; }
    bool complete(vdev::Ticket, u64) override { return false; }
};

class GuestTree : public testing::Test {
  protected:
    Result<std::size_t> write(std::span<u8> buffer) {
        irqchip::FakeVirtualInterface interface;
        irqchip::FakeVirtualInterface::current = &interface;
        NoVm vm;
        vdev::VGic gic(vm, vm, std::clamp(input_.vcpus, 1U, max_vcpus), *vdev::VGic::make_spis(0));
        irqchip::FakeVirtualInterface::current = nullptr;
        vm::Devices devices(gic, vm);
        const machine::VmDescription description{};
        EXPECT_TRUE(devices.create({description, multiplexer_, wall_clock_, usual_layout}));
        return build_tree(buffer, input_, [&devices](TreeWriter& tree) {
            devices.for_each([&tree](const vdev::Device& device) { device.describe(tree); });
        });
    }
    void build() {
        const auto size = write(buffer_);
        ASSERT_TRUE(size);
        EXPECT_LE(*size, tree_room);
        const auto tree = DeviceTree::open(std::span(buffer_).first(*size));
        ASSERT_TRUE(tree);
        tree_ = *tree;
    }
    [[nodiscard]] DeviceNode at(std::string_view path) const {
        const auto node = tree_->find(path);
        EXPECT_TRUE(node) << path;
        return node.value_or(tree_->root());
    }
    [[nodiscard]] u32 cell(std::string_view path, const char* property, std::size_t index) const {
        return at(path).property(property).value().cell(index).value();
    }

    GuestTree() {
        input_.bootargs = "console=ttyAMA0 quiet";
        input_.ram = std::span(&ram_, 1);
        input_.ramdisk = IpaRange{Ipa(0x4300'0000), 0x70'0000};
        input_.vcpus = 2;
        input_.mpidr = {0, 1};
    }

    static constexpr IpaRange ram_{ram_base, 512 * MiB};
    TreeInput input_;
    std::optional<WallClock> wall_clock_;
    console::Multiplexer multiplexer_;
    std::optional<DeviceTree> tree_;
    alignas(8) std::array<u8, tree_room> buffer_{};
};

TEST_F(GuestTree, DescribesMemoryAndBoot) {
    build();
    EXPECT_EQ(at("/memory").reg(tree_->root(), 0), (PaRange{Pa(0x4000'0000), 512 * MiB}));
    EXPECT_EQ(at("/chosen").text_property("bootargs"), "console=ttyAMA0 quiet");
    EXPECT_EQ(at("/chosen").u64_property("linux,initrd-start"), 0x4300'0000U);
    EXPECT_EQ(at("/chosen").u64_property("linux,initrd-end"), 0x4370'0000U);
    EXPECT_EQ(at("/chosen").text_property("stdout-path"), "serial0:115200n8");
    EXPECT_TRUE(tree_->root().is_compatible("trivisor,vm"));
    EXPECT_TRUE(tree_->root().is_compatible("linux,dummy-virt"));
}

TEST_F(GuestTree, LeavesOutWhatIsNotGiven) {
    input_.bootargs = {};
    input_.ramdisk.reset();
    build();
    for (const char* property : {"bootargs", "linux,initrd-start", "linux,initrd-end", "rng-seed"}) {
        EXPECT_FALSE(at("/chosen").has(property)) << property;
    }
    EXPECT_FALSE(tree_->find("/firmware"));
}

TEST_F(GuestTree, CarriesASeed) {
    const std::array<u8, 3> seed = {1, 2, 3};
    input_.rng_seed = seed;
    build();
    EXPECT_EQ(at("/chosen").property("rng-seed")->size(), 3U);
}

TEST_F(GuestTree, DescribesEveryCpu) {
    input_.vcpus = max_vcpus;
    for (unsigned i = 0; i < max_vcpus; ++i) {
        input_.mpidr[i] = u64{i} << 32 | i;
    }
    build();
    unsigned count = 0;
    for (const DeviceNode cpu : at("/cpus").children()) {
        EXPECT_EQ(cpu.u64_property("reg"), input_.mpidr[count]);
        EXPECT_EQ(cpu.unit_address(), input_.mpidr[count]);
        EXPECT_EQ(cpu.text_property("enable-method"), "psci");
        ++count;
    }
    EXPECT_EQ(count, max_vcpus);
    EXPECT_EQ(at("/interrupt-controller").reg(tree_->root(), 1)->size, max_vcpus * gicr_size_per_vcpu);
}

TEST_F(GuestTree, TellsTheConduitOfPsci) {
    build();
    EXPECT_EQ(at("/psci").text_property("method"), "hvc");
    EXPECT_TRUE(at("/psci").is_compatible("arm,psci-0.2"));
    input_.psci = Conduit::Smc;
    build();
    EXPECT_EQ(at("/psci").text_property("method"), "smc");
}

TEST_F(GuestTree, TellsOfPerformanceMonitorsIfThereAreAny) {
    build();
    EXPECT_FALSE(tree_->find("/pmu"));
    input_.pmu = true;
    build();
    EXPECT_TRUE(at("/pmu").is_compatible("arm,armv8-pmuv3"));
    EXPECT_EQ(cell("/pmu", "interrupts", 1), pmu_intid - first_ppi);
}

TEST_F(GuestTree, HasTwoUartsByAlias) {
    build();
    EXPECT_EQ(at("serial0").reg(tree_->root(), 0), (PaRange{Pa(console_base.value), uart_size}));
    EXPECT_EQ(at("serial1").reg(tree_->root(), 0)->base, Pa(agent_base.value));
    EXPECT_EQ(cell("serial0", "interrupts", 1), 1U);
    EXPECT_EQ(cell("serial1", "interrupts", 1), 2U);
    EXPECT_EQ(cell("serial0", "interrupts", 2), 4U);
    EXPECT_EQ(at("serial0").property("clock-names")->text(1), "apb_pclk");
    EXPECT_EQ(cell("serial0", "clocks", 1), at("/uart-clock").u32_property("phandle"));
    EXPECT_TRUE(at("serial1").is_compatible("arm,primecell"));
}

TEST_F(GuestTree, HasAClockWithoutAnAlarmWhereTheMachineHasOne) {
    build();
    EXPECT_FALSE(tree_->find("/rtc"));
    wall_clock_.emplace(0, 0, 1);
    build();
    EXPECT_TRUE(at("/rtc").is_compatible("arm,pl031"));
    EXPECT_EQ(at("/rtc").reg(tree_->root(), 0), (PaRange{Pa(rtc_base.value), rtc_size}));
    EXPECT_FALSE(at("/rtc").has("interrupts"));
    EXPECT_EQ(cell("/rtc", "clocks", 0), at("/uart-clock").u32_property("phandle"));
}

TEST_F(GuestTree, HasTimerAndInterruptController) {
    build();
    const u32 ppis[] = {13, 14, 11, 10};
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(cell("/timer", "interrupts", 3 * i), 1U);
        EXPECT_EQ(cell("/timer", "interrupts", 3 * i + 1), ppis[i]);
    }
    EXPECT_TRUE(at("/timer").has("always-on"));
    EXPECT_EQ(tree_->root().u32_property("interrupt-parent"), at("/interrupt-controller").u32_property("phandle"));
    EXPECT_EQ(at("/interrupt-controller").reg(tree_->root(), 0), (PaRange{Pa(gicd_base.value), gicd_size}));
}

TEST_F(GuestTree, FitsTheLongestBootArguments) {
    const std::string longest(2047, 'x');
    const std::array<u8, 64> seed{};
    input_.bootargs = longest;
    input_.rng_seed = seed;
    input_.vcpus = max_vcpus;
    build();
}

TEST_F(GuestTree, SaysThatTheBufferIsTooSmallAndNeverOverrunsIt) {
    for (std::size_t size = 0; size < 1500; size += 8) {
        std::vector<u64> exact(size / 8);
        const std::span<u8> bytes(reinterpret_cast<u8*>(exact.data()), size);
        EXPECT_EQ(write(bytes), fail(Error::NoMemory)) << size;
    }
}

TEST_F(GuestTree, RefusesNonsense) {
    EXPECT_EQ(write(std::span(buffer_).subspan(4)), fail(Error::Invalid));
    input_.vcpus = 0;
    EXPECT_EQ(write(buffer_), fail(Error::Invalid));
    input_.vcpus = max_vcpus + 1;
    EXPECT_EQ(write(buffer_), fail(Error::Invalid));
}

} // namespace
} // namespace trv::guest
