#pragma once
// Function names for backtraces. The table is made by the second link (boot/make_symbols.py) and lies at the end of the
// read-only data.

#include "lib/types.hpp"

#include <string_view>

namespace trv::boot {

struct Symbol {
    std::string_view name; ///< "?" if the address is in no function of ours
    u64 offset;            ///< of the address in the function
};

[[nodiscard]] Symbol symbol_at(u64 address);

} // namespace trv::boot
