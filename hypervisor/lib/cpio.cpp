// SPDX-License-Identifier: Apache-2.0
#include "lib/cpio.hpp"

#include "lib/checked.hpp"

#include <algorithm>

namespace trv {
namespace {

constexpr std::string_view magics[] = {"070701", "070702"}; // without and with a checksum, which is not looked at
constexpr std::size_t magic_size = 6;
constexpr std::size_t digits = 8; // of each field behind the magic, hexadecimal
constexpr std::size_t fields = 13;
constexpr std::size_t header_size = magic_size + fields * digits;
constexpr std::size_t file_size_field = 6;
constexpr std::size_t name_size_field = 11;
constexpr u64 alignment = 4; // of names' ends and of contents' ends, from the archive's begin
constexpr std::string_view trailer = "TRAILER!!!";

std::string_view text_of(std::span<const u8> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<u64> field(std::string_view header, std::size_t index) {
    u64 value = 0;
    for (const char c : header.substr(magic_size + index * digits, digits)) {
        const unsigned letter = static_cast<unsigned char>(c) | 0x20U;
        if (c >= '0' && c <= '9') {
            value = value << 4 | static_cast<unsigned>(c - '0');
        } else if (letter >= 'a' && letter <= 'f') {
            value = value << 4 | (letter - 'a' + 10);
        } else {
            return fail(Error::Invalid);
        }
    }
    return value;
}

bool has_magic(std::string_view text) {
    return std::ranges::any_of(magics, [text](std::string_view magic) { return text.starts_with(magic); });
}

} // namespace

bool CpioReader::is_archive() const {
    return has_magic(text_of(archive_));
}

Result<std::span<u8>> CpioReader::take(u64 size) {
    if (size > archive_.size() - at_) {
        return fail(Error::Invalid);
    }
    const std::span<u8> taken = archive_.subspan(at_, size);
    at_ = std::min<u64>(align_up(at_ + size, alignment), archive_.size());
    return taken;
}

Result<std::optional<CpioMember>> CpioReader::next() {
    if (header_size > archive_.size() - at_) {
        return fail(Error::Invalid);
    }
    const std::string_view header = text_of(archive_.subspan(at_, header_size));
    if (!has_magic(header)) {
        return fail(Error::Invalid);
    }
    const u64 name_size = TRY(field(header, name_size_field));
    const u64 file_size = TRY(field(header, file_size_field));
    const std::string_view name_and_end = text_of(TRY(take(header_size + name_size))).substr(header_size);
    if (name_and_end.empty() || name_and_end.back() != '\0') {
        return fail(Error::Invalid);
    }
    const std::string_view name = name_and_end.substr(0, name_and_end.size() - 1);
    if (name == trailer) {
        return std::nullopt;
    }
    return CpioMember{name, TRY(take(file_size))};
}

std::span<u8> CpioReader::rest() const {
    const std::span<u8> behind = archive_.subspan(at_);
    const auto begin = std::ranges::find_if(behind, [](u8 byte) { return byte != 0; });
    return {begin, behind.end()};
}

} // namespace trv
