// SPDX-License-Identifier: Apache-2.0
#pragma once
// An object in static storage that boot code constructs: no constructor runs before boot code, and no destructor ever.

#include "lib/log.hpp"

#include <cstddef>
#include <new>
#include <utility>

namespace trv {

template <typename T>
class Late {
  public:
    constexpr Late() = default;
    Late(const Late&) = delete;
    Late& operator=(const Late&) = delete;

    /// Constructs the object. Call it once.
    template <typename... Arguments>
    T& emplace(Arguments&&... arguments) {
        ASSERT(!constructed_);
        T* const object = new (storage_) T(std::forward<Arguments>(arguments)...);
        constructed_ = true;
        return *object;
    }

    [[nodiscard]] explicit operator bool() const { return constructed_; }
    // Precondition of both: it is constructed.
    T& operator*() { return *object(); }
    T* operator->() { return object(); }

  private:
    T* object() { return std::launder(reinterpret_cast<T*>(storage_)); }

    alignas(T) std::byte storage_[sizeof(T)]{};
    bool constructed_ = false;
};

} // namespace trv
