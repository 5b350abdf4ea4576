// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace trv::contract {

/// Whether each row stands at its enumerator's number, so that the number finds it.
template <typename Row, std::size_t count, typename Key>
[[nodiscard]] constexpr bool is_in_order(const Row (&rows)[count], Key Row::* key) {
    for (std::size_t index = 0; index < count; ++index) {
        if (static_cast<std::size_t>(rows[index].*key) != index) {
            return false;
        }
    }
    return true;
}

} // namespace trv::contract
