#pragma once

#include <string>
#include <string_view>

namespace trv::tool::runs {

/// Base 64 with padding [RFC 4648 4].
[[nodiscard]] std::string base64(std::string_view bytes);

} // namespace trv::tool::runs
