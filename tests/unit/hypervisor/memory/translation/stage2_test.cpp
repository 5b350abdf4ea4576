// SPDX-License-Identifier: Apache-2.0
#include "memory/physical/pin.hpp"
#include "memory/translation/stage2.hpp"
#include "tests/unit/hypervisor/memory/memory_fixture.hpp"

namespace trv::memory {
namespace {

using arch::FakeTlb;
using Kind = arch::TlbOperation::Kind;

const FrameOwner alpha = vm_owner(0);
const FrameOwner beta = vm_owner(1);
constexpr arch::TranslationLimits limits{40, 8};

class Stage2Test : public MemoryTest {
  protected:
    Stage2Test() { FakeTlb::instance().reset(); }
    Stage2 make_space(FrameOwner owner = alpha) { return *Stage2::create(pool, *vmids.lease(), owner, 36, limits); }
    VmidPool vmids;
};

TEST_F(Stage2Test, RegisterValues) {
    const Stage2 space = make_space();
    EXPECT_EQ(space.vttbr() >> 48, space.vmid());
    EXPECT_EQ(space.vttbr() & 0xfff, 0U);
    EXPECT_EQ(space.vtcr(), arch::vtcr_value(*arch::stage2_geometry(36, 40), limits));
    EXPECT_EQ(space.ipa_bits(), 36U);
    EXPECT_EQ(Stage2::create(pool, *vmids.lease(), alpha, 41, limits).error(), Error::OutOfRange);
    EXPECT_EQ(vmids.leased(), 1U) << "the lease of a space that was not made has ended";
}

TEST_F(Stage2Test, MapsOnlyTheOwnersFrames) {
    Stage2 space = make_space();
    const Frames ours = block(9, alpha);
    const Frames theirs = block(0, beta);
    const Ipa base(GiB);
    EXPECT_TRUE(space.map({base, 2 * MiB}, ours.base(), Access::ReadWriteExecute));
    EXPECT_EQ(space.map({base + GiB, page_size}, theirs.base(), Access::ReadOnly).error(), Error::NotOwned);
    EXPECT_EQ(space.map({base + GiB, 4 * MiB}, ours.base(), Access::ReadOnly).error(), Error::NotOwned);
    EXPECT_EQ(space.map({base + GiB, page_size}, table.storage().base, Access::ReadOnly).error(), Error::NotOwned);
    EXPECT_EQ(space.map({base + GiB, page_size}, Pa(0x900'0000), Access::ReadWrite).error(), Error::OutOfRange);
    EXPECT_EQ(space.map({base + GiB, page_size}, Pa(~u64{0} - 0xfff), Access::ReadWrite).error(), Error::OutOfRange);
    EXPECT_EQ(space.map({base, page_size}, ours.base(), Access::ReadOnly).error(), Error::AlreadyMapped);
    EXPECT_EQ(space.map({base, 0}, ours.base(), Access::ReadOnly).error(), Error::Invalid);
    EXPECT_EQ(space.map({Ipa(u64{1} << 36), page_size}, ours.base(), Access::ReadOnly).error(), Error::OutOfRange);
    const Stage2::Leaf leaf = *space.lookup(base + 0x1234);
    EXPECT_EQ(leaf.pa, ours.base() + 0x1234);
    EXPECT_EQ(leaf.size, 2 * MiB);
    EXPECT_EQ(leaf.remaining, 2 * MiB - 0x1234);
    EXPECT_EQ(leaf.access, Access::ReadWriteExecute);
    EXPECT_EQ(leaf.type, MemoryType::Normal);
}

TEST_F(Stage2Test, MapsDevicesThatTheVmHolds) {
    const DeviceLease uart = *devices.claim({Pa(0x900'0000), 2 * page_size}, alpha);
    const DeviceLease of_another = *devices.claim({Pa(0x910'0000), page_size}, beta);
    const DeviceLease far = *devices.claim({Pa(u64{1} << 40), page_size}, alpha);
    Stage2 space = make_space();
    const Ipa at(0xa00'0000);
    ASSERT_TRUE(space.map_device(at, uart));
    const Stage2::Leaf leaf = *space.lookup(at + page_size);
    EXPECT_EQ(leaf.pa, Pa(0x900'1000));
    EXPECT_EQ(leaf.type, MemoryType::Device);
    EXPECT_EQ(leaf.access, Access::ReadWrite);
    EXPECT_EQ(space.map_device(at, uart).error(), Error::AlreadyMapped);
    EXPECT_EQ(space.map_device(at + 1 * MiB, of_another).error(), Error::NotOwned);
    EXPECT_EQ(space.map_device(at + 1 * MiB, DeviceLease()).error(), Error::NotOwned);
    EXPECT_EQ(space.map_device(at + 1 * MiB, far).error(), Error::OutOfRange);
}

TEST_F(Stage2Test, UnmapForgetsByAddressInThisVm) {
    Stage2 space = make_space();
    const Frames ours = block(9, alpha);
    ASSERT_TRUE(space.map({Ipa(GiB), 2 * MiB}, ours.base(), Access::ReadWrite));
    FakeTlb::instance().reset();
    ASSERT_TRUE(space.unmap({Ipa(GiB) + page_size, page_size}));
    const auto& operations = FakeTlb::instance().operations;
    ASSERT_EQ(operations.size(), 2U) << "the split, then the page";
    EXPECT_EQ(operations[0], (arch::TlbOperation{Kind::Stage2, space.vttbr(), GiB, 2 * MiB}));
    EXPECT_EQ(operations[1], (arch::TlbOperation{Kind::Stage2, space.vttbr(), GiB + page_size, page_size}));
    EXPECT_EQ(space.lookup(Ipa(GiB) + page_size).error(), Error::NotMapped);
    EXPECT_EQ(space.unmap({Ipa(GiB), 2 * MiB}).error(), Error::NotMapped);
    EXPECT_TRUE(space.lookup(Ipa(GiB))) << "an unmap that fails changes nothing";
}

TEST_F(Stage2Test, DestructionForgetsTheVmBeforeItsTablesGo) {
    const Usage before = usage_of(table);
    {
        const Frames ours = block(4, alpha);
        Stage2 space = make_space();
        ASSERT_TRUE(space.map({Ipa(page_size), 16 * page_size}, ours.base(), Access::ReadWrite));
        const u64 hypervisor_frames = table.frames_of(FrameOwner::Hypervisor);
        const u64 vttbr = space.vttbr();
        bool seen = false;
        FakeTlb::instance().on_operation = [&, hypervisor_frames, vttbr](const arch::TlbOperation& operation) {
            seen = operation.kind == Kind::Vm && operation.vttbr == vttbr &&
                   table.frames_of(FrameOwner::Hypervisor) == hypervisor_frames;
        };
        {
            const Stage2 dying(std::move(space));
            EXPECT_EQ(dying.vttbr(), vttbr);
            EXPECT_TRUE(dying.lookup(Ipa(page_size)));
        }
        FakeTlb::instance().on_operation = nullptr;
        EXPECT_TRUE(seen);
    }
    EXPECT_EQ(usage_of(table), before);
    EXPECT_EQ(vmids.leased(), 0U);
}

TEST_F(Stage2Test, LookUpThenPinIsRefusedWhenTheFrameHasGone) {
    Stage2 space = make_space();
    Frames ours = block(0, alpha);
    ASSERT_TRUE(space.map({Ipa(GiB), page_size}, ours.base(), Access::ReadWrite));
    const Pa stale = space.lookup(Ipa(GiB))->pa;
    ASSERT_TRUE(space.unmap({Ipa(GiB), page_size}));
    ASSERT_TRUE(ours.give_back(page_size));
    EXPECT_EQ(Pin::take(table, stale, alpha).error(), Error::NotOwned);
}

TEST_F(Stage2Test, ManyCyclesLeaveNothing) {
    const Usage before = usage_of(table);
    for (unsigned cycle = 0; cycle < 200; ++cycle) {
        Frames memory = block(9, alpha);
        Stage2 space = make_space();
        ASSERT_TRUE(space.map({Ipa(GiB), 2 * MiB}, memory.base(), Access::ReadWriteExecute));
        ASSERT_TRUE(space.unmap({Ipa(GiB) + cycle * page_size, page_size}));
    }
    EXPECT_EQ(usage_of(table), before);
    EXPECT_EQ(vmids.leased(), 0U);
}

} // namespace
} // namespace trv::memory
