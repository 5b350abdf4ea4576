// SPDX-License-Identifier: Apache-2.0
#include "host/manager/manager.hpp"
#include "host/manager/tee_device.hpp"
#include "tests/unit/host/fake_machine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trv::host::manager {
namespace {

using contract::manager::Image;
using testing::ElementsAre;
using testing::HasSubstr;

class ManagerClient : public testing::Test {
  protected:
    FakeMachine machine_;
    Manager manager_ = *machine_.connect()();
};

TEST_F(ManagerClient, LoadsImagesInPieces) {
    const auto vm = manager_.create("a", "not a tree", Lifetime::Session);
    ASSERT_TRUE(vm);
    const std::string image(contract::manager::largest_piece + 5, 'k');
    ASSERT_TRUE(manager_.load("a", *vm, Image::Kernel, image));
    EXPECT_THAT(machine_.loaded, ElementsAre(contract::manager::largest_piece, 5));
    EXPECT_EQ(machine_.vms.front().images.at(Image::Kernel), image);
    EXPECT_FALSE(machine_.vms.front().persistent);
    EXPECT_TRUE(manager_.start("a", *vm));
    EXPECT_EQ(machine_.vms.front().state, "running");
}

TEST_F(ManagerClient, SaysWhyTheHypervisorRefuses) {
    machine_.refusal = "no memory is left";
    const auto vm = manager_.create("a", "", Lifetime::Persistent);
    ASSERT_FALSE(vm);
    EXPECT_EQ(to_string(vm.error()), "VM a: create: no memory is left");
    EXPECT_THAT(to_string(manager_.start("a", {.handle = 7}).error()), HasSubstr("no such VM"));
}

TEST_F(ManagerClient, ReadsChannelsThatHaveSomething) {
    EXPECT_EQ(manager_.waiter().wait(~0ULL, 1).value(), 0U);
    machine_.put(4, "words");
    EXPECT_EQ(manager_.waiter().wait(~0ULL, 1000).value(), bit_of(4));
    EXPECT_EQ(manager_.waiter().wait(bit_of(5), 1).value(), 0U);
    EXPECT_EQ(manager_.read(4)->bytes, "words");
    EXPECT_EQ(manager_.read(4)->bytes, "");
    EXPECT_EQ(manager_.write(4, "keys").value(), 4U);
    EXPECT_EQ(machine_.written[4], "keys");
}

TEST_F(ManagerClient, RepliesOfTheMonitorAreObjects) {
    EXPECT_EQ(manager_.monitor("list").value()["ok"], true);
    EXPECT_EQ(manager_.monitor("pause a").value()["error"], "no such VM");
}

TEST(Manager, RefusesAnotherVersion) {
    FakeMachine machine;
    machine.version = 2;
    const auto manager = machine.connect()();
    ASSERT_FALSE(manager);
    EXPECT_THAT(to_string(manager.error()), HasSubstr("speaks version 2"));
}

TEST(TeeDevice, SaysWhatIsMissing) {
    const auto none = TeeDevice::open("/nowhere/tee0");
    ASSERT_FALSE(none);
    EXPECT_THAT(to_string(none.error()), HasSubstr("modprobe optee"));
}

TEST(TeeDevice, FindsItsGroup) {
    const std::string groups = "root:x:0:\ntrivisors:x:7:\ntrivisor:x:994:ann,bob\n";
    EXPECT_EQ(group_in(groups, "trivisor"), 994U);
    EXPECT_FALSE(group_in(groups, "bob"));
    EXPECT_FALSE(group_in("trivisor", "trivisor"));
    EXPECT_FALSE(group_in("trivisor:x::", "trivisor"));
}

} // namespace
} // namespace trv::host::manager
