// SPDX-License-Identifier: Apache-2.0
#include "tool/disk/partitions.hpp"
#include "tool/support/files.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace trv::tool::disk {
namespace {

constexpr std::string_view esp{"\x28\x73\x2a\xc1\x1f\xf8\xd2\x11\xba\x4b\x00\xa0\xc9\x3e\xc9\x3b", 16};
constexpr std::string_view linux_data{"\xaf\x3d\xc6\x0f\x83\x84\x72\x47\x8e\x79\x3d\x69\xd8\x47\x7d\xe4", 16};
constexpr std::string_view root_arm64{"\x45\xb0\x21\xb9\xf0\x1d\xc3\x41\xaf\x44\x4c\x6f\x28\x0d\x3f\xae", 16};

/// A disk image, written to a file while it exists.
class Image {
  public:
    Image() : folder_{*TemporaryFolder::create(std::filesystem::temp_directory_path(), "image")} {}

    void put(std::size_t offset, std::string_view bytes) {
        bytes_.resize(std::max(bytes_.size(), offset + bytes.size()));
        bytes_.replace(offset, bytes.size(), bytes);
    }
    void put_number(std::size_t offset, std::uint64_t value, std::size_t size) {
        std::string bytes;
        for (std::size_t index = 0; index < size; ++index) {
            bytes += static_cast<char>(value >> 8 * index);
        }
        put(offset, bytes);
    }
    void put_table(std::uint64_t entries, std::uint64_t entry_size) {
        put(512, "EFI PART");
        put_number(512 + 72, 2, 8);
        put_number(512 + 80, entries, 4);
        put_number(512 + 84, entry_size, 4);
        put_number(1023, 0, 1);
    }
    void put_partition(std::size_t index, std::string_view type, std::uint64_t first_sector) {
        put(1024 + 128 * index, type);
        put_number(1024 + 128 * index + 32, first_sector, 8);
        put_number(1024 + 128 * index + 127, 0, 1);
    }
    std::filesystem::path file() {
        EXPECT_TRUE(write_file(folder_.path() / "disk.img", bytes_));
        return folder_.path() / "disk.img";
    }

  private:
    TemporaryFolder folder_;
    std::string bytes_;
};

TEST(Partitions, FindTheRootByItsType) {
    Image image;
    image.put_table(4, 128);
    image.put_partition(0, esp, 2048);
    image.put_partition(1, linux_data, 4096);
    image.put_partition(2, root_arm64, 8192);
    EXPECT_EQ(find_root_offset(image.file()), 8192U * 512);
}

TEST(Partitions, OtherwiseTakeTheFirstForLinux) {
    Image image;
    image.put_table(3, 128);
    image.put_partition(0, esp, 2048);
    image.put_partition(1, linux_data, 4096);
    image.put_partition(2, linux_data, 8192);
    EXPECT_EQ(find_root_offset(image.file()), 4096U * 512);
}

TEST(Partitions, MayBeMissingIfTheDiskIsAFileSystem) {
    Image image;
    image.put(1080, "\x53\xef");
    EXPECT_EQ(find_root_offset(image.file()), 0U);
}

TEST(Partitions, RefuseWhatIsNoDisk) {
    Image empty;
    EXPECT_FALSE(find_root_offset(empty.file()));
    EXPECT_FALSE(find_root_offset("nowhere"));
    Image text;
    text.put(0, std::string(4096, 'x'));
    const auto refused = find_root_offset(text.file());
    ASSERT_FALSE(refused);
    EXPECT_NE(to_string(refused.error()).find("neither a GUID partition table nor"), std::string::npos);
}

TEST(Partitions, RefuseADamagedTable) {
    for (const auto& [entries, size] : {std::pair{4U, 0U}, {4U, 64U}, {~0U, 128U}, {4U, ~0U}}) {
        Image image;
        image.put_table(entries, size);
        EXPECT_FALSE(find_root_offset(image.file())) << entries << " of " << size;
    }
    Image cut;
    cut.put(512, "EFI PART");
    EXPECT_FALSE(find_root_offset(cut.file()));
    Image without_linux;
    without_linux.put_table(1, 128);
    without_linux.put_partition(0, esp, 2048);
    EXPECT_FALSE(find_root_offset(without_linux.file()));
}

TEST(Partitions, KnowWhatALossOfPowerLeaves) {
    Image image;
    image.put_number(4096 + 1024 + 0x60, 0x2c2, 4);
    EXPECT_FALSE(*needs_recovery(image.file(), 4096));
    image.put_number(4096 + 1024 + 0x60, 0x2c6, 4);
    EXPECT_TRUE(*needs_recovery(image.file(), 4096));
    EXPECT_FALSE(*needs_recovery(image.file(), 8192)) << "where the file has ended";
}

TEST(Partitions, KnowQcow2) {
    Image image;
    image.put(0, "QFI\xfb");
    EXPECT_TRUE(*is_qcow2(image.file()));
    Image raw;
    EXPECT_FALSE(*is_qcow2(raw.file()));
}

} // namespace
} // namespace trv::tool::disk
