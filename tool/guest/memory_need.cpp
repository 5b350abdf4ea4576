#include "tool/guest/memory_need.hpp"

#include <algorithm>
#include <array>
#include <fstream>

namespace trv::tool::guest {

namespace {

constexpr std::uint64_t block = 2 * 1024 * 1024; // where the hypervisor places the tree, and Linux maps it
constexpr std::size_t header_size = 64;
constexpr std::size_t text_offset_at = 8;
constexpr std::size_t image_size_at = 16;

std::uint64_t little_endian_64(const std::array<char, header_size>& bytes, std::size_t offset) {
    std::uint64_t value = 0;
    for (std::size_t index = 8; index-- > 0;) {
        value = value << 8U | static_cast<unsigned char>(bytes[offset + index]);
    }
    return value;
}

} // namespace

Result<MemoryNeed> memory_need(const std::filesystem::path& image, std::optional<std::uint64_t> ramdisk) {
    std::array<char, header_size> header{};
    std::ifstream stream{image, std::ios::binary};
    std::error_code problem;
    const std::uint64_t file_size = std::filesystem::file_size(image, problem);
    if (problem || !stream.read(header.data(), header.size())) {
        return failure(image.string(), "cannot be read as an arm64 Image", "Give an uncompressed arm64 Image.");
    }
    const std::uint64_t image_size = std::max(little_endian_64(header, image_size_at), file_size);
    const std::uint64_t end = little_endian_64(header, text_offset_at) % block + image_size;
    return MemoryNeed{.kernel = (end + block - 1) / block * block, .tree = block, .ramdisk = 2 * ramdisk.value_or(0)};
}

} // namespace trv::tool::guest
