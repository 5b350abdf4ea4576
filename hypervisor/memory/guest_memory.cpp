// SPDX-License-Identifier: Apache-2.0
#include "memory/guest_memory.hpp"

namespace trv::memory {

namespace {

// Volatile: each byte is read exactly once, however the compiler uses the copy later. Words are copied whole where the
// guest's side is aligned, so that a word that the guest writes atomically is read atomically.
constexpr u64 word_size = sizeof(u64);

bool is_word(const volatile std::byte* guest, u64 left) {
    return left >= word_size && is_aligned(reinterpret_cast<u64>(guest), word_size);
}

void read_once(const volatile std::byte* guest, std::byte* copy, u64 size) {
    while (size != 0) {
        if (is_word(guest, size)) {
            const u64 word = *static_cast<const volatile u64*>(static_cast<const volatile void*>(guest));
            __builtin_memcpy(copy, &word, word_size);
            guest += word_size;
            copy += word_size;
            size -= word_size;
        } else {
            *copy++ = *guest++;
            --size;
        }
    }
}

void write_once(volatile std::byte* guest, const std::byte* copy, u64 size) {
    while (size != 0) {
        if (is_word(guest, size)) {
            u64 word;
            __builtin_memcpy(&word, copy, word_size);
            *static_cast<volatile u64*>(static_cast<volatile void*>(guest)) = word;
            guest += word_size;
            copy += word_size;
            size -= word_size;
        } else {
            *guest++ = *copy++;
            --size;
        }
    }
}

/// Whether a guest's buffer ends before the address space does.
Result<void> check_extent(Ipa base, u64 size) {
    if (size != 0 && !make_range(base, size)) {
        return fail(Error::Overflow);
    }
    return {};
}

} // namespace

Result<void> copy_from_guest(const Stage2& space, Ipa from, std::span<std::byte> to) {
    TRY(check_extent(from, to.size()));
    while (!to.empty()) {
        const u64 copied =
            TRY(space.with_memory(from, to.size(), Stage2::Purpose::Read,
                                  [&](const std::byte* guest, u64 bytes) { read_once(guest, to.data(), bytes); }));
        from += copied;
        to = to.subspan(copied);
    }
    return {};
}

Result<void> copy_to_guest(const Stage2& space, Ipa to, std::span<const std::byte> from) {
    TRY(check_extent(to, from.size()));
    while (!from.empty()) {
        const u64 copied =
            TRY(space.with_memory(to, from.size(), Stage2::Purpose::Write,
                                  [&](std::byte* guest, u64 bytes) { write_once(guest, from.data(), bytes); }));
        to += copied;
        from = from.subspan(copied);
    }
    return {};
}

} // namespace trv::memory
