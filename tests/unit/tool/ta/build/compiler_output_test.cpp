// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/build/compiler_output.hpp"

#include <gtest/gtest.h>

namespace trv::tool::ta {
namespace {

using Found = std::vector<Diagnostic>;

TEST(CompilerOutput, FindsErrorsAndLeavesTheRestOut) {
    EXPECT_EQ(find_errors("  CC      x.o\n"
                          "hello.c: In function 'increment':\n"
                          "hello.c:14:28: error: expected ';' before '}' token\n"
                          "   14 |         params[0].value.a++\n"
                          "hello.c:15:1: note: to match this\n"
                          "sub/other.h:3: error: #error no\n"),
              (Found{{"hello.c", "14:28", "expected ';' before '}' token"}, {"sub/other.h", "3", "#error no"}}));
}

TEST(CompilerOutput, FindsWhatTheLinkerMisses) {
    EXPECT_EQ(find_errors("aarch64-linux-gnu-ld.bfd: /b/ta/hello.o: in function `increment':\n"
                          "/src/ta/hello.c:15: undefined reference to `nowhere'\n"
                          "/src/ta/hello.c:15: undefined reference to `nowhere'\n"),
              (Found{{"/src/ta/hello.c", "15", "undefined reference to `nowhere'"}}));
}

TEST(CompilerOutput, FindsMakesOwnErrors) {
    EXPECT_EQ(find_errors("Makefile:7: *** missing separator.  Stop.\n"),
              (Found{{"Makefile", "7", "missing separator.  Stop."}}));
    EXPECT_TRUE(find_errors("make: *** [x.mk:3: x.o] Error 1\n").empty());
}

} // namespace
} // namespace trv::tool::ta
