// SPDX-License-Identifier: Apache-2.0
#include "guest/aarch32/zimage.hpp"

#include "contract/zimage.hpp"

namespace trv::guest {
namespace {

ImageError error_of(contract::zimage::Problem problem) {
    switch (problem) {
    case contract::zimage::Problem::Truncated:
        return ImageError::Truncated;
    case contract::zimage::Problem::NoSize:
        return ImageError::NoTable;
    case contract::zimage::Problem::BigEndian:
        return ImageError::BigEndian;
    case contract::zimage::Problem::TooLarge:
        return ImageError::BadSize;
    }
    return ImageError::BadSize;
}

} // namespace

bool is_zimage(std::span<const u8> start) {
    constexpr std::size_t at = contract::zimage::magic_at;
    u32 value = 0;
    for (unsigned i = 0; i < 4 && at + i < start.size(); ++i) {
        value |= u32{start[at + i]} << (8 * i);
    }
    return value == contract::zimage::magic;
}

std::expected<KernelImage, ImageError> parse_zimage(u64 file_size, u8 (*byte)(u64 offset, void* context),
                                                    void* context) {
    const auto word = [&](u64 offset) {
        u32 value = 0;
        for (unsigned i = 0; i < 4; ++i) {
            value |= u32{byte(offset + i, context)} << (8 * i);
        }
        return value;
    };
    const auto need = contract::zimage::read_need(file_size, word);
    if (!need) {
        return std::unexpected(error_of(need.error()));
    }
    KernelImage image;
    image.lead = need->unpacked;
    image.memory_size = need->file;
    image.aarch32 = true;
    return image;
}

bool has_aarch32(u64 pfr0) {
    constexpr u64 both = 2; // [Arm ARM D24.2.87] EL1
    return (pfr0 >> 4 & 0xf) == both;
}

} // namespace trv::guest
