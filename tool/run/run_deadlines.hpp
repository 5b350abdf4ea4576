// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/event_loop.hpp"

#include <array>
#include <functional>
#include <optional>

namespace trv::tool::run {

/// A run's time-outs in host seconds. They are generous, for an emulated machine on a busy host: they only end a run
/// that hangs.
class RunDeadlines {
  public:
    static constexpr double ready_limit = 120;
    static constexpr double gentle_limit = 120;
    static constexpr double forced_limit = 15;
    static constexpr double settle_limit = 10;

    enum class Verdict {
        TimeOut,  // of the whole run
        NotReady, // the hypervisor did not start
        TooSlow,  // the guests did not shut down: the machine is to be ended; said once
        Stuck,    // the hypervisor did not power off the machine
        Settle,   // a guest whose kernel panicked, or that was reset, has said nothing more; said once
    };

    /// @param timeout  of the whole run; none: unlimited
    void start(std::optional<double> timeout);

    /// The hypervisor is up, or may stop for any time (in a debugger).
    void forget_ready() { ready_.clear(); }

    /// The guests were requested to shut down.
    void begin_gentle_end() { set_once(gentle_, gentle_limit); }

    /// The hypervisor was requested to power off the machine.
    void begin_forced_end() { set_once(forced_, forced_limit); }

    /// A guest's kernel panics, or was reset, and what follows is awaited; or all such guests are known about.
    void await_settling(bool awaited) {
        if (awaited) {
            set_once(settle_, settle_limit);
        } else {
            settle_.clear();
        }
    }

    /// It is still sending the trace, which takes time on a slow host.
    void on_last_words() {
        if (forced_.is_set()) {
            forced_.set(forced_limit);
        }
    }

    /// Reports a verdict when a deadline passes while the loop runs. This object must not move meanwhile.
    [[nodiscard]] std::array<EventLoop::Source, 5> watch(EventLoop& loop, std::function<void(Verdict)> report);

  private:
    static void set_once(Deadline& deadline, double seconds);

    Deadline timeout_;
    Deadline ready_;
    Deadline gentle_;
    Deadline forced_;
    Deadline settle_;
};

} // namespace trv::tool::run
