// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace trv::tool::platform {

/// What a board's firmware needs of a CPU model, and the QEMU of Debian 12 does not emulate.
/// @param cpu  QEMU's name
/// @return     empty if it has all
[[nodiscard]] std::string_view lack_of_installed_qemu(std::string_view cpu);

} // namespace trv::tool::platform
