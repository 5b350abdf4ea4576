// SPDX-License-Identifier: Apache-2.0
#include "arch/memory/tlb.hpp"
#include "memory/translation/vmid.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

namespace trv::memory {
namespace {

class VmidTest : public testing::Test {
  protected:
    void SetUp() override { arch::FakeTlb::instance().reset(); }
    void TearDown() override { arch::FakeTlb::instance().reset(); }
    VmidPool pool;
};

TEST_F(VmidTest, EveryLeaseBeginsWithAnInvalidation) {
    const VmidLease lease = *pool.lease();
    EXPECT_NE(lease.vmid(), 0U);
    ASSERT_EQ(arch::FakeTlb::instance().operations.size(), 1U);
    EXPECT_EQ(arch::FakeTlb::instance().operations[0],
              (arch::TlbOperation{arch::TlbOperation::Kind::Vm, u64{lease.vmid()} << 48}));
}

TEST_F(VmidTest, AsManyAsVirtualMachines) {
    std::vector<VmidLease> leases;
    std::set<u16> seen;
    for (unsigned i = 0; i < max_vms; ++i) {
        leases.push_back(*pool.lease());
        EXPECT_TRUE(seen.insert(leases.back().vmid()).second);
    }
    EXPECT_EQ(pool.lease().error(), Error::TooMany);
    EXPECT_EQ(pool.leased(), max_vms);
    leases.pop_back();
    EXPECT_TRUE(pool.lease());
    leases.clear();
    EXPECT_EQ(pool.leased(), 0U);
}

TEST_F(VmidTest, ReuseIsLateAndNeverOfOneInUse) {
    for (const unsigned bits : {8U, 16U}) {
        pool.start(bits);
        const unsigned largest = (1U << bits) - 1;
        std::mt19937 random(3);
        std::vector<VmidLease> leases;
        std::set<u16> ever;
        for (int step = 0; step < 3000; ++step) {
            if (leases.size() < max_vms && random() % 2 == 0) {
                VmidLease lease = *pool.lease();
                ASSERT_NE(lease.vmid(), 0U);
                ASSERT_LE(lease.vmid(), largest);
                for (const VmidLease& other : leases) {
                    ASSERT_NE(other.vmid(), lease.vmid());
                }
                ever.insert(lease.vmid());
                leases.push_back(std::move(lease));
            } else if (!leases.empty()) {
                leases.erase(leases.begin() + static_cast<long>(random() % leases.size()));
            }
        }
        EXPECT_GE(ever.size(), std::min(largest, 1000U));
    }
}

TEST_F(VmidTest, MovingKeepsOneOwner) {
    VmidLease a = *pool.lease();
    VmidLease b = *pool.lease();
    const u16 kept = b.vmid();
    a = std::move(b);
    EXPECT_EQ(a.vmid(), kept);
    EXPECT_EQ(pool.leased(), 1U);
    const VmidLease c(std::move(a));
    EXPECT_EQ(c.vmid(), kept);
    EXPECT_EQ(a.vmid(), 0U); // NOLINT(bugprone-use-after-move): that is the question
    EXPECT_EQ(pool.leased(), 1U);
}

} // namespace
} // namespace trv::memory
