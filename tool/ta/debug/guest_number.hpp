// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace trv::tool::ta {

/// OP-TEE's number for a VM since its last start, from the text of a run's events; nothing if the VM has no OP-TEE.
[[nodiscard]] std::optional<unsigned> guest_number(const std::string& events, const std::string& vm);

} // namespace trv::tool::ta
