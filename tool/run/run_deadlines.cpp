// SPDX-License-Identifier: Apache-2.0
#include "tool/run/run_deadlines.hpp"

namespace trv::tool::run {

void RunDeadlines::start(std::optional<double> timeout) {
    if (timeout) {
        timeout_.set(*timeout);
    }
    ready_.set(ready_limit);
}

void RunDeadlines::set_once(Deadline& deadline, double seconds) {
    if (!deadline.is_set()) {
        deadline.set(seconds);
    }
}

std::array<EventLoop::Source, 5> RunDeadlines::watch(EventLoop& loop, std::function<void(Verdict)> report) {
    const auto on = [&](Deadline& deadline, Verdict verdict) {
        return loop.on_deadline(deadline, [report, verdict] { report(verdict); });
    };
    return {on(timeout_, Verdict::TimeOut), on(ready_, Verdict::NotReady), on(forced_, Verdict::Stuck),
            loop.on_deadline(gentle_,
                             [this, report] {
                                 gentle_.set(forced_limit * 2); // `forced_` passes before
                                 report(Verdict::TooSlow);
                             }),
            on(settle_, Verdict::Settle)};
}

} // namespace trv::tool::run
