// SPDX-License-Identifier: Apache-2.0
#include "host/disks/new_disk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::host::disks {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t gib = 1024 * 1024 * 1024;

std::string mistake(const NewDisk& disk) {
    const auto made = create_disk(disk);
    return made ? "none" : to_string(made.error());
}

TEST(NewDisks, AreRefusedBeforeAnythingIsWritten) {
    EXPECT_THAT(mistake({.name = "../etc", .from = "", .size = gib}), HasSubstr("is not a valid name"));
    EXPECT_THAT(mistake({.name = "", .from = "", .size = gib}), HasSubstr("is not a valid name"));
    EXPECT_THAT(mistake({.name = "no-such-disk", .from = "debian:trixie", .size = gib}),
                HasSubstr("--size: 1GiB: is too little for a Debian. Give it at least 2GiB."));
}

TEST(NewDisks, AreMadeFromASuiteOfDebian) {
    EXPECT_EQ(parse_origin("debian:trixie")->suite, "trixie");
    EXPECT_EQ(parse_origin("debian:trixie-backports")->suite, "trixie-backports");
    for (const char* text : {"debian:", "trixie", "debian:../x", "debian:trixie main", "debian:--help;x"}) {
        const auto origin = parse_origin(text);
        ASSERT_FALSE(origin) << text;
        EXPECT_EQ(exit_code(origin.error()), 2);
        EXPECT_THAT(to_string(origin.error()), HasSubstr("Write debian:SUITE"));
    }
}

} // namespace
} // namespace trv::host::disks
