// SPDX-License-Identifier: Apache-2.0
#include "contract/agent.hpp"

#include <gtest/gtest.h>

#include <string>

namespace trv::contract::agent {
namespace {

/// One line of each kind, with sound parts.
template <typename Kind>
Message<Kind> sound(Kind kind) {
    return {.kind = kind, .id = 12, .numbers = {0755, 120}, .text = "foo"};
}

template <typename Kind>
void expect_inverse() {
    for (const Row<Kind>& row : rows<Kind>()) {
        const Message<Kind> message = sound(row.kind);
        std::string text = line<std::string>(message);
        ASSERT_TRUE(text.ends_with('\n')) << row.word;
        text.pop_back();
        const auto read = parse<Kind>(text);
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(read->kind, row.kind) << text;
        std::size_t numbers = 0;
        for (const Part part : row.parts) {
            if (part == Part::Id) {
                EXPECT_EQ(read->id, message.id) << text;
            } else if (part == Part::Number || part == Part::Mode) {
                EXPECT_EQ(read->numbers[numbers], message.numbers[numbers]) << text;
                ++numbers;
            } else {
                EXPECT_EQ(read->text, part == Part::Bytes ? "Zm9v" : "foo") << text;
            }
        }
    }
}

TEST(AgentLines, AreReadAsTheyAreWritten) {
    expect_inverse<Request>();
    expect_inverse<Reply>();
}

TEST(AgentLines, AreTheDocumentedOnes) {
    EXPECT_EQ(line<std::string>(sound(Request::Put)), "put 12 755 120 Zm9v\n");
    EXPECT_EQ(line<std::string>(sound(Request::Copy)), "copy 12 493 120\n");
    EXPECT_EQ(line<std::string>(sound(Request::PowerOff)), "poweroff\n");
    EXPECT_EQ(line<std::string>(Message<Reply>{.kind = Reply::Hello, .numbers = {version}}), "hello 1\n");
    EXPECT_EQ(line<std::string>(Message<Reply>{.kind = Reply::Exit, .id = 3, .numbers = {0}}), "exit 3 0\n");
    EXPECT_EQ(line<std::string>(Message<Reply>{.kind = Reply::Failed, .id = 3, .text = "no room"}),
              "failed 3 no room\n");
}

TEST(AgentLines, AreRefusedWithTheReason) {
    using What = Mistake<Request>::What;
    const auto mistake = [](std::string_view text) { return parse<Request>(text).error(); };
    EXPECT_EQ(mistake("").what, What::UnknownWord);
    EXPECT_EQ(mistake("EXEC 1 Zm9v").what, What::UnknownWord);
    EXPECT_EQ(mistake("poweroff now").what, What::UnknownWord);
    EXPECT_EQ(mistake("exec 1").what, What::TooFewParts);
    EXPECT_EQ(mistake("exec x Zm9v").what, What::BadId);
    EXPECT_EQ(mistake("exec 18446744073709551616 Zm9v").what, What::BadId) << "2^64";
    EXPECT_EQ(parse<Request>("exec 18446744073709551615 Zm9v")->id, ~std::uint64_t{0});
    EXPECT_EQ(mistake("exec 1 Zm9v x").what, What::BadPart);
    EXPECT_EQ(mistake("put 5 17777 1 Zm9v").id, 5U);
    EXPECT_EQ(mistake("put 5 9 1 Zm9v").what, What::BadPart);
    EXPECT_EQ(mistake("copy 5 +1 2").what, What::BadPart);
    EXPECT_EQ(mistake("copy 5  1 2").what, What::BadPart) << "two spaces";
}

} // namespace
} // namespace trv::contract::agent
