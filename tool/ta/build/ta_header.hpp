// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/uuid.hpp"

#include <optional>
#include <string_view>

namespace trv::tool::ta {

/// The UUID in the header of a trusted application's ELF file, section .ta_head; nothing when there is none.
[[nodiscard]] std::optional<machine::Uuid> header_uuid(std::string_view elf);

} // namespace trv::tool::ta
