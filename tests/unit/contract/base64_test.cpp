// SPDX-License-Identifier: Apache-2.0
#include "contract/base64.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace trv::contract {
namespace {

TEST(Base64, Decodes) {
    EXPECT_EQ(decode_base64<std::string>(""), "");
    EXPECT_EQ(decode_base64<std::string>("Zg=="), "f");
    EXPECT_EQ(decode_base64<std::string>("Zm8="), "fo");
    EXPECT_EQ(decode_base64<std::string>("Zm9vYmFy"), "foobar");
    EXPECT_EQ(decode_base64<std::string>("/+8A"), std::string("\xff\xef\0", 3));
}

TEST(Base64, EncodesWhatItDecodes) {
    for (const std::string& bytes :
         {std::string(), std::string("f"), std::string("fo"), std::string("\xff\xef\0", 3)}) {
        EXPECT_EQ(decode_base64<std::string>(encode_base64<std::string>(bytes)), bytes);
    }
}

TEST(Base64, RefusesWhatItIsNot) {
    for (const char* text : {"Z", "Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm 9", "Zm9\n"}) {
        EXPECT_FALSE(decode_base64<std::string>(text)) << text;
    }
}

TEST(Base64, DecodesIntoTheCallersRoom) {
    std::array<char, 3> room{};
    EXPECT_EQ(decode_base64("Zm9v", room), "foo");
    EXPECT_EQ(decode_base64("Zg==", room), "f");
    EXPECT_EQ(decode_base64("Zm9vYmFy", room), std::nullopt) << "too long";
    EXPECT_EQ(decode_base64("Zm9", room), std::nullopt);
}

} // namespace
} // namespace trv::contract
