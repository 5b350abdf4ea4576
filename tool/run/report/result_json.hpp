// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/run/report/outcome.hpp"
#include "tool/run_folder/run_folder.hpp"

#include <string>

namespace trv::tool::run {

/// A run's results besides those of its session.
struct RunReport {
    Ending ending;
    std::string qemu_version{};
    std::string resolved_versions{}; // JSON: what setup resolved; empty when there is none
};

/// The text of the file that `run --json` writes.
[[nodiscard]] std::string result_json(const RunReport& report, const MachineSession& session,
                                      const run_folder::RunFolder& folder);

} // namespace trv::tool::run
