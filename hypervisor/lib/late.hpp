#pragma once
// A global that is made at boot and lives as long as the machine: no constructor before boot code runs, no destructor
// ever.

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

    /// Once.
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
