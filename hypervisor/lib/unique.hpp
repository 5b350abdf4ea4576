// SPDX-License-Identifier: Apache-2.0
#pragma once
// Sole ownership of a heap object; std::unique_ptr is not in the freestanding library. The object comes from
// memory/heap.hpp's make<T>().

#include <concepts>
#include <utility>

namespace trv {

template <typename T>
class Unique {
  public:
    constexpr Unique() = default;
    constexpr explicit Unique(T* object) : object_(object) {}
    template <std::derived_from<T> Derived>
    constexpr Unique(Unique<Derived>&& other) : object_(other.release()) {}
    Unique(Unique&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    Unique& operator=(Unique&& other) noexcept {
        if (this != &other) {
            reset();
            object_ = std::exchange(other.object_, nullptr);
        }
        return *this;
    }
    Unique(const Unique&) = delete;
    Unique& operator=(const Unique&) = delete;
    ~Unique() { reset(); }

    [[nodiscard]] T* get() const { return object_; }
    T& operator*() const { return *object_; }
    T* operator->() const { return object_; }
    explicit operator bool() const { return object_ != nullptr; }
    [[nodiscard]] constexpr T* release() { return std::exchange(object_, nullptr); }
    void reset() { delete std::exchange(object_, nullptr); }

  private:
    T* object_ = nullptr;
};

} // namespace trv
