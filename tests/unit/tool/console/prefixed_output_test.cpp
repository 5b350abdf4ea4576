// SPDX-License-Identifier: Apache-2.0
#include "tool/console/prefixed_output.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace trv::tool::console {
namespace {

std::string printed(Colour colour) {
    char* text = nullptr;
    std::size_t size = 0;
    std::FILE* stream = ::open_memstream(&text, &size);
    PrefixedOutput output{stream, colour, {"alpha", "b"}};
    output.print(0, "hello\x1b[2J");
    output.print(1, "");
    std::fclose(stream);
    std::string result{text, size};
    std::free(text);
    return result;
}

TEST(PrefixedOutput, AlignsNames) {
    EXPECT_EQ(printed(Colour::Off), "alpha | hello\nb     |\n");
}

TEST(PrefixedOutput, ColoursNamesOnly) {
    EXPECT_EQ(printed(Colour::On), "\x1b[36malpha |\x1b[0m hello\n\x1b[33mb     |\x1b[0m\n");
}

TEST(PrefixedOutput, HasNoColoursInAFile) {
    std::FILE* file = std::tmpfile();
    EXPECT_EQ(colour_for(file), Colour::Off);
    std::fclose(file);
}

} // namespace
} // namespace trv::tool::console
