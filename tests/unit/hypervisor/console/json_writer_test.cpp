// SPDX-License-Identifier: Apache-2.0
#include "console/json_writer.hpp"

#include <gtest/gtest.h>

#include <array>

namespace trv::console {
namespace {

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
    std::array<char, 200> buffer;
    JsonWriter json(buffer);
    json.begin_object();
    json.member("a", 1U);
    json.member("b", true);
    json.member("c", -5);
    json.key("d");
    json.begin_array();
    json.value(std::string_view("x"));
    json.begin_object();
    json.end_object();
    json.begin_array();
    json.end_array();
    json.value(~u64{0});
    json.end_array();
    json.member("e", std::string_view());
    json.end_object();
    EXPECT_EQ(json.written(), R"({"a":1,"b":true,"c":-5,"d":["x",{},[],18446744073709551615],"e":""})");
    EXPECT_FALSE(json.overflowed());
}

TEST(JsonWriter, EscapesEverythingThatIsNotPrintableAscii) {
    std::array<char, 200> buffer;
    JsonWriter json(buffer);
    json.text(std::string_view("\"\\\n\0\x7f\xc3~", 7));
    EXPECT_EQ(json.written(), R"("\"\\\u000a\u0000\u007f\u00c3~")");
}

TEST(JsonWriter, SaysWhenItDidNotFit) {
    std::array<char, 5> buffer;
    JsonWriter json(buffer);
    json.text("abc");
    EXPECT_FALSE(json.overflowed());
    json.text("d");
    EXPECT_TRUE(json.overflowed());
    EXPECT_EQ(json.written().size(), 5U);
}

} // namespace
} // namespace trv::console
