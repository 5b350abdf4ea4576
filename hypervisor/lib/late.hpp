// SPDX-License-Identifier: Apache-2.0
#pragma once
// A global that boot code constructs: no constructor runs before boot code, and no destructor ever.

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
        ASSERT(object_ == nullptr);
        object_ = new (storage_) T(std::forward<Arguments>(arguments)...);
        return *object_;
    }

    [[nodiscard]] explicit operator bool() const { return object_ != nullptr; }
    T& operator*() { return *object_; }
    T* operator->() { return object_; }

  private:
    alignas(T) std::byte storage_[sizeof(T)]{};
    T* object_ = nullptr;
};

} // namespace trv
