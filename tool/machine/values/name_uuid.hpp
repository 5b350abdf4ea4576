// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/values/uuid.hpp"

namespace trv::tool::machine {

/// The UUID of a name in a name space: version 5 [RFC 9562].
[[nodiscard]] Uuid name_uuid(const Uuid& name_space, std::string_view name);

} // namespace trv::tool::machine
