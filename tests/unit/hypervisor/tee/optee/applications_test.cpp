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

} // namespace
} // namespace trv::tee::optee
