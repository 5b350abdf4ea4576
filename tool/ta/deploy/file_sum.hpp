// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace trv::tool::ta {

/// MD5 as 32 lower-case hexadecimal digits: what `md5sum` shows on both sides.
[[nodiscard]] std::string md5(std::string_view bytes);

} // namespace trv::tool::ta
