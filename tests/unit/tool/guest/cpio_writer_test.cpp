// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/cpio_writer.hpp"
#include "tool/support/files.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <vector>

namespace trv::tool::guest {
namespace {

class Cpio : public testing::Test {
  protected:
    /// "name mode" of every entry, links with their targets.
    std::vector<std::string> list() {
        std::vector<std::string> names;
        archive* reader = archive_read_new();
        archive_read_support_format_cpio(reader);
        archive_read_open_filename(reader, file_.c_str(), 4096);
        for (archive_entry* entry = nullptr; archive_read_next_header(reader, &entry) == ARCHIVE_OK;) {
            const char* target = archive_entry_symlink(entry);
            names.push_back(archive_entry_strmode(entry) + std::string(archive_entry_pathname(entry)) +
                            (target != nullptr ? std::string(" -> ") + target : ""));
        }
        archive_read_free(reader);
        return names;
    }

    TemporaryFolder folder_ = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    std::filesystem::path file_ = folder_.path() / "out.cpio";
};

TEST_F(Cpio, HoldsEveryKindOfEntryAndTheFoldersAboveIt) {
    CpioWriter writer = *CpioWriter::create(file_);
    ASSERT_TRUE(writer.add_file("bin/tool", "content", 0755));
    ASSERT_TRUE(writer.add_link("bin/sh", "tool"));
    ASSERT_TRUE(writer.add_character_device("dev/console", 5, 1));
    ASSERT_TRUE(writer.finish());
    EXPECT_EQ(list(), (std::vector<std::string>{"drwxr-xr-x bin", "-rwxr-xr-x bin/tool", "lrwxrwxrwx bin/sh -> tool",
                                                "drwxr-xr-x dev", "crw------- dev/console"}));
    EXPECT_EQ(std::filesystem::file_size(file_) % 4, 0U);
}

TEST_F(Cpio, ATreeKeepsItsPermissionsAndLinks) {
    ASSERT_TRUE(write_file(folder_.path() / "tree" / "b", "x"));
    std::filesystem::permissions(folder_.path() / "tree" / "b", std::filesystem::perms::owner_all);
    std::filesystem::create_symlink("b", folder_.path() / "tree" / "a");
    CpioWriter writer = *CpioWriter::create(file_);
    ASSERT_TRUE(writer.add_tree(folder_.path() / "tree"));
    ASSERT_TRUE(writer.finish());
    EXPECT_EQ(list(), (std::vector<std::string>{"lrwxrwxrwx a -> b", "-rwx------ b"}));
}

TEST_F(Cpio, EqualContentGivesEqualBytes) {
    const auto write = [&] {
        CpioWriter writer = *CpioWriter::create(file_);
        EXPECT_TRUE(writer.add_file("a/b", "c"));
        EXPECT_TRUE(writer.finish());
        return *read_file(file_);
    };
    EXPECT_EQ(write(), write());
}

TEST_F(Cpio, AnAbsentTreeIsAnError) {
    CpioWriter writer = *CpioWriter::create(file_);
    EXPECT_FALSE(writer.add_tree(folder_.path() / "none"));
}

TEST_F(Cpio, APlaceThatCannotBeWrittenIsAnError) {
    EXPECT_FALSE(CpioWriter::create(folder_.path() / "none" / "out.cpio"));
}

} // namespace
} // namespace trv::tool::guest
