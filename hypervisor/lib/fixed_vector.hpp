// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/types.hpp"

#include <array>
#include <cstddef>
#include <optional>

namespace trv {

/// A list with room for `Capacity` elements and no allocation. T is default-constructible.
template <typename T, std::size_t Capacity>
class FixedVector {
  public:
    /// @return false if it is full; nothing changed
    [[nodiscard]] constexpr bool push_back(const T& value) {
        if (size_ == Capacity) {
            return false;
        }
        elements_[size_++] = value;
        return true;
    }
    /// Removes and returns the last element; nothing if the list is empty.
    constexpr std::optional<T> pop_back() { return size_ == 0 ? std::nullopt : std::optional(elements_[--size_]); }
    constexpr void clear() { size_ = 0; }

    [[nodiscard]] static constexpr std::size_t capacity() { return Capacity; }
    [[nodiscard]] constexpr std::size_t size() const { return size_; }
    [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
    [[nodiscard]] constexpr T& operator[](std::size_t i) { return elements_[i]; }
    [[nodiscard]] constexpr const T& operator[](std::size_t i) const { return elements_[i]; }
    [[nodiscard]] constexpr T* begin() { return elements_.data(); }
    [[nodiscard]] constexpr T* end() { return elements_.data() + size_; }
    [[nodiscard]] constexpr const T* begin() const { return elements_.data(); }
    [[nodiscard]] constexpr const T* end() const { return elements_.data() + size_; }

  private:
    std::array<T, Capacity> elements_{};
    std::size_t size_ = 0;
};

} // namespace trv
