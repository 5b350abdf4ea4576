// SPDX-License-Identifier: Apache-2.0
#include "tool/packages/resolved_versions.hpp"
#include "tool/support/files.hpp"

#include <gtest/gtest.h>

namespace trv::tool::packages {
namespace {

class ResolvedVersionsFile : public testing::Test {
  protected:
    TemporaryFolder folder_ = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    std::filesystem::path file_ = folder_.path() / "resolved.json";
    PackageId kernel_{.suite = "trixie", .name = "linux-image-arm64", .kind = PackageKind::Kernel};
};

TEST_F(ResolvedVersionsFile, ReadsWhatItWrote) {
    const ResolvedPackage package{.package = "linux-image-6.12-arm64", .version = "6.12-1", .files = {"a.deb"}};
    ResolvedVersions versions;
    versions.set(kernel_, package);
    ASSERT_TRUE(versions.save(file_));
    const ResolvedVersions loaded = ResolvedVersions::load(file_);
    ASSERT_NE(loaded.find(kernel_), nullptr);
    EXPECT_EQ(*loaded.find(kernel_), package);
}

TEST_F(ResolvedVersionsFile, SuitesAreApart) {
    ResolvedVersions versions;
    versions.set(kernel_, {});
    EXPECT_EQ(versions.find({.suite = "bookworm", .name = kernel_.name}), nullptr);
}

TEST_F(ResolvedVersionsFile, ADamagedRecordIsEmpty) {
    EXPECT_TRUE(ResolvedVersions::load(file_).all().empty());
    for (const char* text : {"", "{", "[]", R"({"trixie/x": 1})", R"({"trixie/x": {"files": "no list"}})",
                             R"({"trixie/x": {"files": [1]}})", R"({"trixie/x": {"files": [], "version": 1}})"}) {
        ASSERT_TRUE(write_file(file_, text));
        EXPECT_TRUE(ResolvedVersions::load(file_).all().empty()) << text;
    }
}

} // namespace
} // namespace trv::tool::packages
