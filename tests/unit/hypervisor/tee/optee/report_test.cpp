// SPDX-License-Identifier: Apache-2.0
// What a VM's use of its TEE looks like in the monitor's JSON.

#include "tee_test.hpp"

#include <nlohmann/json.hpp>

#include <set>

namespace trv::tee::optee {
namespace {

using nlohmann::json;

class TeeReport : public TeeTest {
  protected:
    json report() {
        std::array<char, 4096> room{};
        console::JsonWriter writer(room);
        alpha.partition->report(writer);
        return json::parse(writer.written());
    }
};

TEST_F(TeeReport, OfAnIdleVm) {
    const json idle = report();
    EXPECT_EQ(idle["calls"], json::object());
    EXPECT_EQ(idle["refused"], json::object());
    EXPECT_EQ(idle["sessions"], 0);
    EXPECT_EQ(idle["pinned_pages"], 0);
}

TEST_F(TeeReport, CountsWhatAVmDoes) {
    driver.probe();
    const u32 session = driver.open(hello);
    ASSERT_EQ(driver.register_pages(7, GuestDriver::page(40), 3), 0U);
    optee().next_script = {FakeOptee::command(msg::rpc::Fs, {{msg::ValueInOut, 1, 2, 3}})};
    EXPECT_EQ(driver.call_registered({1, {}, session}), abi::Ok);
    EXPECT_EQ(driver.unregister_shm(99), bad_parameters);
    EXPECT_EQ(driver.resume(0x1234)[0], abi::EResume);

    const json busy = report();
    EXPECT_EQ(busy["calls"], (json{{"fast", 1}, {"open", 1}, {"invoke", 1}, {"register", 2}, {"unregister", 1}}));
    EXPECT_EQ(busy["rpcs"], (json{{"fs", 1}}));
    EXPECT_EQ(busy["refused"], (json{{"unknown_cookie", 1}, {"bad_token", 1}}));
    EXPECT_EQ(busy["sessions"], 1);
    EXPECT_EQ(busy["pinned_pages"], 4);
    EXPECT_EQ(busy["buffers"], 2);
    EXPECT_EQ(busy["calls_in_flight"], 0);
    EXPECT_EQ(busy["entries"], 5) << "the request was answered by a second one";
    for (const char* key : {"secure_ns", "foreign_absorbed", "foreign_forwarded", "slices", "notifications",
                            "rpc_buffers", "windows", "core_mapped_pages"}) {
        EXPECT_TRUE(busy[key].is_number()) << key;
    }
}

TEST_F(TeeReport, CallsOfTheMediatorsOwn) {
    driver.probe();
    alpha.smc(abi::ExchangeCapabilities);
    ASSERT_EQ(driver.register_pages(7, GuestDriver::page(40), 1), 0U);
    EXPECT_EQ(report()["calls"]["own"], 1) << "what the old driver had registered is forgotten";
}

TEST_F(TeeReport, NamesAreApart) {
    std::set<std::string_view> names;
    for (u32 i = 0; i < counted_rpcs; ++i) {
        EXPECT_TRUE(names.insert(name_of(static_cast<RpcKind>(i))).second) << i;
    }
    EXPECT_EQ(name_of(static_cast<RpcKind>(msg::rpc::SupplicantPlugin)), "plugin");
    EXPECT_EQ(name_of(static_cast<RpcKind>(msg::rpc::BenchmarkRegister)), "bench_reg");
    EXPECT_EQ(name_of(static_cast<RpcKind>(msg::rpc::RpmbFrames)), "rpmb_frames");
    EXPECT_EQ(name_of(Refusal::BadReply), "bad_reply");
    EXPECT_EQ(name_of(CallKind::Own), "own");
}

} // namespace
} // namespace trv::tee::optee
