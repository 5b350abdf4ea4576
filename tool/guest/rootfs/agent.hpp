// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/guest/rootfs/rootfs_files.hpp"
#include "tool/packages/package_store.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <filesystem>
#include <string>

namespace trv::tool::guest {

/// A hash of all inputs of build_agent().
[[nodiscard]] Result<std::string> agent_inputs(const Paths& paths);

/// Where the headers and libraries for 32-bit programs are, as prepare_32_bit_libraries() leaves them.
[[nodiscard]] std::filesystem::path libraries_32_bit(const Paths& paths);

/// Unpacks packages of them, with what they need.
[[nodiscard]] Result<void> prepare_32_bit_libraries(const Paths& paths, packages::PackageStore& store,
                                                    Progress::Step& step);

/// Compiles guests/linux/agent for a guest: static, so that it runs in every root file system.
[[nodiscard]] Result<void> build_agent(const Paths& paths, const std::filesystem::path& out,
                                       Width width = Width::Bits64);

} // namespace trv::tool::guest
