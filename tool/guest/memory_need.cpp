// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/memory_need.hpp"

#include "contract/zimage.hpp"
#include "tool/guest/little_endian.hpp"
#include "tool/machine/readers/table_reader.hpp"
#include "tool/machine/values/byte_size.hpp"
#include "tool/support/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>

namespace trv::tool::guest {

namespace {

constexpr std::uint64_t block = 2 * 1024 * 1024; // where the hypervisor places the tree, and Linux maps it
constexpr std::size_t text_offset_at = 8;
constexpr std::size_t image_size_at = 16;
constexpr std::size_t flags_at = 24;
/// Far above any real kernel, far below where sums could wrap; the hypervisor has the same limit.
constexpr std::uint64_t largest_image = 64ULL * 1024 * 1024 * 1024;

std::uint64_t little_endian_64(std::string_view bytes, std::size_t offset) {
    std::uint64_t value = 0;
    for (std::size_t index = 8; index-- > 0;) {
        value = value << 8U | static_cast<unsigned char>(bytes[offset + index]);
    }
    return value;
}

std::uint64_t in_mib(std::uint64_t bytes) {
    return (bytes + machine::mib - 1) / machine::mib;
}

/// What the hypervisor would refuse at boot. [guest/image.cpp]
Result<void> check_header(const std::string& name, std::uint64_t text_offset, std::uint64_t image_size,
                          std::uint64_t flags) {
    constexpr const char* hint = "Give an arm64 Image, as Debian's packages have it.";
    if ((flags & 1) != 0) {
        return failure(name, "is a big-endian kernel", "Build it with CONFIG_CPU_LITTLE_ENDIAN=y.");
    }
    if (image_size == 0) {
        return failure(name, "has no size in its header: it is older than Linux 3.17", hint);
    }
    if (image_size > largest_image || text_offset >= block || text_offset % 4 != 0) {
        return failure(name, "has an impossible size or text offset in its header", hint);
    }
    return {};
}

} // namespace

Result<MemoryNeed> memory_need(std::string_view header, std::uint64_t size, const std::string& name,
                               std::optional<std::uint64_t> ramdisk) {
    if (header.size() < image_header_size) {
        return failure(name, "cannot be read as an arm64 Image", "Give an uncompressed arm64 Image.");
    }
    const std::uint64_t text_offset = little_endian_64(header, text_offset_at);
    const std::uint64_t image_size = little_endian_64(header, image_size_at);
    TRY(check_header(name, text_offset, image_size, little_endian_64(header, flags_at)));
    const std::uint64_t end = text_offset + std::max(image_size, size);
    return MemoryNeed{.kernel = (end + block - 1) / block * block, .tree = block, .ramdisk = 2 * ramdisk.value_or(0)};
}

namespace {

/// Of a kernel for 32-bit Arm.
Result<MemoryNeed> zimage_need(const std::filesystem::path& image, std::optional<std::uint64_t> ramdisk) {
    const std::string content = TRY(read_file(image));
    const auto word = [&content](std::uint64_t offset) { return little_endian<std::uint32_t>(content, offset); };
    const auto need = contract::zimage::read_need(content.size(), word);
    if (!need) {
        return failure(image.string(), "cannot be read as a 32-bit kernel", "Copy, download or build it again.");
    }
    const std::uint64_t end = need->unpacked + need->file;
    return MemoryNeed{.kernel = (end + block - 1) / block * block, .tree = block, .ramdisk = 2 * ramdisk.value_or(0)};
}

} // namespace

Result<MemoryNeed> memory_need(const std::filesystem::path& image, std::optional<std::uint64_t> ramdisk) {
    std::array<char, image_header_size> header{};
    std::ifstream stream{image, std::ios::binary};
    std::error_code problem;
    const std::uint64_t size = std::filesystem::file_size(image, problem);
    const bool whole = !problem && stream.read(header.data(), header.size());
    const std::string_view start{header.data(), header.size()};
    if (whole && little_endian<std::uint32_t>(start, contract::zimage::magic_at) == contract::zimage::magic) {
        return zimage_need(image, ramdisk);
    }
    return memory_need(std::string_view{header.data(), whole ? header.size() : 0}, size, image.string(), ramdisk);
}

Result<void> check_memory(const machine::VmDescription& vm, const MemoryNeed& need) {
    if (need.sum() <= vm.memory) {
        return {};
    }
    std::string parts = fmt::format("the kernel takes {}MiB", in_mib(need.kernel));
    if (need.ramdisk != 0) {
        parts += fmt::format(", the initramfs {}MiB and as much again when it is unpacked", in_mib(need.ramdisk / 2));
    }
    return machine::wrong_at(vm.memory_place,
                             fmt::format("{} is too little: {}", machine::format_size(vm.memory), parts),
                             fmt::format("Give the VM at least {}MiB and what its programs need{}.", in_mib(need.sum()),
                                         need.ramdisk != 0 ? ", or a smaller initramfs" : ""));
}

} // namespace trv::tool::guest
