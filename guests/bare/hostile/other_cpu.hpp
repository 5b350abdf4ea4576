// SPDX-License-Identifier: Apache-2.0
#pragma once
// Work for the second vCPU while the boot vCPU attacks.

#include "guests/bare/lib/cpu.hpp"
#include "guests/bare/lib/hardware/sysreg.hpp"

namespace trv::bare::hostile {

/// Runs body(stop) on vCPU 1 until finish() or, at the latest, the end of this object.
template <typename Body>
class OtherCpu {
  public:
    explicit OtherCpu(Body body) : body_(body) {
        started_ = cpu_count() > 1 && start_cpu(1, enter, this) == psci::Status::Success;
    }
    ~OtherCpu() { (void)finish(); }
    OtherCpu(const OtherCpu&) = delete;
    OtherCpu& operator=(const OtherCpu&) = delete;

    [[nodiscard]] bool started() const { return started_; }
    /// @return whether it ran and has ended
    bool finish() {
        if (!started_) {
            return false;
        }
        stop_.store(true);
        started_ = false;
        return wait_until_off(1);
    }

  private:
    static void enter(void* object) {
        auto& self = *static_cast<OtherCpu*>(object);
        self.body_(self.stop_);
    }
    Body body_;
    std::atomic<bool> stop_ = false;
    bool started_ = false;
};

} // namespace trv::bare::hostile
