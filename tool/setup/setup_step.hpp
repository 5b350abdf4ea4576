#pragma once

#include "tool/firmware/optee_variant.hpp"
#include "tool/packages/package_store.hpp"
#include "tool/setup/stamps.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/support/progress.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace trv::tool::setup {

/// One named piece of setup, done when its inputs have changed or what it makes is missing.
struct SetupStep {
    std::string name;
    std::string inputs;
    std::vector<std::filesystem::path> outputs;
    std::function<Result<void>()> work;
};

[[nodiscard]] Result<void> run_step(const Stamps& stamps, Progress& progress, const SetupStep& step);

/// Fetches the first of the packages that comes: the preferred one, or a stand-in.
[[nodiscard]] Result<void> require_any(packages::PackageStore& store, const std::vector<packages::PackageId>& ids,
                                       Progress& progress, Progress::Step& shown);

/// Builds the flash image of a variant. `paths` and `store` must outlive the step.
[[nodiscard]] SetupStep firmware_step(const Paths& paths, const packages::PackageStore& store,
                                      firmware::OpteeVariant variant);

} // namespace trv::tool::setup
