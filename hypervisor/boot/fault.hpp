// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace trv::boot {

/// Prints a line that explains why the machine stops, wherever panics are printed. A panic follows.
void last_words(std::string_view line);

} // namespace trv::boot
