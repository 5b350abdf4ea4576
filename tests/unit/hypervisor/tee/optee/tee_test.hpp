// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tee/guest_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tee::optee {

using namespace trv::test;
using msg::TeeResult;

/// A machine with one virtual machine that has a TEE, and one that could have.
class TeeTest : public testing::Test {
  protected:
    void SetUp() override { start({}); }
    void start(const PartitionConfig& config) {
        ASSERT_TRUE(machine.mediator.start(machine_arena, machine.table));
        admit(alpha, config);
    }
    void admit(GuestVm& vm, PartitionConfig config, bool notifications = true) {
        config.name = "vm";
        config.account = memory::vm_of(vm.owner());
        auto partition = machine.mediator.admit(config, vm, notifications ? &vm : nullptr);
        ASSERT_TRUE(partition) << name_of(partition.error());
        vm.partition = std::move(*partition);
        machine.optee.model.bind(vm.partition->id(), vm.owner());
    }
    void TearDown() override {
        alpha.partition.reset();
        beta.partition.reset();
        EXPECT_EQ(machine.optee.violation, "");
        EXPECT_EQ(alpha.pins(), 0U);
        EXPECT_EQ(beta.pins(), 0U);
        EXPECT_EQ(machine.optee.model.partitions(), 0U);
        EXPECT_TRUE(machine.optee.partitions.empty());
    }
    u64 refused(Refusal refusal) {
        return alpha.partition->statistics().refused[static_cast<unsigned>(refusal)].value();
    }
    FakeOptee& optee() { return machine.optee; }
    /// SMCs since the last time.
    std::size_t entries() { return machine.optee.calls.size() - std::exchange(seen_, machine.optee.calls.size()); }

    TeeMachine machine;
    GuestVm alpha{machine, 0};
    GuestVm beta{machine, 1};
    GuestDriver driver{alpha};

  private:
    std::size_t seen_ = 0;
};

inline constexpr u32 out_of_memory = static_cast<u32>(TeeResult::OutOfMemory);
inline constexpr u32 bad_parameters = static_cast<u32>(TeeResult::BadParameters);
inline constexpr u32 access_denied = static_cast<u32>(TeeResult::AccessDenied);

} // namespace trv::tee::optee
