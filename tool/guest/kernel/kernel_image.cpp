// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/kernel/kernel_image.hpp"

#include "tool/guest/decompress.hpp"

#include <cstddef>
#include <cstdint>

namespace trv::tool::guest {
namespace {

constexpr std::size_t magic_offset = 0x38;
constexpr std::string_view magic = "ARM\x64";
constexpr std::string_view gzip_magic = "\x1f\x8b";
constexpr std::string_view zboot_magic = "zimg"; // behind the "MZ\0\0" of a PE executable
constexpr std::size_t zboot_magic_offset = 4;
constexpr std::size_t zboot_payload_offset = 8;
constexpr std::size_t zboot_payload_size = 12;

std::uint32_t little_endian_32(std::string_view bytes, std::size_t offset) {
    std::uint32_t value = 0;
    for (std::size_t index = 4; index-- > 0;) {
        value = value << 8U | static_cast<unsigned char>(bytes[offset + index]);
    }
    return value;
}

bool has_at(std::string_view bytes, std::size_t offset, std::string_view wanted) {
    return bytes.size() >= offset + wanted.size() && bytes.substr(offset, wanted.size()) == wanted;
}

} // namespace

bool is_raw_image(std::string_view bytes) {
    return has_at(bytes, magic_offset, magic);
}

Result<std::string> raw_image(std::string bytes, const std::string& name, std::string_view hint) {
    if (is_raw_image(bytes)) {
        return bytes;
    }
    std::string inner;
    if (has_at(bytes, 0, gzip_magic)) {
        inner = TRY(decompress(bytes, name, hint));
    } else if (has_at(bytes, 0, "MZ") && has_at(bytes, zboot_magic_offset, zboot_magic) && bytes.size() >= 64) {
        const std::size_t offset = little_endian_32(bytes, zboot_payload_offset);
        const std::size_t size = little_endian_32(bytes, zboot_payload_size);
        if (offset > bytes.size() || size > bytes.size() - offset) {
            return usage_error(name, {}, "the EFI wrapper's payload lies outside the file", "Download it again.");
        }
        inner = TRY(decompress(std::string_view(bytes).substr(offset, size), name, hint));
    }
    if (!is_raw_image(inner)) {
        return usage_error(name, {}, "is not an arm64 kernel: an Image has \"ARM\\x64\" at byte 0x38",
                           "Use an uncompressed or gzip-compressed arm64 Image.");
    }
    return inner;
}

} // namespace trv::tool::guest
