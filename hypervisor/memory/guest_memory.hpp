// SPDX-License-Identifier: Apache-2.0
#pragma once
// Copies between guest memory and the hypervisor's own. A guest can change its memory at any time: each byte is read
// once, into private memory, and checked there.

#include "memory/translation/stage2.hpp"

#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>

namespace trv::memory {

/// Fills all of `to`. After an error the contents of `to` are unspecified.
/// @param from any value: wrapping, unmapped and device addresses are errors
/// @return Error::Overflow, Error::OutOfRange, Error::NotMapped, Error::Denied
/// Context: takes stage 2's lock, page by page; cost grows with the size, which the caller bounds.
[[nodiscard]] Result<void> copy_from_guest(const Stage2& space, Ipa from, std::span<std::byte> to);

/// Writes all of `from`. After an error, part of the guest's buffer may have been written. The guest itself must have
/// write access.
/// @return as copy_from_guest()
[[nodiscard]] Result<void> copy_to_guest(const Stage2& space, Ipa to, std::span<const std::byte> from);

/// Types for which any bytes are a valid value, without padding, which could leak the hypervisor's memory.
template <typename T>
concept GuestData = std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T> &&
                    !std::is_pointer_v<T> && !std::same_as<T, bool>;

/// A guest's pointer to a T. It cannot be dereferenced, only fetched.
template <GuestData T>
class GuestPtr {
  public:
    constexpr explicit GuestPtr(Ipa address) : address_(address) {}
    [[nodiscard]] constexpr Ipa address() const { return address_; }

  private:
    Ipa address_;
};

/// Returns a private copy of the guest's current value.
/// @return as copy_from_guest(); an address that is not aligned for T is not an error
template <GuestData T>
[[nodiscard]] Result<T> fetch(const Stage2& space, GuestPtr<T> from) {
    T copy{};
    TRY(copy_from_guest(space, from.address(), std::as_writable_bytes(std::span(&copy, 1))));
    return copy;
}

/// @return as copy_to_guest()
template <GuestData T>
[[nodiscard]] Result<void> store(const Stage2& space, GuestPtr<T> to, const T& value) {
    return copy_to_guest(space, to.address(), std::as_bytes(std::span(&value, 1)));
}

} // namespace trv::memory
