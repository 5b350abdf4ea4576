// SPDX-License-Identifier: Apache-2.0
// OP-TEE's core places what it maps by first fit, and each 2 MiB that it ever touches takes a translation table for
// good: what is mapped at one time says little of how many. Two threads of one VM that keep single pages far apart.

#include "tee/optee/model/model_pool.hpp"
#include "tee_test.hpp"

namespace trv::tee::optee {
namespace {

class Spread : public TeeTest {
  protected:
    using Rpc = FakeOptee::Rpc;

    /// A call under way, whose requests are answered one by one.
    struct Call {
        Ipa argument;
        std::array<u64, 4> x{};
        [[nodiscard]] Ipa rpc() const { return argument + msg::size_of(0); }
    };

    Call begin(u64 page, std::deque<Rpc> script) {
        optee().next_script = std::move(script);
        Call call{GuestDriver::page(page)};
        driver.write(call.argument, {1, {}, 1});
        call.x = driver.start(abi::CallWithRpcArg, call.argument.value);
        return call;
    }
    /// Gives what was asked for, or more.
    void give(Call& call, u64 pages) {
        ASSERT_EQ(call.x[0], abi::RpcCommand);
        ASSERT_EQ(driver.header(call.rpc()).cmd, msg::rpc::ShmAlloc);
        driver.param(call.rpc(), 0) = {msg::TmemOut | msg::Noncontiguous,
                                       driver.make_list(GuestDriver::pages_from(GuestDriver::page(64), pages)),
                                       pages * page_size, ++cookie_};
        go_on(call);
        if (call.x[0] == abi::RpcCommand && driver.header(call.rpc()).cmd == msg::rpc::ShmFree &&
            driver.param(call.rpc(), 0).b == cookie_) { // it was not taken
            go_on(call);
        }
    }
    void go_on(Call& call) {
        driver.header(call.rpc()).ret = 0;
        call.x = driver.resume(call.x[3]);
        follow();
    }
    void end(Call& call) {
        while (call.x[0] == abi::RpcCommand) {
            driver.header(call.rpc()).ret = driver.header(call.rpc()).cmd == msg::rpc::ShmFree ? 0 : 0xffff'0000;
            call.x = driver.resume(call.x[3]);
            follow();
        }
    }
    /// What OP-TEE got to know of, and what it forgot, since the last time.
    void follow() {
        const auto& memory = optee().memory_of(alpha.partition->id());
        std::erase_if(known_, [&](u64 cookie) {
            if (!memory.contains(cookie)) {
                pool_.remove(cookie);
            }
            return !memory.contains(cookie);
        });
        for (const auto& [cookie, what] : memory) {
            if (known_.insert(cookie).second) {
                highest = std::max(highest, pool_.map(cookie, static_cast<u32>(what.pages.size())));
            }
        }
    }
    static Rpc ask(u64 pages) { return FakeOptee::allocate(pages * page_size); }
    static Rpc wait() { return FakeOptee::command(msg::rpc::Suspend, {{msg::ValueIn, 1, 0, 0}}); }
    static Rpc give_back() { return FakeOptee::free_last(); }

    u32 highest = 0;

  private:
    PoolPicture pool_;
    std::set<u64> known_;
    u64 cookie_ = 0x1000;
};

TEST_F(Spread, SinglePagesFarApart) {
    // Each thread has buffers for storage, for sockets and for an application; the application says how large.
    constexpr u64 filler = 425;
    Call sower = begin(
        30, {ask(filler), wait(), ask(filler), wait(), ask(filler), wait(), give_back(), give_back(), give_back()});
    Call keeper = begin(31, {ask(1), wait(), ask(1), wait(), ask(1), wait(), give_back(), give_back(), give_back()});
    for (int i = 0; i < 3; ++i) {
        give(sower, filler);
        give(keeper, 1);
        if (i < 2) {
            go_on(sower);
            go_on(keeper);
        }
    }
    end(sower);
    Call reaper = begin(30, {ask(2 * filler), wait(), ask(filler + 1), wait(), give_back(), ask(2 * filler + 1), wait(),
                             give_back(), give_back()});
    give(reaper, 2 * filler);
    go_on(reaper);
    give(reaper, filler + 1);
    go_on(reaper);
    while (reaper.x[0] == abi::RpcCommand && driver.header(reaper.rpc()).cmd == msg::rpc::ShmFree) {
        go_on(reaper);
    }
    if (reaper.x[0] == abi::RpcCommand && driver.header(reaper.rpc()).cmd == msg::rpc::ShmAlloc) {
        give(reaper, 2 * filler + 1);
    }
    EXPECT_LE(highest, MapBudget::pool_pages) << "OP-TEE: Failed to spread pgdir on small tables";
    EXPECT_GT(refused(Refusal::MapBudget), 0U);
    end(reaper);
    end(keeper);
}

TEST_F(Spread, AnAnswerIsAsLargeAsTheRequest) {
    Call call = begin(30, {ask(3), wait(), give_back()});
    give(call, 4); // as Linux' driver before 6.8 does
    EXPECT_EQ(highest, 3U) << "what is more is not OP-TEE's to map";
    end(call);
    EXPECT_EQ(refused(Refusal::LargeReply), 0U);
    call = begin(30, {ask(3), wait()});
    give(call, 5);
    EXPECT_EQ(refused(Refusal::LargeReply), 1U);
    EXPECT_EQ(alpha.partition->usage().rpc_buffers, 0U);
    end(call);
}

TEST_F(Spread, ACallForWhichThereIsNoRoomComesAgain) {
    ASSERT_EQ(driver.register_pages(1, GuestDriver::page(64), 800), 0U);
    ASSERT_EQ(driver.register_pages(2, GuestDriver::page(64), 700), 0U);
    optee().next_script = {wait()};
    driver.write(GuestDriver::page(30), {1, {{msg::RmemIn, 0, 8, 1}}, 1});
    Call call{GuestDriver::page(30), driver.start(abi::CallWithRpcArg, GuestDriver::page(30).value)};
    ASSERT_EQ(call.x[0], abi::RpcCommand);
    driver.write(GuestDriver::page(31), {1, {{msg::RmemIn, 0, 8, 2}}, 1});
    EXPECT_EQ(driver.start(abi::CallWithRpcArg, GuestDriver::page(31).value)[0], abi::EThreadLimit);
    driver.header(call.argument + msg::size_of(1)).ret = 0;
    EXPECT_EQ(driver.resume(call.x[3])[0], abi::Ok);
    EXPECT_EQ(driver.start(abi::CallWithRpcArg, GuestDriver::page(31).value)[0], abi::Ok);
    EXPECT_EQ(driver.header(GuestDriver::page(31)).ret, 0U);
    ASSERT_EQ(driver.register_pages(3, GuestDriver::page(64), 700), 0U);
    EXPECT_EQ(driver.call({1, {{msg::RmemIn, 0, 8, 2}, {msg::RmemIn, 0, 8, 3}}, 1}), abi::Ok);
    EXPECT_EQ(driver.header(GuestDriver::private_argument).ret, out_of_memory) << "it would never fit";
}

// It cannot be told to come again: the driver would repeat its reply to the request.
TEST_F(Spread, ACallForWhichThereIsNoRoomAfterARequestIsHeld) {
    ASSERT_EQ(driver.register_pages(1, GuestDriver::page(64), 1800), 0U); // OP-TEE is told of the part that is used
    optee().next_script = {wait()};
    driver.write(GuestDriver::page(30), GuestDriver::open_message(hello));
    const std::array<u64, 4> opens = driver.start(abi::CallWithRpcArg, GuestDriver::page(30).value);
    ASSERT_EQ(opens[0], abi::RpcCommand);
    alpha.forward_foreign = true;
    optee().script_any_command = true;
    optee().next_script = {FakeOptee::foreign()}; // while OP-TEE reads the list
    driver.write(GuestDriver::page(31),
                 {1, {{msg::RmemIn, 0, 1000 * page_size, 1}, {msg::RmemIn, 0, 200 * page_size, 1}}, 1});
    const u64 invocations = alpha.partition->statistics().calls[static_cast<unsigned>(CallKind::Invoke)].value();
    std::array<u64, 4> x = driver.start(abi::CallWithRpcArg, GuestDriver::page(31).value);
    for (int i = 0; i < 20; ++i) {
        ASSERT_EQ(x[0], abi::RpcForeignInterrupt) << i;
        x = driver.resume(x[3]);
    }
    driver.header(GuestDriver::page(30) + msg::size_of(2)).ret = 0;
    EXPECT_EQ(driver.resume(opens[3])[0], abi::Ok);
    EXPECT_EQ(driver.resume(x[3])[0], abi::Ok);
    EXPECT_EQ(driver.header(GuestDriver::page(31)).ret, 0U);
    EXPECT_EQ(alpha.partition->statistics().calls[static_cast<unsigned>(CallKind::Invoke)].value(), invocations + 1);
    EXPECT_EQ(refused(Refusal::MapBudget), 1U) << "it had to wait once";
    EXPECT_EQ(refused(Refusal::BadToken), 0U);
}

} // namespace
} // namespace trv::tee::optee
