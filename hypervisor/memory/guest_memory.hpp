#pragma once
// Copies between guest memory and the hypervisor's own. A guest changes its memory whenever it likes: each byte is read
// once, into private memory, and judged there.

#include "memory/stage2.hpp"

#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>

namespace trv::memory {

/// Fills all of `to`. What stands in `to` after an error is unspecified.
/// @param from any value: wrapping, unmapped and device addresses are errors
/// @return Error::Overflow, Error::OutOfRange, Error::NotMapped, Error::Denied
/// Context: takes the stage 2's lock, a page at a time; cost grows with the size, which the caller bounds.
[[nodiscard]] Result<void> copy_from_guest(const Stage2& space, Ipa from, std::span<std::byte> to);

/// Writes all of `from`. After an error, a part of the guest's buffer may have been written. The guest must be allowed
/// to write there itself.
/// @return as copy_from_guest()
[[nodiscard]] Result<void> copy_to_guest(const Stage2& space, Ipa to, std::span<const std::byte> from);

/// Types that any bytes make a value of, and that have no padding through which our memory could leak.
template <typename T>
concept GuestData = std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T> &&
                    !std::is_pointer_v<T> && !std::same_as<T, bool>;

/// Where a guest says that a T is. It cannot be dereferenced, only fetched.
template <GuestData T>
class GuestPtr {
  public:
    constexpr explicit GuestPtr(Ipa address) : address_(address) {}
    [[nodiscard]] constexpr Ipa address() const { return address_; }

  private:
    Ipa address_;
};

/// A private copy of what the guest has there now.
/// @return as copy_from_guest(), also for addresses that are not aligned for T: those are no error
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
