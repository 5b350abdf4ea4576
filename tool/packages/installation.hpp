// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::packages {

/// The files that an installation needs, by the names that apt gives them, from what `apt-get --simulate install` says.
[[nodiscard]] std::vector<std::string> installed_files(std::string_view simulation);

/// The name apt-get gives a downloaded package: an epoch's colon is escaped.
[[nodiscard]] std::string archive_name(const std::string& package, std::string version,
                                       const std::string& architecture);

} // namespace trv::tool::packages
