// SPDX-License-Identifier: Apache-2.0
#pragma once
// Function names for backtraces. The second link (boot/make_symbols.py) adds the table at the end of the read-only
// data.

#include "lib/types.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace trv::boot {

class Symbol {
  public:
    /// "?" if the address is not in a function of the image.
    [[nodiscard]] std::string_view name() const { return {name_.data(), size_}; }
    /// The address's offset in the function.
    [[nodiscard]] u64 offset() const { return offset_; }

  private:
    friend Symbol symbol_at(u64 address);

    std::array<char, 64> name_{'?'}; // boot/make_symbols.py cuts names to 60 bytes
    std::size_t size_ = 1;
    u64 offset_ = 0;
};

[[nodiscard]] Symbol symbol_at(u64 address);

} // namespace trv::boot
