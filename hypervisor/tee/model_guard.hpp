#pragma once
// The model at EL2: asked at each SMC, by one CPU at a time.

#include "arch/smccc.hpp"
#include "lib/result.hpp"
#include "lib/spinlock.hpp"
#include "lib/thread_safety.hpp"
#include "tee/model.hpp"

namespace trv::tee {

class ModelGuard {
  public:
    constexpr ModelGuard() = default;

    /// @param model outlives the guard
    void start(Model& model) EXCLUDES(lock_);
    void bind(u16 id, memory::FrameOwner owner) EXCLUDES(lock_);
    /// The SMC. Panics where the model says that it, or what came of it, must not be.
    [[nodiscard]] arch::SmcResult enter(const arch::SmcArguments& smc) EXCLUDES(lock_);

  private:
    SpinLock lock_;
    Model* model_ GUARDED_BY(lock_) = nullptr; ///< null until start(): what OP-TEE is, is asked before
};

[[nodiscard]] ModelGuard& model_guard();
/// Makes a model of this machine and has the guard ask it.
/// @return Error::NoMemory
[[nodiscard]] Result<void> start_model_guard(PaRange arena);

} // namespace trv::tee
