// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "vm_machine.hpp"

namespace trv::vm {

class SchedulerTest : public VmTest {
  public:
    Vcpu& vcpu(std::string_view label, unsigned index = 0) { return vm(label).vcpu(index); }
    /// What the vCPU ran from now on, while `duration` passes on its CPU.
    u64 run_time_over(u64 duration, Vcpu& of) {
        const u64 before = of.run_time();
        pass(of.home().index, duration);
        return of.run_time() - before;
    }
    /// Until the scheduler has chosen the vCPU.
    void make_current(Vcpu& wanted) {
        for (unsigned turn = 0; turn < 10 && cpus[0].scheduler.current() != &wanted; ++turn) {
            pass(0, 10 * millisecond);
        }
        ASSERT_EQ(cpus[0].scheduler.current(), &wanted);
    }
    /// Two VMs of one vCPU each on CPU 0, of which beta runs.
    void boot_with_current_beta() {
        describe_on(0, "alpha");
        describe_on(0, "beta");
        boot_and_load();
        make_current(vcpu("beta"));
    }
    [[nodiscard]] std::vector<std::pair<IntId, u64>>& sgis_of(unsigned cpu) { return interfaces[cpu].sent; }
};

/// A job that takes a millisecond a step.
struct SlowJob final : sched::Job {
    explicit SlowJob(unsigned count) : left(count) {}
    bool step() override {
        arch::fake_ticks += millisecond;
        ++done;
        return --left != 0;
    }
    unsigned left;
    unsigned done = 0;
};

} // namespace trv::vm
