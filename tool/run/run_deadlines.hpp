#pragma once

#include "tool/run/deadline.hpp"

#include <optional>

namespace trv::tool::runs {

/// The times after which a run gives something up. Host seconds; generous, for an emulated machine on a busy host: they
/// end what hangs, nothing is paced by them.
class RunDeadlines {
  public:
    static constexpr double ready_limit = 120;
    static constexpr double gentle_limit = 120;
    static constexpr double forced_limit = 15;
    static constexpr double settle_limit = 10;

    enum class Verdict {
        GoOn,
        TimeOut,  // of the whole run
        NotReady, // the hypervisor did not come up
        TooSlow,  // the guests did not shut down: the machine is to be ended; said once
        Stuck,    // the hypervisor did not end the machine
        Settle,   // a guest whose kernel panicked, or that was reset, has said nothing more; said once
    };

    /// @param timeout  of the whole run; none: it may take as long as it likes
    void start(std::optional<double> timeout);

    /// The hypervisor is up, or may stand still as long as it likes.
    void forget_ready() { ready_.clear(); }

    /// The guests were asked to shut down.
    void begin_gentle_end() { set_once(gentle_, gentle_limit); }

    /// The hypervisor was asked to end the machine.
    void begin_forced_end() { set_once(forced_, forced_limit); }

    /// A guest's kernel panics, or was reset, and what follows is awaited; or all such guests are known about.
    void await_settling(bool awaited) {
        if (awaited) {
            set_once(settle_, settle_limit);
        } else {
            settle_.clear();
        }
    }

    /// It is still sending what it recorded, which on a slow host takes a while.
    void on_last_words() {
        if (forced_.is_set()) {
            forced_.set(forced_limit);
        }
    }

    /// Until the next one passes, for poll(); -1 when none is set.
    [[nodiscard]] int milliseconds() const;

    [[nodiscard]] Verdict check();

  private:
    static void set_once(Deadline& deadline, double seconds);

    Deadline timeout_;
    Deadline ready_;
    Deadline gentle_;
    Deadline forced_;
    Deadline settle_;
};

} // namespace trv::tool::runs
