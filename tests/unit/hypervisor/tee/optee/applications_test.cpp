// SPDX-License-Identifier: Apache-2.0
// Which applications OP-TEE fetches from a VM, and which it must not.

#include "tee/optee/tables/policy.hpp"
#include "tee_test.hpp"

namespace trv::tee::optee {
namespace {

class Fetching : public TeeTest {
  protected:
    void SetUp() override {
        PartitionConfig config;
        ASSERT_TRUE(config.policy.deny.push_back(denied));
        start(config);
        driver.probe();
    }
    static constexpr Uuid denied = Uuid::from_fields(0xdead, 1, 2, 3);
};

TEST_F(Fetching, NamesOfWhatIsNotThereTakeNoPlace) {
    driver.on_command = [&](Ipa at) { driver.header(at).ret = 0; }; // the directory of secure storage exists
    u32 seen = ~u32{0};
    const auto open = [&](u32 number) {
        optee().next_script = {
            FakeOptee::command(msg::rpc::Fs, {}, [&](FakeOptee::Thread& thread) { seen = thread.rpc_header().ret; })};
        optee().next_ret = static_cast<u32>(TeeResult::ItemNotFound);
        optee().next_origin = msg::origin_tee;
        EXPECT_EQ(driver.call_registered(GuestDriver::open_message(Uuid::from_fields(number, 1, 2, 3))), abi::Ok);
        return seen;
    };
    for (u32 number = 1; number <= 3 * Applications::most; ++number) {
        ASSERT_EQ(open(number), 0U) << "the supplicant's answer to request " << number;
    }
    while (!alpha.partition->end_step()) {
    }
    EXPECT_EQ(alpha.partition->usage().kept_applications, 0U);
}

TEST_F(Fetching, OneThatIsDeniedIsNotLoadedForAnother) {
    optee().applications[hello] = false;
    const u32 session = driver.open(hello);
    for (const Uuid& other : {denied, stats_pta, Uuid::from_fields(7, 7, 7, 7)}) {
        driver.commands.clear();
        u32 seen = 0;
        optee().next_script = {FakeOptee::load(other)};
        optee().next_script.front().answered = [&](FakeOptee::Thread& thread) { seen = thread.rpc_header().ret; };
        EXPECT_EQ(driver.call_registered({1, {}, session}), abi::Ok);
        const bool allowed = other == Uuid::from_fields(7, 7, 7, 7);
        EXPECT_EQ(seen, allowed ? 0U : static_cast<u32>(TeeResult::ItemNotFound));
        EXPECT_EQ(driver.commands.size(), allowed ? 1U : 0U) << "whether the supplicant was asked";
    }
    EXPECT_EQ(refused(Refusal::Policy), 2U);
}

class KeptApplications : public TeeTest {
  protected:
    void SetUp() override {
        ASSERT_TRUE(machine.mediator.start(machine_arena, machine.table, {.address_spaces = 14, .vms = 2}));
        admit(alpha, {}); // three are its own, and six common
        admit(beta, {});
        driver.probe();
        other.probe();
    }
    static constexpr Uuid named(u32 number) { return Uuid::from_fields(number, 7, 7, 7); }
    /// @return whether it could be opened
    static bool open_and_close(GuestDriver& guest, const Uuid& uuid) {
        if (guest.call_registered(GuestDriver::open_message(uuid)) != abi::Ok) {
            return false;
        }
        if (guest.header(GuestDriver::registered).ret != 0) {
            EXPECT_EQ(guest.header(GuestDriver::registered).ret, out_of_memory);
            return false;
        }
        const u32 session = guest.header(GuestDriver::registered).session;
        EXPECT_EQ(guest.call_registered({static_cast<u32>(msg::Command::CloseSession), {}, session}), abi::Ok);
        return true;
    }
    std::size_t loaded(const GuestVm& vm) { return optee().partitions.at(vm.partition->id()).loaded.size(); }

    GuestDriver other{beta};
};

TEST_F(KeptApplications, CountAlthoughTheyHaveNoSession) {
    for (u32 number = 0; number < 30; ++number) {
        optee().applications[named(number)] = true;
    }
    u32 opened = 0;
    while (opened < 30 && open_and_close(driver, named(opened))) {
        ++opened;
    }
    EXPECT_EQ(opened, 9U);
    EXPECT_EQ(loaded(alpha), 9U);
    for (u32 number = 10; number < 13; ++number) {
        EXPECT_TRUE(open_and_close(other, named(number))) << "beta's part is beta's";
    }
    EXPECT_FALSE(open_and_close(other, named(13)));
    EXPECT_FALSE(open_and_close(driver, named(9)));
    EXPECT_TRUE(open_and_close(driver, named(3))) << "of what is loaded";
    while (!alpha.partition->end_step()) {
    }
    EXPECT_EQ(alpha.partition->usage().kept_applications, 9U);
}

TEST_F(KeptApplications, AreNotThoseThatOpteeUnloads) {
    for (u32 number = 0; number < 200; ++number) {
        optee().applications[named(number)] = false;
        ASSERT_TRUE(open_and_close(driver, named(number))) << number;
        ASSERT_EQ(loaded(alpha), 0U);
    }
    while (!alpha.partition->end_step()) {
    }
    EXPECT_EQ(alpha.partition->usage().kept_applications, 0U);
}

TEST_F(KeptApplications, CountUntilTheyAreUnloaded) {
    for (u32 number = 0; number < 10; ++number) {
        optee().applications[named(number)] = true;
        EXPECT_EQ(open_and_close(driver, named(number)), number != 9);
    }
    optee().partitions.at(alpha.partition->id()).loaded.clear(); // as an application that another one had open
    EXPECT_TRUE(open_and_close(driver, named(9))) << "before the call, the mediator looked";
}

TEST_F(KeptApplications, AreLookedForByNoVmThatIsWithinItsPart) {
    optee().applications[hello] = true;
    (void)entries();
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(open_and_close(driver, hello));
    }
    EXPECT_EQ(entries(), 20U + 1U) << "to open it, to close it, and the file";
}

} // namespace
} // namespace trv::tee::optee
