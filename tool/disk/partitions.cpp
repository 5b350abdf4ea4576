// SPDX-License-Identifier: Apache-2.0
#include "tool/disk/partitions.hpp"

#include "tool/support/file_descriptor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::disk {
namespace {

constexpr std::string_view qcow2_magic = "QFI\xfb";

// The partition table [UEFI 2.10, 5.3]: a header in the second sector says where the entries are.
constexpr std::uint64_t sector = 512;
constexpr std::string_view gpt_magic = "EFI PART";
constexpr std::size_t entries_sector = 72; // in the header
constexpr std::size_t entry_count = 80;
constexpr std::size_t entry_size = 84;
constexpr std::uint64_t least_entry_size = 128;
constexpr std::uint64_t most_entries_bytes = 128 * 1024; // the usual table has an eighth of it
constexpr std::size_t type_size = 16;
constexpr std::size_t first_sector = 32; // in an entry

// Types as they are on the disk [UAPI group, Discoverable Partitions Specification].
constexpr std::string_view root_arm64{"\x45\xb0\x21\xb9\xf0\x1d\xc3\x41\xaf\x44\x4c\x6f\x28\x0d\x3f\xae", type_size};
constexpr std::string_view linux_data{"\xaf\x3d\xc6\x0f\x83\x84\x72\x47\x8e\x79\x3d\x69\xd8\x47\x7d\xe4", type_size};

constexpr std::uint64_t ext4_magic_offset = 1080; // in the file system
constexpr std::string_view ext4_magic = "\x53\xef";
constexpr std::uint64_t ext4_incompatible = 1024 + 0x60; // features [Linux filesystems/ext4/super.rst]
constexpr std::uint64_t ext4_recover = 4;

Result<std::string> read_at(const std::filesystem::path& image, std::uint64_t offset, std::uint64_t size) {
    const FileDescriptor file{::open(image.c_str(), O_RDONLY | O_CLOEXEC)};
    std::string bytes(size, '\0');
    const ssize_t got = file ? ::pread(file.get(), bytes.data(), size, static_cast<off_t>(offset)) : -1;
    if (got < 0) {
        return system_failure(image.string(), "cannot be read");
    }
    bytes.resize(static_cast<std::size_t>(got));
    return bytes;
}

/// A little-endian number; the bytes are there.
std::uint64_t number(std::string_view bytes, std::size_t offset, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t index = size; index-- > 0;) {
        value = value << 8U | static_cast<unsigned char>(bytes[offset + index]);
    }
    return value;
}

/// The first byte of the first partition of this type.
std::optional<std::uint64_t> find(std::string_view entries, std::uint64_t size, std::string_view type) {
    for (std::uint64_t at = 0; at + size <= entries.size(); at += size) {
        if (entries.substr(at, type_size) == type) {
            return number(entries, at + first_sector, 8) * sector;
        }
    }
    return std::nullopt;
}

} // namespace

Result<bool> is_qcow2(const std::filesystem::path& image) {
    return TRY(read_at(image, 0, qcow2_magic.size())) == qcow2_magic;
}

Result<std::uint64_t> find_root_offset(const std::filesystem::path& image) {
    const std::string header = TRY(read_at(image, sector, sector));
    if (!header.starts_with(gpt_magic)) {
        if (TRY(read_at(image, ext4_magic_offset, ext4_magic.size())) == ext4_magic) {
            return 0;
        }
        return failure(image.string(), "has neither a GUID partition table nor an ext4 file system",
                       "Install the system with a GUID partition table.");
    }
    if (header.size() < sector) {
        return failure(image.string(), "ends within its partition table");
    }
    const std::uint64_t size = number(header, entry_size, 4);
    const std::uint64_t count = number(header, entry_count, 4);
    if (size < least_entry_size || count > most_entries_bytes / size) {
        return failure(image.string(), "has a damaged partition table");
    }
    const std::string entries = TRY(read_at(image, number(header, entries_sector, 8) * sector, count * size));
    auto root = find(entries, size, root_arm64);
    root = root ? root : find(entries, size, linux_data);
    if (!root) {
        return failure(image.string(), "has no partition for Linux", "Install a system on it.");
    }
    return *root;
}

Result<bool> needs_recovery(const std::filesystem::path& image, std::uint64_t offset) {
    const std::string features = TRY(read_at(image, offset + ext4_incompatible, 4));
    return features.size() == 4 && (number(features, 0, 4) & ext4_recover) != 0;
}

} // namespace trv::tool::disk
