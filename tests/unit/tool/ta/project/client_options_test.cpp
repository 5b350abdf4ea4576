// SPDX-License-Identifier: Apache-2.0
#include "tool/support/files.hpp"
#include "tool/ta/build/client_libraries.hpp"
#include "tool/ta/project/client_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::ta {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ClientOptionsTest : public testing::Test {
  protected:
    Result<ClientOptions> read(const std::string& text) {
        EXPECT_TRUE(write_file(folder_.path() / "ta.toml", text));
        return read_client_options(Paths(folder_.path()), folder_.path());
    }
    std::string refusal(const std::string& text) {
        const auto options = read(text);
        return options ? "accepted" : to_string(options.error());
    }
    void make(const std::string& file) { EXPECT_TRUE(write_file(folder_.path() / file, "")); }

    TemporaryFolder folder_ = *TemporaryFolder::create(std::filesystem::temp_directory_path());
};

TEST_F(ClientOptionsTest, WithoutAFileAllOfClientIsBuilt) {
    make("client/b.c");
    make("client/deeper/a.cpp");
    make("client/a.h");
    const auto options = read_client_options(Paths(folder_.path()), folder_.path());
    ASSERT_TRUE(options);
    EXPECT_THAT(options->sources, ElementsAre(folder_.path() / "client/b.c", folder_.path() / "client/deeper/a.cpp"));
    EXPECT_TRUE(options->libraries.empty());
    EXPECT_EQ(read("")->sources, options->sources);
}

TEST_F(ClientOptionsTest, ReadsEveryKey) {
    make("client/main.c");
    make("common/log.c");
    make("lib/libmine.a");
    const auto options = read("[client]\nsources = [\"client\", \"common/log.c\"]\ninclude = [\"common\"]\n"
                              "flags = [\"-DX\"]\nlibraries = [\"m\", \"lib/libmine.a\"]\n"
                              "packages = [\"libssl-dev:arm64\", \"libssl3\"]\n");
    ASSERT_TRUE(options) << to_string(options.error());
    EXPECT_THAT(options->sources, ElementsAre(folder_.path() / "client/main.c", folder_.path() / "common/log.c"));
    EXPECT_THAT(options->include, ElementsAre(folder_.path() / "common"));
    EXPECT_THAT(options->flags, ElementsAre("-DX"));
    EXPECT_THAT(options->libraries, ElementsAre("-lm", (folder_.path() / "lib/libmine.a").string()));
    ASSERT_EQ(options->packages.size(), 2U);
    EXPECT_EQ(options->packages[0].text(), "bookworm/libssl-dev");
    EXPECT_EQ(options->packages[1].text(), "bookworm/libssl3");
    EXPECT_EQ(options->packages_place.place, "ta.toml:6:12");
}

TEST_F(ClientOptionsTest, RefusesWithPlaceAndHint) {
    EXPECT_THAT(refusal("[client]\nlibrary = [\"m\"]"),
                HasSubstr("ta.toml:2:1: client.library: unknown key. Valid keys are"));
    EXPECT_THAT(refusal("[clients]\nx = 1"), HasSubstr("ta.toml:1:"));
    EXPECT_THAT(refusal("client = 1"), HasSubstr("client: is not a table"));
    EXPECT_THAT(refusal("[client"), HasSubstr("Correct the TOML syntax"));
    EXPECT_THAT(refusal("[client]\nlibraries = [\"-lm\"]"), HasSubstr("'-lm' is not the name of a library"));
    EXPECT_THAT(refusal("[client]\nlibraries = [\"lib/libno.a\"]"), HasSubstr("client.libraries: 'lib/libno.a' does"));
    EXPECT_THAT(refusal("[client]\nsources = [\"none\"]"), HasSubstr("client.sources: 'none' does not exist"));
    EXPECT_THAT(refusal("[client]\npackages = [\"x; rm\"]"), HasSubstr("'x; rm' is not the name of a package"));
    make("empty/readme.txt");
    EXPECT_THAT(refusal("[client]\nsources = [\"empty\"]"), HasSubstr("'empty' has no C or C++ file"));
    EXPECT_THAT(refusal("[client]\ninclude = [\"empty/readme.txt\"]"), HasSubstr("is not a folder"));
}

TEST(DynamicSection, IsReadFromWhatReadelfPrints) {
    const auto section =
        parse_dynamic_section("Dynamic section at offset 0xfd90 contains 29 entries:\n"
                              "  Tag        Type                         Name/Value\n"
                              " 0x0000000000000001 (NEEDED)             Shared library: [libz.so.1]\n"
                              " 0x0000000000000001 (NEEDED)             Shared library: [libc.so.6]\n"
                              " 0x000000000000000e (SONAME)             Library soname: [libx.so.2]\n");
    EXPECT_EQ(section.name, "libx.so.2");
    EXPECT_THAT(section.needed, ElementsAre("libz.so.1", "libc.so.6"));
}

} // namespace
} // namespace trv::tool::ta
