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

int RunDeadlines::milliseconds() const {
    int limit = -1;
    for (const Deadline* deadline : {&timeout_, &ready_, &gentle_, &forced_, &settle_}) {
        limit = sooner(limit, deadline->milliseconds());
    }
    return limit;
}

RunDeadlines::Verdict RunDeadlines::check() {
    if (timeout_.passed()) {
        return Verdict::TimeOut;
    }
    if (ready_.passed()) {
        return Verdict::NotReady;
    }
    if (forced_.passed()) {
        return Verdict::Stuck;
    }
    if (gentle_.passed()) {
        gentle_.set(forced_limit * 2); // `forced_` passes before
        return Verdict::TooSlow;
    }
    if (settle_.passed()) {
        settle_.clear();
        return Verdict::Settle;
    }
    return Verdict::GoOn;
}

} // namespace trv::tool::run
