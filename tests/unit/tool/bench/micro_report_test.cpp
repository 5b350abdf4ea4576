#include "tool/bench/micro_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trv::tool::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<Figure>& good() {
    static const std::vector<Figure> figures{
        {.name = "null-hypercall", .ns = 139},     {.name = "refused-smc", .ns = 150},
        {.name = "vgic-read-constant", .ns = 300}, {.name = "vgic-read-state", .ns = 300},
        {.name = "vgic-write", .ns = 300},         {.name = "sgi-one-way", .ns = 3000.5}};
    return figures;
}

TEST(MicroReport, TableSaysWhatIsExceededOrMissing) {
    EXPECT_TRUE(all_promises_kept(good()));
    EXPECT_THAT(micro_table(good()), HasSubstr("null-hypercall             139.0    150\n"));
    EXPECT_THAT(micro_table(good()), Not(HasSubstr("exceeded")));
    auto bad = good();
    bad[0].ns = 151;
    EXPECT_FALSE(all_promises_kept(bad));
    EXPECT_THAT(micro_table(bad), HasSubstr("151.0    150  exceeded\n"));
    bad.erase(bad.begin());
    EXPECT_FALSE(all_promises_kept(bad));
    EXPECT_THAT(micro_table(bad), HasSubstr("missing"));
}

TEST(MicroReport, JsonHasFiguresAndVersions) {
    const auto json = nlohmann::json::parse(micro_json(good(), {{"tool", "1"}}));
    EXPECT_EQ(json["suite"], "micro");
    EXPECT_EQ(json["promises_kept"], true);
    EXPECT_EQ(json["versions"]["tool"], "1");
    EXPECT_EQ(json["figures"][0]["limit"], 150);
    EXPECT_EQ(json["figures"][0]["kept"], true);
    EXPECT_FALSE(json["figures"][5].contains("limit"));
}

} // namespace
} // namespace trv::tool::bench
