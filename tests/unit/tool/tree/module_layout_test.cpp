// SPDX-License-Identifier: Apache-2.0
#include "tool/support/files.hpp"
#include "tool/tree/module_layout.hpp"

#include <gtest/gtest.h>

namespace trv::tool::tree {
namespace {

constexpr std::uint64_t ram = 1ULL << 30;

class ModuleLayoutTest : public testing::Test {
  protected:
    std::filesystem::path file(const std::string& name, std::uint64_t size) {
        const auto path = folder_.path() / name;
        EXPECT_TRUE(write_file(path, "x"));
        std::filesystem::resize_file(path, size);
        return path;
    }

  private:
    TemporaryFolder folder_ = *TemporaryFolder::create(std::filesystem::temp_directory_path());
};

TEST_F(ModuleLayoutTest, PlacesFilesOneAfterTheOtherAboveTheHypervisor) {
    ModuleLayout layout{platform::qemu_virt.memory, ram};
    const auto kernel = layout.place(file("kernel", 0x20'0001));
    const auto ramdisk = layout.place(file("ramdisk", 1));
    ASSERT_TRUE(kernel && ramdisk);
    EXPECT_EQ(kernel->address, 0x6100'0000U);
    EXPECT_EQ(kernel->size, 0x20'0001U);
    EXPECT_EQ(ramdisk->address, 0x6140'0000U);
    EXPECT_EQ(layout.bytes(), 0x60'0000U);
}

TEST_F(ModuleLayoutTest, PlacesAFileOnce) {
    ModuleLayout layout{platform::qemu_virt.memory, ram};
    const auto kernel = file("kernel", 10);
    std::filesystem::create_symlink(kernel, kernel.parent_path() / "link");
    EXPECT_EQ(layout.place(kernel)->address, layout.place(kernel.parent_path() / "link")->address);
    EXPECT_EQ(layout.modules().size(), 1U);
}

TEST_F(ModuleLayoutTest, RefusesWhatDoesNotFit) {
    ModuleLayout layout{platform::qemu_virt.memory, ram};
    EXPECT_TRUE(layout.place(file("fits", 0x1f00'0000)));
    const auto problem = layout.place(file("one-more", 1));
    ASSERT_FALSE(problem);
    EXPECT_EQ(problem.error().kind, ErrorKind::Usage);
}

TEST_F(ModuleLayoutTest, RefusesFilesThatAreEmptyOrNotThere) {
    ModuleLayout layout{platform::qemu_virt.memory, ram};
    EXPECT_FALSE(layout.place(file("empty", 0)));
    EXPECT_FALSE(layout.place("/nowhere/at/all"));
}

} // namespace
} // namespace trv::tool::tree
