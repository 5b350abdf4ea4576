// SPDX-License-Identifier: Apache-2.0
#include "tool/support/files.hpp"
#include "tool/ta/project/new_project.hpp"
#include "tool/ta/project/project.hpp"

#include <gtest/gtest.h>

namespace trv::tool::ta {
namespace {

const machine::Uuid uuid = *machine::parse_uuid("8aaaf200-2450-11e4-abe2-0002a5d5c51b");

TEST(NewProject, FillsTheTemplateIn) {
    EXPECT_EQ(fill_in("@NAME@ @IDENTIFIER@.h @MACRO@_H @UUID@", "My-TA", uuid),
              "My-TA my_ta.h MY_TA_H 8aaaf200-2450-11e4-abe2-0002a5d5c51b");
    EXPECT_EQ(fill_in("@UUID_BYTES@", "x", uuid),
              "{ 0x8aaaf200, 0x2450, 0x11e4, { 0xab, 0xe2, 0x00, 0x02, 0xa5, 0xd5, 0xc5, 0x1b } }");
    EXPECT_EQ(fill_in("a@b @OTHER@", "x", uuid), "a@b @OTHER@");
}

TEST(NewProject, RandomUuidsDifferAndSaySo) {
    const auto one = random_uuid();
    const auto other = random_uuid();
    ASSERT_TRUE(one && other);
    EXPECT_NE(*one, *other);
    EXPECT_EQ(machine::to_text(*one)[14], '4');
}

TEST(NewProject, MakesAProjectThatReadsBack) {
    const TemporaryFolder folder = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    const auto templates = folder.path() / "tool" / "ta" / "project" / "template";
    ASSERT_TRUE(write_file(templates / "ta" / "Makefile", "BINARY = @UUID@\n"));
    ASSERT_TRUE(write_file(templates / "client" / "@IDENTIFIER@.c", "int @IDENTIFIER@;\n"));
    const Paths paths(folder.path());
    const auto where = folder.path() / "My-TA";
    ASSERT_TRUE(make_project(paths, where));
    EXPECT_EQ(read_file(where / "client" / "my_ta.c").value_or(""), "int my_ta;\n");
    const auto project = read_project(paths, where);
    ASSERT_TRUE(project);
    EXPECT_EQ(project->name, "My-TA");
    EXPECT_TRUE(machine::parse_uuid(project->uuid));
    EXPECT_EQ(make_project(paths, where).error().what, "already exists");
}

} // namespace
} // namespace trv::tool::ta
