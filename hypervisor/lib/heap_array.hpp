// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/log.hpp"
#include "lib/result.hpp"

#include <cstddef>
#include <new>
#include <utility>

namespace trv {

/// An owning array whose size is chosen once, at run time.
template <typename T>
class HeapArray {
  public:
    constexpr HeapArray() = default;

    /// Allocates `count` value-initialised objects.
    /// @return Error::NoMemory
    [[nodiscard]] static Result<HeapArray> create(std::size_t size) {
        T* const objects = new (std::nothrow) T[size]();
        if (objects == nullptr) {
            return fail(Error::NoMemory);
        }
        return HeapArray(objects, size);
    }

    HeapArray(HeapArray&& other) noexcept
        : objects_(std::exchange(other.objects_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    HeapArray& operator=(HeapArray&& other) noexcept {
        std::swap(objects_, other.objects_);
        std::swap(size_, other.size_);
        return *this;
    }
    HeapArray(const HeapArray&) = delete;
    HeapArray& operator=(const HeapArray&) = delete;
    ~HeapArray() { delete[] objects_; }

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] T& operator[](std::size_t i) {
        ASSERT(i < size_);
        return objects_[i];
    }
    [[nodiscard]] const T& operator[](std::size_t i) const {
        ASSERT(i < size_);
        return objects_[i];
    }
    [[nodiscard]] T* begin() { return objects_; }
    [[nodiscard]] T* end() { return objects_ + size_; }
    [[nodiscard]] const T* begin() const { return objects_; }
    [[nodiscard]] const T* end() const { return objects_ + size_; }

  private:
    HeapArray(T* objects, std::size_t size) : objects_(objects), size_(size) {}

    T* objects_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace trv
