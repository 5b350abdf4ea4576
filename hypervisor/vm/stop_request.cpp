// SPDX-License-Identifier: Apache-2.0
#include "vm/stop_request.hpp"

namespace trv::vm {
namespace {

/// How final a reason to stop is.
unsigned rank_of(StopReason reason) {
    switch (reason) {
    case StopReason::None:
        return 0;
    case StopReason::Reboot:
        return 1;
    case StopReason::Reset:
        return 2;
    case StopReason::Off:
    case StopReason::Crash:
        return 3;
    case StopReason::Destroyed:
        return 4;
    }
    return 0;
}

} // namespace

std::string_view name_of(StopReason reason) {
    switch (reason) {
    case StopReason::None:
        return "none";
    case StopReason::Off:
        return "power-off";
    case StopReason::Reboot:
        return "reboot";
    case StopReason::Crash:
        return "crash";
    case StopReason::Reset:
        return "reset by the operator";
    case StopReason::Destroyed:
        return "destroyed";
    }
    return "unknown";
}

void StopRequest::make(StopReason reason) {
    StopReason seen = this->reason();
    while (rank_of(seen) < rank_of(reason) && !reason_.compare_exchange_weak(seen, reason)) {
    }
}

void StopRequest::explain(std::string_view detail) {
    const Guard guard(lock_);
    if (detail_size_ == 0) {
        detail_size_ = detail.copy(detail_.data(), detail_.size());
    }
}

} // namespace trv::vm
