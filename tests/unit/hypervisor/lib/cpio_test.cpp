// SPDX-License-Identifier: Apache-2.0
#include "cpio_archive.hpp"
#include "lib/cpio.hpp"

#include <gtest/gtest.h>

namespace trv {
namespace {

using test::CpioArchive;

std::string_view text(std::span<const u8> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(Cpio, GoesThroughMembersAndFindsTheRest) {
    std::vector<u8> bytes = CpioArchive()
                                .add("a", "first")
                                .add("folder/longer-name", "")
                                .add("b", "second")
                                .finish()
                                .append(std::string_view("\0\0\0\0rest", 8))
                                .bytes();
    CpioReader reader(bytes);
    ASSERT_TRUE(reader.is_archive());
    for (const auto& [name, content] :
         {std::pair{"a", "first"}, std::pair{"folder/longer-name", ""}, std::pair{"b", "second"}}) {
        const auto member = reader.next();
        ASSERT_TRUE(member && *member);
        EXPECT_EQ((*member)->name, name);
        EXPECT_EQ(text((*member)->content), content);
    }
    const auto end = reader.next();
    ASSERT_TRUE(end);
    EXPECT_FALSE(*end);
    EXPECT_EQ(text(reader.rest()), "rest");
}

TEST(Cpio, NothingBehindTheArchiveIsAnEmptyRest) {
    std::vector<u8> bytes = CpioArchive().finish().bytes();
    CpioReader reader(bytes);
    const auto end = reader.next();
    ASSERT_TRUE(end && !*end);
    EXPECT_TRUE(reader.rest().empty());
}

TEST(Cpio, IsNoArchiveWithoutItsMagic) {
    for (const std::string_view start : {"", "07070", "070707", "\x1f\x8b\x08 gzip"}) {
        std::vector<u8> bytes(start.begin(), start.end());
        EXPECT_FALSE(CpioReader(bytes).is_archive()) << start;
        EXPECT_FALSE(CpioReader(bytes).next()) << start;
    }
}

TEST(Cpio, RefusesWhatIsDamaged) {
    const std::vector<u8> cases[] = {
        CpioArchive().add("a", "first").bytes(),                                    // no trailer
        CpioArchive().append("070701").bytes(),                                     // half a header
        CpioArchive().add_header(2, 5).bytes(),                                     // no name
        CpioArchive().add_header(0, 0).bytes(),                                     // a name without its end
        CpioArchive().add_header(1, 0).append("x").bytes(),                         // the same
        CpioArchive().add_header(0xffffffff, 0).append("name").bytes(),             // the longest name
        CpioArchive().add_header(2, 0xffffffff).append({"a\0", 2}).align().bytes(), // the largest file
        CpioArchive().add_header(2, 5).append({"a\0", 2}).align().append("four").bytes(),
    };
    for (std::vector<u8> bytes : cases) {
        CpioReader reader(bytes);
        auto member = reader.next();
        while (member && *member) {
            member = reader.next();
        }
        EXPECT_FALSE(member) << text(bytes);
    }
    std::vector<u8> digits = CpioArchive().add("a", "first").finish().bytes();
    digits[6 + 6 * 8] = 'g'; // in the file's size
    EXPECT_FALSE(CpioReader(digits).next());
}

} // namespace
} // namespace trv
