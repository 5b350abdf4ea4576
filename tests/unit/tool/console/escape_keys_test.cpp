// SPDX-License-Identifier: Apache-2.0
#include "tool/console/escape_keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::console {
namespace {

using testing::ElementsAre;
using Kind = Typed::Kind;

TEST(EscapeKeys, PassesTextOn) {
    EscapeKeys keys;
    EXPECT_THAT(keys.feed("ls -l\r\x03"), ElementsAre(Typed{.kind = Kind::Text, .text = "ls -l\r\x03"}));
}

TEST(EscapeKeys, KnowsItsKeysEvenWhenTheInputIsCut) {
    EscapeKeys keys;
    EXPECT_THAT(keys.feed("a\x1d"), ElementsAre(Typed{.kind = Kind::Text, .text = "a"}));
    EXPECT_THAT(keys.feed("q"), ElementsAre(Typed{.kind = Kind::Quit}));
    EXPECT_THAT(keys.feed("\x1d"
                          "2b\x1dn\x1dh"),
                ElementsAre(Typed{.kind = Kind::SelectVm, .number = 2}, Typed{.kind = Kind::Text, .text = "b"},
                            Typed{.kind = Kind::NextVm}, Typed{.kind = Kind::HypervisorLog}));
}

TEST(EscapeKeys, SendsThePrefixItselfWhenTypedTwice) {
    EscapeKeys keys;
    EXPECT_THAT(keys.feed("\x1d\x1dq"), ElementsAre(Typed{.kind = Kind::Text, .text = "\x1dq"}));
}

TEST(EscapeKeys, HelpsWithAnyOtherKey) {
    EscapeKeys keys;
    EXPECT_THAT(keys.feed("\x1d?"), ElementsAre(Typed{.kind = Kind::Help}));
    EXPECT_THAT(keys.feed("\x1dx"), ElementsAre(Typed{.kind = Kind::Help}));
    EXPECT_THAT(escape_help({"alpha", "beta"}), testing::HasSubstr("2       switch to VM beta"));
}

} // namespace
} // namespace trv::tool::console
