// SPDX-License-Identifier: Apache-2.0
#include "contract/manager.hpp"
#include "tool/machine/values/name_uuid.hpp"
#include "tool/machine/values/uuid.hpp"

#include <gtest/gtest.h>

namespace trv::tool::machine {
namespace {

TEST(Uuid, KeepsTheOrderOfItsText) {
    const Uuid expected{0x8a, 0xaa, 0xf2, 0x00, 0x24, 0x50, 0x11, 0xe4, 0xab, 0xe2, 0x00, 0x02, 0xa5, 0xd5, 0xc5, 0x1b};
    EXPECT_EQ(parse_uuid("8aaaf200-2450-11e4-abe2-0002a5d5c51b"), expected);
    EXPECT_EQ(parse_uuid("8AAAF200-2450-11E4-ABE2-0002A5D5C51B"), expected);
    EXPECT_EQ(to_text(expected), "8aaaf200-2450-11e4-abe2-0002a5d5c51b");
}

TEST(Uuid, RefusesEverythingElse) {
    for (const char* text : {"", "8aaaf200-2450-11e4-abe2-0002a5d5c51", "8aaaf200-2450-11e4-abe2-0002a5d5c51bb",
                             "8aaaf200x2450-11e4-abe2-0002a5d5c51b", "8aaaf20g-2450-11e4-abe2-0002a5d5c51b",
                             "8aaaf2002450-11e4-abe2-00-02a5d5c51b", "8aaaf200-2450-11e4-abe20-002a5d5c51b"}) {
        EXPECT_FALSE(parse_uuid(text)) << text;
    }
}

TEST(Uuid, OfANameIsThatOfTheKernelsTeeDriver) {
    const Uuid& space = contract::manager::caller_name_space;
    EXPECT_EQ(to_text(name_uuid(space, "uid=0")), "ef0180a3-13f3-5d1c-b7f5-888c0e21059a");
    EXPECT_EQ(to_text(name_uuid(space, "gid=3e8")), "0ece43ed-001d-51bd-bab7-480c8954c3cf");
}

} // namespace
} // namespace trv::tool::machine
