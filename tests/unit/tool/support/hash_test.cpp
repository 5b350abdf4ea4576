// SPDX-License-Identifier: Apache-2.0
#include "tool/support/files.hpp"
#include "tool/support/hash.hpp"

#include <gtest/gtest.h>

namespace trv::tool {
namespace {

std::string hash_of(const std::filesystem::path& path) {
    Sha256 hash;
    EXPECT_TRUE(hash.add_path(path));
    return hash.finish();
}

TEST(Sha256, MatchesTheStandardsExample) {
    EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, FieldsDoNotRunIntoEachOther) {
    Sha256 left;
    left.add_field("ab");
    left.add_field("c");
    Sha256 right;
    right.add_field("a");
    right.add_field("bc");
    EXPECT_NE(left.finish(), right.finish());
}

TEST(Sha256, AFolderIsItsNamesAndContents) {
    const TemporaryFolder folder = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    ASSERT_TRUE(write_file(folder.path() / "a" / "one", "1"));
    const std::string before = hash_of(folder.path());
    EXPECT_EQ(hash_of(folder.path()), before);
    ASSERT_TRUE(write_file(folder.path() / "a" / "one", "2"));
    EXPECT_NE(hash_of(folder.path()), before);
    ASSERT_TRUE(write_file(folder.path() / "a" / "one", "1"));
    EXPECT_EQ(hash_of(folder.path()), before);
    std::filesystem::rename(folder.path() / "a" / "one", folder.path() / "a" / "two");
    EXPECT_NE(hash_of(folder.path()), before);
}

} // namespace
} // namespace trv::tool
