// SPDX-License-Identifier: Apache-2.0
#include "tool/firmware/optee.hpp"
#include "tool/firmware/optee_source.hpp"
#include "tool/support/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::firmware {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

TEST(OpteeBuild, PassesEachOptionToMake) {
    const OpteeBuild build{.vms = 8,
                           .threads = 4,
                           .heap = 65536,
                           .log_level = 1,
                           .statistics = false,
                           .tests = false,
                           .debug = true,
                           .memory = {.base = 0x4400'0000, .size = 0x0400'0000}};
    const auto settings = build.settings();
    for (const char* one :
         {"CFG_VIRT_GUEST_COUNT=8", "CFG_NUM_THREADS=4", "CFG_CORE_HEAP_SIZE=65536", "CFG_TEE_CORE_LOG_LEVEL=1",
          "CFG_WITH_STATS=n", "CFG_ENABLE_EMBEDDED_TESTS=n", "DEBUG=1", "CFG_TZDRAM_START=0x44000000",
          "CFG_TZDRAM_SIZE=0x4000000", "CFG_PGT_CACHE_ENTRIES=16", "CFG_LPAE_ADDR_SPACE_BITS=39", "CFG_DYN_CONFIG=n",
          "CFG_NS_VIRTUALIZATION=y", "CFG_NOTIF_TEST_WD=n", "CFG_TA_ASLR=n"}) {
        EXPECT_THAT(settings, Contains(one));
    }
    EXPECT_THAT(OpteeBuild{}.settings(), Not(Contains(HasSubstr("ASLR"))));
    EXPECT_THAT(OpteeBuild{.ftrace = true}.settings(), IsSupersetOf({"CFG_FTRACE_SUPPORT=y", "CFG_TA_MCOUNT=y"}));
    EXPECT_THAT(OpteeBuild{}.settings(), Not(Contains(HasSubstr("FTRACE"))));
}

TEST(OpteeBuild, HasANameOfItsOwnForEachSetting) {
    const OpteeBuild usual;
    OpteeBuild other;
    EXPECT_EQ(usual.name(), other.name());
    other.address_spaces = 64;
    EXPECT_NE(usual.name(), other.name());
    other = usual;
    other.is_in_ram = true;
    EXPECT_NE(usual.name(), other.name());
    other = usual;
    other.threads = 3;
    EXPECT_NE(usual.name(), other.name());
    EXPECT_EQ(name(Optee{usual}), usual.name());
    EXPECT_EQ(name(DebianOptee::Plain), "plain");
}

TEST(OpteeBuild, CanBeWithoutVirtualizationAndElseTheSame) {
    const OpteeBuild usual{.threads = 3, .memory = {.base = 1, .size = 2}, .is_in_ram = true};
    const Optee plain = without_virtualization(usual, {.base = 3, .size = 4});
    ASSERT_TRUE(source_build(plain));
    EXPECT_EQ(*source_build(plain), (OpteeBuild{.vms = 0, .threads = 3, .memory = {.base = 3, .size = 4}}));
    EXPECT_THAT(source_build(plain)->settings(), Contains("CFG_NS_VIRTUALIZATION=n"));
    EXPECT_EQ(without_virtualization(DebianOptee::Virtualized, {}), Optee{DebianOptee::Plain});
}

TEST(OpteeBuild, IsMadeAgainIfASettingChanges) {
    const TemporaryFolder root = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    const packages::PackageStore store{Paths{root.path()}};
    const auto key = root.path() / "key.pem";
    ASSERT_TRUE(write_file(key, "a key"));
    const auto inputs = [&](const OpteeBuild& build) {
        const auto hash = optee_inputs(store, build, key);
        EXPECT_TRUE(hash) << to_string(hash.error());
        return hash.value_or("");
    };
    const std::string usual = inputs({});
    EXPECT_EQ(inputs({}), usual);
    EXPECT_NE(inputs({.log_level = 1}), usual);
    EXPECT_NE(inputs({.address_spaces = 64}), usual) << "only an edit has it";
    ASSERT_TRUE(write_file(key, "another"));
    EXPECT_NE(inputs({}), usual);
}

TEST(OpteeBuild, IsRefusedIfItTakesMoreThanPlanned) {
    const OpteeBuild build{.threads = 2, .heap = 512 * 1024};
    const auto size = symbol_value(
        "00000000440a1000 A __vcore_unpg_rw_start\n00000000000a0000 A __vcore_unpg_rw_size\n", "__vcore_unpg_rw_size");
    ASSERT_TRUE(size);
    EXPECT_EQ(*size, 0xa0000U);
    EXPECT_TRUE(check_data(build, *size)) << "that of 4.10.0";
    EXPECT_FALSE(check_data(build, 2 * *size));
    EXPECT_FALSE(symbol_value("0000 A other\n", "__vcore_unpg_rw_size"));
}

TEST(SourceEdit, ReplacesWhatOccursOnce) {
    const SourceEdit edit{.file = "a.c", .from = "#define N 64\n", .to = "#define N 127\n"};
    EXPECT_EQ(*apply(edit, "x\n#define N 64\ny\n"), "x\n#define N 127\ny\n");
}

TEST(SourceEdit, RefusesATextThatItDoesNotKnow) {
    const SourceEdit edit{.file = "a.c", .from = "#define N 64\n", .to = ""};
    const auto missing = apply(edit, "#define N 32\n");
    ASSERT_FALSE(missing);
    EXPECT_THAT(to_string(missing.error()), testing::AllOf(HasSubstr("a.c is not as expected"), HasSubstr("debian")));
    EXPECT_FALSE(apply(edit, "#define N 64\n#define N 64\n"));
}

TEST(SourceEdit, CanBeOfOneFunction) {
    const SourceEdit edit{.file = "a.c", .from = "panic();", .to = "fail();", .after = "\nvoid second("};
    const std::string first = "\nvoid first() {\npanic();\n}\n";
    const std::string third = "\nvoid third() {\npanic();\n}\n";
    EXPECT_EQ(*apply(edit, first + "\nvoid second() {\npanic();\n}\n" + third),
              first + "\nvoid second() {\nfail();\n}\n" + third);
    EXPECT_FALSE(apply(edit, first + "\nvoid second() {\npanic();\npanic();\n}\n" + third));
    EXPECT_FALSE(apply(edit, first + "\nvoid second() {\n}\n" + third)) << "the text is in another function only";
    EXPECT_FALSE(apply(edit, "panic();"));
}

TEST(SourceEdit, SetsTheNumberOfAddressSpaces) {
    const OpteeBuild build{.address_spaces = 99};
    EXPECT_EQ(*apply(source_edits(build).front(), "#define MMU_NUM_ASID_PAIRS\t\t64\n"),
              "#define MMU_NUM_ASID_PAIRS\t\t99\n");
}

} // namespace
} // namespace trv::tool::firmware
