// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/context.hpp"
#include "tool/support/error.hpp"

#include <filesystem>
#include <string>

namespace trv::tool::run {

/// The user's options for `bundle`.
struct BundleOptions {
    std::filesystem::path machine{};
    std::filesystem::path output{}; // a folder
    std::string config{};           // the image's options; empty: those in force
};

/// `trivisor bundle`: the hypervisor's image and a bundle of the machine's VMs, for any boot loader
/// (docs/internals/bundle.md). Sets up what is missing first.
[[nodiscard]] Result<void> run_bundle(Context& context, const BundleOptions& options);

} // namespace trv::tool::run
