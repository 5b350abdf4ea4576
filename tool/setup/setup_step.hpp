// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/packages/package_store.hpp"
#include "tool/platform/platform.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/support/progress.hpp"
#include "tool/support/stamps.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace trv::tool::setup {

/// A named step of setup, run if its inputs have changed or its outputs are missing.
struct SetupStep {
    std::string name;
    std::string inputs;
    std::vector<std::filesystem::path> outputs;
    std::function<Result<void>()> work;
};

[[nodiscard]] Result<void> run_step(const Stamps& stamps, Progress& progress, const SetupStep& step);

/// Fetches the first available package: the preferred one, or an alternative.
[[nodiscard]] Result<void> require_any(packages::PackageStore& store, const std::vector<packages::PackageId>& ids,
                                       Progress& progress, Progress::Step& shown);

/// Builds OP-TEE from its source. `paths` and `store` must outlive the step.
[[nodiscard]] Result<SetupStep> optee_step(const Paths& paths, const packages::PackageStore& store,
                                           const firmware::OpteeBuild& build);

/// Builds a board's firmware around an OP-TEE that is built. `paths`, `store` and `platform` must outlive the step.
[[nodiscard]] Result<SetupStep> firmware_step(const Paths& paths, const packages::PackageStore& store,
                                              const platform::Platform& platform, const firmware::Optee& optee);

} // namespace trv::tool::setup
