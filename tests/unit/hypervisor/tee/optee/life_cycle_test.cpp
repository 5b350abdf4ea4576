// SPDX-License-Identifier: Apache-2.0
// VMs are let in to OP-TEE, and go.

#include "tee/optee/tables/policy.hpp"
#include "tee_test.hpp"

namespace trv::tee::optee {
namespace {

using LifeCycle = TeeTest;

TEST(Probe, WhatMustBeThere) {
    const auto start = [](auto configure) {
        TeeMachine machine;
        configure(machine.optee);
        const Result<void> started = machine.mediator.start(machine_arena, machine.table);
        GuestVm guest(machine, 0);
        EXPECT_EQ(machine.mediator.admit({}, guest, nullptr).has_value(), started.has_value());
        EXPECT_EQ(machine.optee.violation, started ? "" : machine.optee.violation);
        return started;
    };
    EXPECT_EQ(start([](FakeOptee& optee) { optee.present = false; }).error(), Error::NotFound);
    EXPECT_EQ(start([](FakeOptee& optee) { optee.virtualized_build = false; }).error(), Error::Unsupported);
    EXPECT_EQ(start([](FakeOptee& optee) { optee.capabilities &= ~abi::CapDynamicShm; }).error(), Error::Unsupported);
    EXPECT_EQ(start([](FakeOptee& optee) { optee.capabilities &= ~abi::CapRpcArg; }).error(), Error::Unsupported);
    EXPECT_TRUE(start([](FakeOptee& optee) { optee.threads = 300; }));
    EXPECT_TRUE(start([](FakeOptee&) {}));
    TeeMachine machine;
    EXPECT_EQ(machine.mediator.start({machine_arena.base + 8, 2 * MiB}, machine.table).error(), Error::Misaligned);
    EXPECT_EQ(machine.mediator.start({machine_arena.base, page_size}, machine.table).error(), Error::OutOfRange);
}

TEST_F(LifeCycle, PartitionsAreFew) {
    admit(beta, {});
    GuestVm third(machine, 2);
    EXPECT_EQ(machine.mediator.admit({}, third, nullptr).error(), Error::TooMany);
    EXPECT_NE(alpha.partition->id(), beta.partition->id());
    beta.partition.reset();
    admit(third, {});
    GuestDriver other(third);
    EXPECT_EQ(other.register_pages(1, GuestDriver::page(40), 1), 0U);
}

TEST_F(LifeCycle, QuotasBeyondWhatOpteeBears) {
    const auto admitted = [&](auto set) {
        PartitionConfig config;
        set(config.quotas);
        const Result<Unique<Partition>> partition = machine.mediator.admit(config, beta, nullptr);
        return partition ? Error::Busy : partition.error();
    };
    EXPECT_EQ(admitted([](Quotas& quotas) { quotas.core_mapped_pages = 1281; }), Error::Invalid) << "its core panics";
    EXPECT_EQ(admitted([](Quotas& quotas) { quotas.pinned_pages = Quotas::most_pinned_pages + 1; }), Error::Invalid);
    EXPECT_EQ(admitted([](Quotas& quotas) { quotas.buffers = Quotas::most_buffers + 1; }), Error::Invalid);
}

TEST_F(LifeCycle, ThousandTimes) {
    const u64 free_frames = machine.pool.free_frames();
    for (int i = 0; i < 1000; ++i) {
        admit(beta, {});
        GuestDriver other(beta);
        other.probe();
        const u32 session = other.open(hello);
        EXPECT_EQ(other.call_registered({1, {{msg::ValueInOut, 42, 0, 0}}, session}), abi::Ok);
        beta.partition.reset();
        EXPECT_EQ(beta.pins(), 0U);
    }
    EXPECT_EQ(machine.pool.free_frames(), free_frames);
}

TEST_F(LifeCycle, Policy) {
    PartitionConfig config;
    config.quotas.sessions = 2;
    ASSERT_TRUE(config.policy.deny.push_back(hello));
    ASSERT_TRUE(config.policy.allow.push_back(stats_pta));
    admit(beta, config);
    GuestDriver other(beta);
    other.probe();
    const auto open = [&](const Uuid& uuid) {
        EXPECT_EQ(other.call_registered(GuestDriver::open_message(uuid)), abi::Ok);
        return other.header(GuestDriver::registered).ret;
    };
    EXPECT_EQ(open(hello), access_denied);
    EXPECT_EQ(other.header(GuestDriver::registered).ret_origin, 3U);
    EXPECT_EQ(other.header(GuestDriver::registered).session, 0U);
    EXPECT_EQ(open(invoke_tests_pta), access_denied);
    EXPECT_EQ(open(stats_pta), 0U);
    optee().next_ret = 0xffff'0008;
    EXPECT_EQ(open(Uuid()), 0xffff'0008);
    EXPECT_EQ(beta.partition->usage().sessions, 1U) << "learnt only on success";
    EXPECT_EQ(open(Uuid()), 0U);
    EXPECT_EQ(open(Uuid()), out_of_memory) << "max_sessions";
    EXPECT_EQ(other.call_registered({2, {}, 1}), abi::Ok);
    EXPECT_EQ(open(Uuid()), 0U);
}

TEST(Policies, Order) {
    PolicyConfig policy;
    EXPECT_EQ(judge(policy, hello), Verdict::Allow);
    EXPECT_EQ(judge(policy, stats_pta), Verdict::Deny);
    policy.otherwise = Verdict::Deny;
    EXPECT_EQ(judge(policy, hello), Verdict::Deny);
    ASSERT_TRUE(policy.allow.push_back(hello));
    EXPECT_EQ(judge(policy, hello), Verdict::Allow);
    ASSERT_TRUE(policy.deny.push_back(hello));
    EXPECT_EQ(judge(policy, hello), Verdict::Deny);
    const auto text = hello.text();
    EXPECT_EQ(std::string_view(text.data(), text.size()), "8aaaf200-2450-11e4-abe2-0002a5d5c51b");
}

} // namespace
} // namespace trv::tee::optee
