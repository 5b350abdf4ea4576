// SPDX-License-Identifier: Apache-2.0
// Calls that are answered at EL2.

#include "lib/device_tree/device_tree.hpp"
#include "tee_test.hpp"

namespace trv::tee::optee {
namespace {

using FastCalls = TeeTest;
using Answer = std::array<u64, 4>;

constexpr u64 junk = 0xdead'beef'0000'0000;

TEST_F(FastCalls, AnswersByIdentifier) {
    const auto caps = abi::CapDynamicShm | abi::CapMemrefNull | abi::CapAsyncNotif | abi::CapRpcArg;
    entries();
    EXPECT_EQ(alpha.smc(abi::CallsCount)[0], 16U);
    EXPECT_EQ(alpha.smc(junk | abi::CallsUid), (Answer{0x384f'b3e0, 0xe7f8'11e3, 0xaf63'0002, 0xa5d5'c51b}));
    EXPECT_EQ(alpha.smc(abi::CallsRevision), (Answer{2, 0, 0, 0}));
    EXPECT_EQ(alpha.smc(abi::GetOsUuid), (Answer{0x4861'78e0, 0xe7f8'11e3, 0xbc5e'0002, 0xa5d5'c51b}));
    EXPECT_EQ(alpha.smc(abi::GetOsRevision), (Answer{4, 5, 0x1234, 0}));
    EXPECT_EQ(alpha.smc(abi::GetShmConfig), (Answer{abi::ENotAvail, 0, 0, 0}));
    EXPECT_EQ(alpha.smc(junk | abi::ExchangeCapabilities, junk), (Answer{0, caps, 66, 4}));
    EXPECT_EQ(alpha.smc(abi::ExchangeCapabilities, abi::NsecUniprocessor)[0], abi::Ok);
    EXPECT_EQ(alpha.smc(abi::GetThreadCount), (Answer{0, 2, 0, 0}));
    EXPECT_EQ(alpha.smc(abi::EnableShmCache)[0], abi::Ok);
    EXPECT_EQ(alpha.smc(abi::DisableShmCache)[0], abi::ENotAvail);
    EXPECT_EQ(entries(), 0U) << "none of them leaves EL2";
}

TEST_F(FastCalls, UnknownNormalWorldCapabilities) {
    for (unsigned bit = 1; bit < 32; ++bit) {
        EXPECT_EQ(alpha.smc(abi::ExchangeCapabilities, u64{1} << bit)[0], abi::ENotAvail) << bit;
    }
}

TEST_F(FastCalls, PrivateAndUnknownIdentifiersAreRefused) {
    entries();
    for (const u32 function : {0xb200'0008U, 0xb200'000cU, abi::VmCreated, abi::VmDestroyed, 0xb200'0014U, 0xbf00'0002U,
                               0xb200'0012U, 0xf200'0009U, 0xff00'ff01U, 0x3200'0000U, 0x3200'0005U, 0x7200'0004U,
                               0xbf00'ff02U, 0xffff'ffffU, 0xb300'0000U, 0x3300'0004U}) {
        EXPECT_EQ(alpha.smc(function, 2)[0], 0xffff'ffffU) << std::hex << function;
    }
    EXPECT_EQ(entries(), 0U);
    EXPECT_EQ(refused(Refusal::UnknownFunction), 16U);
    EXPECT_TRUE(Mediator::claims(abi::VmCreated));
    EXPECT_TRUE(Mediator::claims(abi::CallsUid));
    EXPECT_TRUE(Mediator::claims(abi::CallWithArg));
    EXPECT_FALSE(Mediator::claims(0x8400'0000));
    EXPECT_FALSE(Mediator::claims(0x8200'3d06));
}

TEST_F(FastCalls, WithoutAnInterruptThereAreNoNotifications) {
    admit(beta, {}, false);
    EXPECT_EQ(beta.smc(abi::ExchangeCapabilities)[1] & abi::CapAsyncNotif, 0U);
    EXPECT_EQ(beta.smc(abi::ExchangeCapabilities)[2], 0U);
    EXPECT_EQ(beta.smc(abi::EnableAsyncNotif)[0], 0xffff'ffffU);
    EXPECT_EQ(beta.smc(abi::GetAsyncNotifValue)[0], 0xffff'ffffU);
    GuestDriver other(beta);
    EXPECT_EQ(other.call({6, {}}), abi::EBadCmd);
    EXPECT_EQ(other.call({7, {}}), abi::EBadCmd);
}

TEST_F(FastCalls, TheGuestsTreeNamesTheInterruptOfNotifications) {
    admit(beta, {}, false);
    for (const Partition* const partition : {alpha.partition.get(), beta.partition.get()}) {
        alignas(8) std::array<u8, 1024> buffer{};
        TreeWriter writer(buffer);
        writer.begin("");
        partition->describe(writer);
        writer.end();
        const DeviceTree tree = DeviceTree::open(std::span(buffer).first(writer.finish().value())).value();
        const DeviceNode node = tree.find("/optee").value();
        EXPECT_TRUE(node.is_compatible("linaro,optee-tz"));
        EXPECT_EQ(node.text_property("method"), "smc");
        ASSERT_EQ(node.has("interrupts"), partition == alpha.partition.get());
        if (node.has("interrupts")) {
            EXPECT_EQ(node.property("interrupts").value().cell(1), alpha.intid().value - 32);
            EXPECT_EQ(node.property("interrupts").value().cell(2), 1U) << "an edge";
        }
    }
}

TEST_F(FastCalls, Notifications) {
    admit(beta, {});
    machine.mediator.notification_interrupt();
    EXPECT_EQ(alpha.edges, 0U) << "they are not enabled";
    EXPECT_EQ(alpha.smc(abi::EnableAsyncNotif)[0], abi::Ok);
    EXPECT_EQ(alpha.smc(abi::EnableAsyncNotif)[0], abi::Ok);
    FakeOptee::Partition& partition = optee().partitions.at(alpha.partition->id());
    FakeOptee::Partition& other = optee().partitions.at(beta.partition->id());
    partition.pending = 1 | u64{1} << 63 | u64{1} << 5;
    other.pending = 1;
    machine.mediator.notification_interrupt();
    EXPECT_EQ(alpha.edges, 1U);
    EXPECT_EQ(beta.edges, 0U);
    EXPECT_EQ(other.pending, 1U) << "beta is not asked for";
    EXPECT_EQ(alpha.smc(abi::GetAsyncNotifValue), (Answer{0, 0, 3, 0}));
    EXPECT_EQ(alpha.smc(abi::GetAsyncNotifValue), (Answer{0, 5, 3, 0}));
    EXPECT_EQ(alpha.smc(abi::GetAsyncNotifValue), (Answer{0, 63, 1, 0}));
    EXPECT_EQ(alpha.smc(abi::GetAsyncNotifValue), (Answer{0, 0, 0, 0}));
    machine.mediator.notification_interrupt();
    EXPECT_EQ(alpha.edges, 1U) << "an interrupt without values is somebody else's";

    partition.pending = 2;
    machine.mediator.notification_interrupt();
    EXPECT_EQ(driver.call({7, {}}), abi::Ok);
    EXPECT_FALSE(partition.notifications);
    EXPECT_EQ(alpha.smc(abi::GetAsyncNotifValue)[2], 0U) << "STOP ends it";
    partition.pending = 2;
    machine.mediator.notification_interrupt();
    EXPECT_EQ(alpha.edges, 2U);
    EXPECT_EQ(alpha.smc(abi::EnableAsyncNotif)[0], abi::Ok);
    EXPECT_TRUE(partition.notifications);
    machine.mediator.notification_interrupt();
    EXPECT_EQ(alpha.smc(abi::GetAsyncNotifValue), (Answer{0, 1, 1, 0}));
}

} // namespace
} // namespace trv::tee::optee
