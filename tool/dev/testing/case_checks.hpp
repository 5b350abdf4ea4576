// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/testing/system_case.hpp"

#include <string>
#include <string_view>

namespace trv::tool::dev::testing {

/// Each function returns what is not as expected, a line each; empty when all is well.
[[nodiscard]] std::string check_text(std::string_view what, const std::string& text, const TextCheck& check);
[[nodiscard]] std::string check_json(const std::string& text, const std::vector<JsonCheck>& checks);

/// The member "logs" of a run's JSON; empty if it has none.
[[nodiscard]] std::string logs_folder(const std::string& json);

} // namespace trv::tool::dev::testing
