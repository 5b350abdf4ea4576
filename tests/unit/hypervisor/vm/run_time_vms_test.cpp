// SPDX-License-Identifier: Apache-2.0
// VMs that are made at run time from descriptions that were not in the boot tree.

#include "../dts.hpp"
#include "lib/psci.hpp"
#include "machine/vm_parser.hpp"
#include "vm_machine.hpp"

#include <gmock/gmock.h>

namespace trv::vm {
namespace {

using testing::HasSubstr;

class RunTimeVms : public VmTest {
  public:
    RunTimeVms() {
        describe_on(0, "host");
        boot_and_load();
        (void)hardware.ram.push_back(ram_range);
        for (u64 mpidr = 0; mpidr < cpu_count; ++mpidr) {
            (void)hardware.cpus.push_back({.mpidr = mpidr, .psci = true});
        }
    }
    /// From a tree of its own, which is gone when this returns.
    Unique<machine::VmConfig> config(const std::string& label, const std::string& more = {}) {
        test::Dts dts("/ { vm@0 { compatible = \"trivisor,vm\"; label = \"" + label +
                      "\"; memory-size = /bits/ 64 <0x1000000>; vcpus = <1>; "
                      "kernel = /bits/ 64 <0x87800000 0x300000>; bootargs = \"quiet\"; " +
                      more + "}; };");
        const DeviceTree tree = dts.tree();
        const DeviceNode node = *tree.root().child("vm");
        const machine::ImagesInRam images(hardware);
        machine::VmParser parser(node, hardware, images, problems);
        const auto description = parser.parse();
        if (!description) {
            ADD_FAILURE() << parser.refused().reason();
            return {};
        }
        return std::move(*machine::VmConfig::copy_of(*description));
    }
    void destroy(std::string_view label) {
        vm(label).request_stop(StopReason::Destroyed);
        settle();
    }

    machine::Machine hardware;
    machine::Problems problems;
};
static_assert(VmTest::kernel_file == PaRange{Pa(0x8780'0000), 0x30'0000}, "the tree above says so");

TEST_F(RunTimeVms, RunBesideThoseOfTheBootTree) {
    ASSERT_TRUE(manager->create(config("guest", "cap = <50>;")));
    settle();
    Vm& guest = vm("guest");
    EXPECT_EQ(guest.state(), VmState::Running);
    EXPECT_EQ(guest.index(), 1U) << "the first free number";
    EXPECT_EQ(guest.description().cap, 50U);
    EXPECT_EQ(guest.description().bootargs, "quiet");
    EXPECT_EQ(guest.vcpu(0).registers().pc, guest::ram_base.value);
    EXPECT_EQ(vm("host").state(), VmState::Running);
    EXPECT_THAT(events(), HasSubstr("\"vm-running\""));
}

TEST_F(RunTimeVms, CanBeStartedAgainUntilTheyAreForgotten) {
    ASSERT_TRUE(manager->create(config("guest")));
    settle();
    EXPECT_EQ(manager->forget("guest").error(), Error::Busy);
    destroy("guest");
    ASSERT_TRUE(manager->start("guest"));
    settle();
    EXPECT_EQ(vm("guest").description().bootargs, "quiet");
    EXPECT_EQ(manager->start("guest").error(), Error::Busy);
    destroy("guest");
    ASSERT_TRUE(manager->forget("guest"));
    EXPECT_EQ(manager->start("guest").error(), Error::NotFound);
    EXPECT_EQ(manager->forget("guest").error(), Error::NotFound);
}

TEST_F(RunTimeVms, LeaveNothingBehindHoweverOften) {
    const Balance before = balance();
    const u64 objects = memory.heap.objects();
    std::vector<unsigned> numbers;
    for (unsigned cycle = 0; cycle < 20; ++cycle) {
        ASSERT_TRUE(manager->create(config("guest")));
        settle();
        numbers.push_back(vm("guest").index());
        ASSERT_TRUE(vm("guest").memory().memory_at(guest::ram_base + 12 * MiB));
        destroy("guest");
        ASSERT_TRUE(manager->forget("guest"));
        EXPECT_EQ(balance(), before);
        EXPECT_EQ(memory.heap.objects(), objects);
    }
    EXPECT_NE(numbers[0], numbers[1]) << "a number rests as long as possible";
    EXPECT_EQ(numbers[0], numbers[max_vms - 1]);
}

TEST_F(RunTimeVms, HaveNamesOfTheirOwn) {
    EXPECT_EQ(manager->create(config("host")).error(), Error::Busy);
    ASSERT_TRUE(manager->create(config("guest")));
    EXPECT_EQ(manager->create(config("guest")).error(), Error::Busy);
    settle();
    destroy("guest");
    EXPECT_EQ(manager->create(config("guest")).error(), Error::Busy) << "its description is still there";
}

TEST_F(RunTimeVms, AreAsManyAsTheTableHolds) {
    for (unsigned i = 1; i < max_vms; ++i) {
        ASSERT_TRUE(manager->add(config("vm-" + std::to_string(i)), Manager::Number::Any));
    }
    EXPECT_EQ(manager->create(config("late")).error(), Error::TooMany);
    ASSERT_TRUE(manager->forget("vm-7"));
    ASSERT_TRUE(manager->create(config("late")));
    settle();
    EXPECT_EQ(vm("late").index(), 7U);
}

TEST_F(RunTimeVms, ThatCannotBeCreatedAreForgotten) {
    const Balance before = balance();
    EXPECT_EQ(manager->create(config("outside", "ramdisk = /bits/ 64 <0x80800000 0x1000>;")).error(), Error::NotOwned);
    EXPECT_EQ(manager->forget("outside").error(), Error::NotFound);
    EXPECT_THAT(events(), HasSubstr("\"vm-refused\""));
    EXPECT_EQ(balance(), before);
}

TEST_F(RunTimeVms, KeepTheirNumberThroughReboots) {
    ASSERT_TRUE(manager->create(config("guest")));
    settle();
    const unsigned number = vm("guest").index();
    vm("guest").request_stop(StopReason::Reset);
    settle();
    EXPECT_EQ(vm("guest").index(), number);
    EXPECT_EQ(memory.frames.frames_of(memory::vm_owner(number)), 16 * MiB / page_size + 1);
}

TEST(VmIds, AreLeases) {
    VmIdPool pool;
    VmId three = *pool.lease(3);
    EXPECT_EQ(three.number(), 3U);
    EXPECT_EQ(pool.lease(3).error(), Error::Busy);
    const VmId moved = std::move(three);
    EXPECT_FALSE(three);
    EXPECT_EQ(pool.lease(3).error(), Error::Busy) << "it goes with its lease";
    std::vector<VmId> others;
    for (unsigned i = 1; i < max_vms; ++i) {
        others.push_back(*pool.lease());
        EXPECT_NE(others.back().number(), 3U);
    }
    EXPECT_EQ(pool.lease().error(), Error::TooMany);
    const unsigned returned = others.back().number();
    others.pop_back();
    EXPECT_EQ(pool.lease()->number(), returned);
}

TEST(VmConfigs, OwnWhatTheyName) {
    std::string label = "alpha";
    std::string bootargs = "console=ttyAMA0";
    std::vector<u8> rules(2 * contract::uuid_size, 0xab);
    machine::VmDescription description;
    description.label = label;
    description.bootargs = bootargs;
    description.tee.emplace().deny = rules;
    Unique<machine::VmConfig> config = std::move(*machine::VmConfig::copy_of(description));
    label.assign(label.size(), 'x');
    bootargs.assign(bootargs.size(), 'x');
    rules.assign(rules.size(), 0);
    EXPECT_EQ(config->label(), "alpha");
    EXPECT_EQ(config->description().bootargs, "console=ttyAMA0");
    ASSERT_EQ(config->description().tee->deny.size(), 2 * contract::uuid_size);
    EXPECT_EQ(config->description().tee->deny[17], 0xab);
    EXPECT_TRUE(config->description().tee->allow.empty());
}

} // namespace
} // namespace trv::vm
