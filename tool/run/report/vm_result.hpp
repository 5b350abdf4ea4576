// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/run/session/vm_session.hpp"

#include <nlohmann/json_fwd.hpp>

namespace trv::tool::run {

/// A VM's part of a run's results: its state, its commands with their results, and its times.
[[nodiscard]] nlohmann::ordered_json vm_result(const VmSession& vm);

} // namespace trv::tool::run
