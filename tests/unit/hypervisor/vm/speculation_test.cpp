// SPDX-License-Identifier: Apache-2.0
// What is done against speculation when another VM is loaded. What is chosen for which CPU is in
// arch/speculation_test.cpp.

#include "arch/memory/tlb.hpp"
#include "arch/smccc.hpp"
#include "lib/psci.hpp"
#include "sched/speculation.hpp"
#include "scheduler_fixture.hpp"

namespace trv::vm {
namespace {

constexpr u64 cortex_a57 = 0x411f'd070;

class MeasuresInForce : public SchedulerTest {
  public:
    MeasuresInForce() {
        arch::fake_cpu_facts = {.midr = cortex_a57};
        arch::fake_firmware = [this](const arch::SmcArguments& arguments) {
            if (arguments.a[0] == arch::smccc::ArchFeatures) {
                const bool has = arguments.a[1] == arch::smccc::ArchWorkaround1;
                return arch::SmcResult{{has ? 0 : arch::smccc::not_supported, 0, 0, 0}};
            }
            calls.push_back(arguments.a[0]);
            return arch::SmcResult{};
        };
    }
    ~MeasuresInForce() override {
        arch::fake_cpu_facts = {};
        arch::fake_firmware = nullptr;
        arch::tlbi_twice = false;
    }
    /// Of alpha's and beta's vCPUs on CPU 0, in this order.
    u64 calls_while(std::initializer_list<Vcpu*> run) {
        calls.clear();
        for (Vcpu* const next : run) {
            make_current(*next);
        }
        return calls.size();
    }
    std::vector<u64> calls;
};

TEST_F(MeasuresInForce, FirmwareForgetsBranchesBetweenVmsOnly) {
    sched::start_measures(cpus[0]);
    describe_on(0, "alpha", 2);
    describe_on(0, "beta");
    boot_and_load();
    Vcpu& alpha = vcpu("alpha");
    Vcpu& beta = vcpu("beta");
    make_current(alpha);
    ASSERT_EQ(call(alpha, psci::CpuOn64, 1, guest::ram_base.value), 0U);
    make_current(beta);
    calls.clear();
    make_current(alpha);
    EXPECT_FALSE(calls.empty());
    EXPECT_EQ(calls.back(), arch::smccc::ArchWorkaround1);
    // With beta asleep, alpha's two vCPUs take turns, and trust each other.
    make_current(beta);
    wait_for_interrupt(0);
    make_current(alpha);
    EXPECT_EQ(calls_while({&vcpu("alpha", 1), &alpha, &vcpu("alpha", 1)}), 0U);
}

TEST_F(MeasuresInForce, ACpuThatNeedsNothingCallsNothing) {
    arch::fake_cpu_facts.pfr0 = u64{3} << 56; // CSV2
    sched::start_measures(cpus[0]);
    describe_on(0, "alpha");
    describe_on(0, "beta");
    boot_and_load();
    EXPECT_EQ(calls_while({&vcpu("alpha"), &vcpu("beta"), &vcpu("alpha")}), 0U);
}

TEST_F(MeasuresInForce, OneCpuThatNeedsItMakesAllRepeatInvalidations) {
    sched::start_measures(cpus[0]);
    EXPECT_FALSE(arch::tlbi_twice);
    arch::fake_cpu_facts.midr = 0x412f'd050; // Cortex-A55
    sched::start_measures(cpus[1]);
    EXPECT_TRUE(arch::tlbi_twice);
}

TEST_F(MeasuresInForce, TheVectorsFindWhatTheyHaveToDo) {
    arch::fake_cpu_facts = {.midr = 0x413f'd0c1, .pfr0 = u64{1} << 56}; // Neoverse N1
    sched::start_measures(cpus[0]);
    EXPECT_EQ(cpus[0].loop_count, 24U);
    EXPECT_EQ(cpus[0].exit_call, 0U);
}

} // namespace
} // namespace trv::vm
