// SPDX-License-Identifier: Apache-2.0
#pragma once
// The model at EL2: checked at each SMC, by one CPU at a time.

#include "arch/smccc.hpp"
#include "lib/result.hpp"
#include "lib/thread_safety.hpp"
#include "sync/spinlock.hpp"
#include "tee/optee/model/model.hpp"

namespace trv::tee::optee {

class ModelGuard {
  public:
    constexpr ModelGuard() = default;

    /// @param model must outlive the guard
    void start(Model& model) EXCLUDES(lock_);
    void bind(u16 id, memory::FrameOwner owner) EXCLUDES(lock_);
    /// Makes the SMC. Panics if it, or its result, violates the model.
    [[nodiscard]] arch::SmcResult enter(const arch::SmcArguments& smc) EXCLUDES(lock_);

  private:
    SpinLock lock_;
    Model* model_ GUARDED_BY(lock_) = nullptr; ///< null until start(): OP-TEE is probed before
};

[[nodiscard]] ModelGuard& model_guard();
/// Creates a model of this machine, which the guard uses from then on.
/// @return Error::NoMemory
[[nodiscard]] Result<void> start_model_guard(PaRange arena, memory::FrameTable& frames);

} // namespace trv::tee::optee
