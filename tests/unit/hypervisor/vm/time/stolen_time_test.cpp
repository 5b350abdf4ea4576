// SPDX-License-Identifier: Apache-2.0
#include "../../memory/memory_fixture.hpp"
#include "vm/time/stolen_time.hpp"

#include <algorithm>

namespace trv::vm {
namespace {

class StolenTimeTest : public memory::MemoryTest {
  public:
    StolenTimeTest() { EXPECT_TRUE(time.create(pool, stage2, Ipa(0xa00'0000))); }
    /// A field of the vCPU's structure as the guest reads it [DEN0057A 3.2.2].
    template <typename T>
    T field(unsigned vcpu, u64 offset) {
        return *reinterpret_cast<T*>(memory::direct_map(stage2.lookup(time.address_of(vcpu) + offset)->pa));
    }
    u64 stolen(unsigned vcpu) { return field<u64>(vcpu, 8); }

    memory::VmidPool vmids;
    memory::Stage2 stage2 = *memory::Stage2::create(pool, *vmids.lease(), memory::vm_owner(0), 36, {40, 8});
    StolenTime time;
};

TEST_F(StolenTimeTest, HasAStructureForEachVcpuOnAPageThatTheGuestOnlyReads) {
    for (unsigned vcpu = 0; vcpu < max_vcpus; ++vcpu) {
        EXPECT_EQ(time.address_of(vcpu).value % 64, 0U);
        EXPECT_EQ(field<u32>(vcpu, 0), 0U) << "revision";
        EXPECT_EQ(field<u32>(vcpu, 4), 0U) << "attributes";
        EXPECT_EQ(stolen(vcpu), 0U);
        EXPECT_EQ(stage2.lookup(time.address_of(vcpu))->access, memory::Access::ReadOnly);
    }
}

TEST_F(StolenTimeTest, IsToldInNanosecondsToItsVcpuAlone) {
    time.publish(2, 1234);
    EXPECT_EQ(stolen(2), 1234U);
    EXPECT_EQ(stolen(1), 0U);
    EXPECT_EQ(stolen(3), 0U);
    time.publish(2, 5000);
    EXPECT_EQ(stolen(2), 5000U);
}

TEST_F(StolenTimeTest, ItsPageIsTheVmsAndHoldsNothingElse) {
    EXPECT_EQ(table.frames_of(memory::vm_owner(0)), 1U);
    const std::byte* const page = memory::direct_map(stage2.lookup(Ipa(0xa00'0000))->pa);
    EXPECT_TRUE(std::all_of(page, page + page_size, [](std::byte b) { return b == std::byte{0}; }));
}

} // namespace
} // namespace trv::vm
