// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/manager/variables.hpp"
#include "tool/support/event_loop.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace trv::host::devices {

using tool::Result;

/// When variables are saved.
struct SavingPace {
    std::chrono::milliseconds look{500};   ///< between two looks, and the longest wait for a second save
    std::chrono::milliseconds quiet{200};  ///< without a change, before it saves
    std::chrono::milliseconds least{2000}; ///< from one save to the next
    std::chrono::milliseconds retry{5000}; ///< after a failure
};

/// Saves what a VM's firmware has in its flash shortly after it has changed, as long as this object exists. The VM is not
/// forgotten before its last changes are saved, or cannot be.
class KeptVariables {
  public:
    /// Of a whole flash.
    using Save = std::function<Result<void>(std::string_view content)>;

    /// What is saved when it begins.
    enum class Saved : std::uint8_t {
        Everything, ///< the VM has not started
        Unknown,    ///< another program was killed
    };

    /// @param save  is called by a thread
    /// @param loop  gets the error that ends it; outlives the result
    [[nodiscard]] static Result<std::unique_ptr<KeptVariables>>
    start(manager::Variables variables, Save save, Saved saved, tool::EventLoop& loop, const SavingPace& pace = {});
    KeptVariables(const KeptVariables&) = delete;
    KeptVariables& operator=(const KeptVariables&) = delete;
    /// Saves what was changed last.
    ~KeptVariables();

    /// The VM has been forgotten: nothing is left to keep.
    [[nodiscard]] bool ended() const { return ended_; }

  private:
    using Clock = std::chrono::steady_clock;
    KeptVariables(manager::Variables variables, Save save, Saved saved, const SavingPace& pace);

    void watch();
    /// @return how long to wait until the next look; nothing if there is none
    [[nodiscard]] Result<std::optional<Clock::duration>> look(bool is_last);
    [[nodiscard]] Result<void> save_now(std::uint64_t changes);
    [[nodiscard]] Result<void> take_end();

    manager::Variables variables_;
    Save save_;
    SavingPace pace_;
    std::optional<std::uint64_t> saved_{};  ///< changes that are in the file; nothing: unknown
    std::uint64_t told_;                    ///< those that the hypervisor need not wait for
    std::optional<std::uint64_t> seen_{};   ///< at the last look
    std::optional<Clock::time_point> next_; ///< when the next save may be
    std::string problem_{};                 ///< that was reported last

    tool::FileDescriptor news_; ///< an eventfd: the thread has ended
    std::mutex mutex_;
    std::condition_variable stopped_;
    bool stop_ = false;     ///< under mutex_
    Result<void> result_{}; ///< of the thread, when it has ended
    std::thread thread_;    ///< has all that is above
    bool ended_ = false;
    tool::EventLoop::Source source_;
};

} // namespace trv::host::devices
