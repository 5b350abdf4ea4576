// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <map>
#include <string>

namespace trv::tool::dev::bench {

/// Versions of this command, of the emulator, and of all packages that were fetched; the commit of the checkout, if it
/// is one.
[[nodiscard]] Result<std::map<std::string, std::string>> versions_here(const Paths& paths);

/// Processor, number of CPUs and kernel of this machine.
[[nodiscard]] std::string host_description();

} // namespace trv::tool::dev::bench
