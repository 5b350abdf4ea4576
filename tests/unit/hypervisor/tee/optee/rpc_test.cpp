// SPDX-License-Identifier: Apache-2.0
// Requests of OP-TEE's, both ways.

#include "tee_test.hpp"

namespace trv::tee::optee {
namespace {

class Rpcs : public TeeTest {
  protected:
    void SetUp() override {
        TeeTest::SetUp();
        driver.probe();
    }
    using Rpc = FakeOptee::Rpc;
    using Thread = FakeOptee::Thread;

    void run(std::deque<Rpc> script) {
        optee().next_script = std::move(script);
        ASSERT_EQ(driver.call_registered({1, {{msg::ValueIn, 1, 2, 3}}, 1}), abi::Ok);
        ASSERT_EQ(driver.header(GuestDriver::registered).ret, 0U);
    }
    /// The guest's answer to SHM_ALLOC.
    void answer_alloc(Ipa at, u64 attr, u64 buf_ptr, u64 size, u64 cookie, u32 ret = 0) {
        driver.param(at, 0) = {attr, buf_ptr, size, cookie};
        driver.header(at).ret = ret;
    }
};

constexpr u64 noncontiguous = msg::TmemOut | msg::Noncontiguous;

TEST_F(Rpcs, ValuesPassAndOnlyOutputsReturn) {
    for (const u32 command : {0U, 1U, 2U, 3U, 4U, 5U, 9U, 10U, 11U, 12U, 21U, 22U, 23U, 24U}) {
        driver.on_command = [&](Ipa at) {
            EXPECT_EQ(driver.header(at).cmd, command);
            EXPECT_EQ(driver.header(at).num_params, 4U);
            EXPECT_EQ(driver.param(at, 0).c, 3U);
            EXPECT_EQ(driver.param(at, 3).attr, msg::TmemOut);
            // The lies: another command, other attributes, another number of parameters.
            for (u32 i = 0; i < 4; ++i) {
                driver.param(at, i) = {noncontiguous, 0x100 + i, 0x200 + i, 0x300 + i};
            }
            driver.header(at) = {6, 0, 0, 0, 0, 0x1234, 0, 1};
        };
        bool answered = false;
        run({FakeOptee::command(
            command,
            {{msg::ValueIn, 1, 2, 3}, {msg::ValueInOut, 4, 5, 6}, {msg::None, 0, 0, 0}, {msg::TmemOut, 0, 8, 0}},
            [&](Thread& thread) {
                answered = true;
                EXPECT_EQ(thread.rpc_header().ret, 0x1234U);
                EXPECT_EQ(thread.rpc_header().cmd, command);
                EXPECT_EQ(thread.rpc_header().num_params, 4U);
                EXPECT_EQ(thread.rpc_param(0).a, 1U);
                EXPECT_EQ(thread.rpc_param(1).attr, msg::ValueInOut);
                EXPECT_EQ(thread.rpc_param(1).a, 0x101U);
                EXPECT_EQ(thread.rpc_param(1).b, 0x201U);
                EXPECT_EQ(thread.rpc_param(1).c, 0x301U);
                EXPECT_EQ(thread.rpc_param(3).a, 0U);
                EXPECT_EQ(thread.rpc_param(3).b, 0x203U);
                EXPECT_EQ(thread.rpc_param(3).c, 0U);
            })});
        EXPECT_TRUE(answered);
    }
    EXPECT_EQ(alpha.partition->statistics().rpcs[2].value(), 1U);
}

TEST_F(Rpcs, CommandsThatAreAnsweredAtEl2) {
    for (const u32 command : {8U, 13U, 20U, 25U, 0xffff'ffffU}) {
        bool answered = false;
        run({FakeOptee::command(command, {{msg::ValueIn, 0, 0x4000'0000, 0}}, [&](Thread& thread) {
            answered = thread.rpc_header().ret == static_cast<u32>(TeeResult::NotSupported);
        })});
        EXPECT_TRUE(answered);
    }
    EXPECT_TRUE(driver.rpcs.empty()) << "the guest hears nothing of them";
    run({FakeOptee::command(2, {{msg::TmemIn, 0x4200'0000, 8, 0}},
                            [&](Thread& thread) { EXPECT_EQ(thread.rpc_header().ret, bad_parameters); })});
    run({FakeOptee::command(2, {{msg::RmemIn, 0, 8, 0x1'0001}},
                            [&](Thread& thread) { EXPECT_EQ(thread.rpc_header().ret, bad_parameters); })});
    EXPECT_TRUE(driver.rpcs.empty());
}

TEST_F(Rpcs, MemoryForTheSupplicant) {
    const std::vector<Ipa> pages = {GuestDriver::page(50), GuestDriver::page(40), GuestDriver::page(60)};
    driver.on_command = [&](Ipa at) {
        switch (driver.header(at).cmd) {
        case msg::rpc::ShmAlloc:
            EXPECT_EQ(driver.param(at, 0).b, 9000U);
            answer_alloc(at, noncontiguous, driver.make_list(pages, 16), 9000, 0x777);
            break;
        case msg::rpc::LoadTa:
            EXPECT_EQ(driver.param(at, 1).attr, msg::RmemOut);
            EXPECT_EQ(driver.param(at, 1).c, 0x777U) << "the guest's own name for it";
            alpha.at<u8>(GuestDriver::page(40)) = 0x7f;
            driver.param(at, 1).b = 4242;
            driver.header(at).ret = 0;
            break;
        default:
            EXPECT_EQ(driver.header(at).cmd, msg::rpc::ShmFree);
            EXPECT_EQ(driver.param(at, 0).b, 0x777U);
            EXPECT_EQ(alpha.pins(), 1U) << "unpinned before the guest hears of it";
            driver.header(at).ret = 0;
        }
    };
    Rpc load = FakeOptee::command(
        msg::rpc::LoadTa, {{msg::ValueIn, 1, 2, 0}, {msg::RmemOut, 0, 9000, 0}}, [&](Thread& thread) {
            EXPECT_EQ(thread.rpc_param(1).b, 4242U);
            EXPECT_EQ(*thread.optee->memory_of(thread.id).at(thread.allocated.back()).at(4080), 0x7f);
            EXPECT_EQ(alpha.pins(), 4U);
            EXPECT_EQ(alpha.partition->usage().core_mapped_pages, 3U);
        });
    load.fill = [](Thread& thread) { thread.rpc_param(1).c = thread.allocated.back(); };
    run({FakeOptee::allocate(9000), load, FakeOptee::free_last()});
    EXPECT_EQ(driver.commands.size(), 3U);
    EXPECT_EQ(alpha.partition->usage().rpc_buffers, 0U);
}

TEST_F(Rpcs, RpcBuffersAreNoRegisteredBuffers) {
    driver.on_command = [&](Ipa at) {
        if (driver.header(at).cmd != msg::rpc::ShmAlloc) {
            return;
        }
        answer_alloc(at, noncontiguous, driver.make_list({GuestDriver::page(50)}), 4096, 0x777);
    };
    run({FakeOptee::allocate(4096)});
    EXPECT_EQ(driver.unregister_shm(0x777), bad_parameters);
    EXPECT_EQ(driver.call_registered({1, {{msg::RmemIn, 0, 8, 0x777}}, 1}), abi::Ok);
    EXPECT_EQ(driver.header(GuestDriver::registered).ret, bad_parameters);
    EXPECT_EQ(driver.start(abi::CallWithRegdArg, 0x777)[0], abi::EBadAddr);
    EXPECT_EQ(alpha.partition->usage().rpc_buffers, 1U);
}

TEST_F(Rpcs, ContiguousMemoryBecomesAList) {
    driver.on_command = [&](Ipa at) { answer_alloc(at, msg::TmemOut, GuestDriver::page(50).value, 4096, 0x777); };
    run({FakeOptee::allocate(4096, 1)});
    EXPECT_EQ(optee().memory_of(alpha.partition->id()).size(), 2U);
    EXPECT_EQ(alpha.pins(), 2U);
}

TEST_F(Rpcs, MemoryThatIsNotTaken) {
    struct Lie {
        u64 attr, buf_ptr, size;
        u32 num_params;
    };
    const u64 list = GuestDriver::lists.value;
    const Lie lies[] = {
        {msg::TmemOut, GuestDriver::page(50).value + 8, 4096, 1},
        {msg::TmemOut, GuestDriver::page(50).value, 4097, 1},
        {msg::TmemOut, GuestVm::device.value, 4096, 1},
        {msg::TmemOut, 0, 4096, 1},
        {msg::TmemIn, GuestDriver::page(50).value, 4096, 1},
        {msg::RmemOut, 0, 4096, 1},
        {msg::ValueOut, 0, 4096, 1},
        {noncontiguous, list, 4095, 1},
        {noncontiguous, list, 4096, 2},
        {noncontiguous, list, 4096, 0},
        {noncontiguous, list, 0, 1},
        {noncontiguous, list, ~u64{0}, 1},
        {noncontiguous, list, 1026 * page_size, 1},
        {noncontiguous, GuestVm::hole.value, 4096, 1},
        {noncontiguous, GuestVm::read_only.value, 4096, 1},
    };
    for (const Lie& lie : lies) {
        driver.make_list(GuestDriver::pages_from(GuestDriver::page(50), 3));
        driver.commands.clear();
        driver.on_command = [&](Ipa at) {
            if (driver.header(at).cmd == msg::rpc::ShmAlloc) {
                answer_alloc(at, lie.attr, lie.buf_ptr, lie.size, 0x777);
                driver.header(at).num_params = lie.num_params;
            } else {
                EXPECT_EQ(driver.param(at, 0).b, 0x777U);
            }
        };
        Rpc allocate = FakeOptee::allocate(4096);
        allocate.answered = [](Thread& thread) { EXPECT_EQ(thread.rpc_header().ret, out_of_memory); };
        run({allocate});
        EXPECT_THAT(driver.commands, testing::ElementsAre(msg::rpc::ShmAlloc, msg::rpc::ShmFree))
            << "the guest gets it back: " << lie.attr << ' ' << lie.buf_ptr << ' ' << lie.size;
        EXPECT_EQ(alpha.pins(), 1U);
        EXPECT_EQ(alpha.partition->usage().core_mapped_pages, 0U);
    }
}

TEST_F(Rpcs, TheBudgetBoundsWhatLives) {
    u64 cookie = 1;
    driver.on_command = [&](Ipa at) {
        if (driver.header(at).cmd == msg::rpc::ShmAlloc) {
            answer_alloc(at, noncontiguous, driver.make_list(GuestDriver::pages_from(GuestDriver::page(50), 640)),
                         640 * page_size, cookie++);
        }
    };
    run({FakeOptee::allocate(640 * page_size), FakeOptee::allocate(640 * page_size)});
    EXPECT_EQ(alpha.partition->usage().core_mapped_pages, 1280U);
    run({FakeOptee::allocate(640 * page_size)});
    EXPECT_EQ(refused(Refusal::MapBudget), 1U);
    EXPECT_EQ(optee().memory_of(alpha.partition->id()).size(), 3U);
}

TEST_F(Rpcs, WaitsAndWakesOfHousekeepingReachTheGuest) {
    // A mutex of OP-TEE's, held by another thread; then another thread waits for it, and sleeps until it is woken.
    for (const u32 form : {abi::CallWithRpcArg, abi::CallWithRegdArg}) {
        driver.probe();
        ASSERT_EQ(driver.register_pages(5, GuestDriver::page(40), 1), 0U);
        ASSERT_EQ(driver.register_pages(5, GuestDriver::page(41), 1), 0U); // retires the first
        unsigned answered = 0;
        const auto notify = [&](u64 what) {
            return FakeOptee::command(msg::rpc::Notification, {{msg::ValueIn, what, 65, 0}}, [&](Thread& thread) {
                EXPECT_EQ(thread.header().cmd, static_cast<u32>(msg::Command::UnregisterShm));
                EXPECT_EQ(thread.rpc_header().ret, 0U);
                ++answered;
            });
        };
        optee().script_any_command = true;
        optee().next_script = {notify(0), notify(1)};
        const bool registered = form == abi::CallWithRegdArg;
        const Ipa argument = registered ? GuestDriver::registered : GuestDriver::private_argument;
        driver.write(argument, {1, {{msg::ValueInOut, 1, 2, 3}}, 1});
        auto x = driver.start(form, registered ? GuestDriver::argument_cookie : argument.value);
        for (const u64 what : {0U, 1U}) {
            ASSERT_EQ(x[0], abi::RpcCommand);
            const Ipa rpc = argument + msg::size_of(1);
            EXPECT_EQ(driver.header(rpc).cmd, msg::rpc::Notification);
            EXPECT_EQ(driver.param(rpc, 0).a, what);
            driver.header(rpc).ret = 0;
            x = driver.resume(x[3]);
        }
        EXPECT_EQ(x[0], abi::Ok);
        EXPECT_EQ(driver.header(argument).ret, 0U);
        EXPECT_EQ(answered, 2U);
        EXPECT_EQ(alpha.pins(), 2U);
        optee().script_any_command = false;
    }
}

TEST_F(Rpcs, MemoryInTheMidstOfOtherMemory) {
    driver.on_command = [&](Ipa at) {
        if (driver.header(at).cmd == msg::rpc::ShmAlloc) {
            answer_alloc(at, noncontiguous, driver.make_list({GuestDriver::page(50)}), 4096, 0x777);
        }
    };
    std::vector<u64> rpc_buffers;
    Rpc allocate = FakeOptee::allocate(4096);
    allocate.answered = [&, keep = allocate.answered](Thread& thread) {
        keep(thread);
        rpc_buffers = thread.allocated;
    };
    run({allocate});
    ASSERT_EQ(rpc_buffers.size(), 1U);
    const std::size_t known = optee().memory_of(alpha.partition->id()).size();

    optee().script_any_command = true;
    Rpc refused = FakeOptee::allocate(4096);
    refused.answered = [](Thread& thread) { EXPECT_EQ(thread.rpc_header().ret, out_of_memory); };
    Rpc free = FakeOptee::free_last();
    free.fill = [&](Thread& thread) {
        thread.rpc_param(0).b = rpc_buffers.front();
        thread.optee->memory_of(thread.id).erase(rpc_buffers.front());
    };
    optee().next_script = {refused, free};
    EXPECT_EQ(driver.register_pages(5, GuestDriver::page(60), 3), 0U);
    EXPECT_EQ(optee().memory_of(alpha.partition->id()).size(), known) << "one went, one came";
    EXPECT_EQ(alpha.pins(), 4U);
    optee().next_script = {refused};
    EXPECT_EQ(driver.unregister_shm(5), 0U);
    EXPECT_EQ(alpha.pins(), 1U);
}

TEST_F(Rpcs, AnOrphansRefusedMemoryStaysRefused) {
    constexpr u32 count = 1025;
    optee().next_script = {FakeOptee::allocate(count * page_size)};
    driver.write(GuestDriver::private_argument, {1, {}, 1});
    auto x = driver.start(abi::CallWithRpcArg, GuestDriver::private_argument.value);
    ASSERT_EQ(x[0], abi::RpcCommand);
    std::vector<Ipa> pages = GuestDriver::pages_from(GuestDriver::page(40), count);
    pages.back() = GuestVm::hole;
    answer_alloc(GuestDriver::private_argument + msg::size_of(0), noncontiguous, driver.make_list(pages),
                 count * page_size, 0x777);
    arch::fake_interrupt_pending = true; // it leaves after each slice
    for (u64 pins = 0; alpha.pins() >= pins;) {
        pins = alpha.pins();
        x = driver.resume(x[3]);
        ASSERT_EQ(x[0], abi::RpcForeignInterrupt);
    }
    arch::fake_interrupt_pending = false;
    alpha.smc(abi::ExchangeCapabilities);
    EXPECT_EQ(driver.call({2, {}, 1}), abi::Ok);
    EXPECT_TRUE(optee().memory_of(alpha.partition->id()).empty()) << "OP-TEE took what is not pinned";
    EXPECT_EQ(alpha.pins(), 0U);
}

TEST_F(Rpcs, AGuestWithoutMemorySaysSo) {
    driver.on_command = [&](Ipa at) { driver.header(at).ret = 0xffff'000c; };
    Rpc allocate = FakeOptee::allocate(4096);
    allocate.answered = [](Thread& thread) { EXPECT_EQ(thread.rpc_header().ret, 0xffff'000cU); };
    run({allocate});
    EXPECT_EQ(driver.commands.size(), 1U);
}

TEST_F(Rpcs, TokensAreGoodForOneResume) {
    optee().next_script = {FakeOptee::command(msg::rpc::Suspend, {{msg::ValueIn, 1, 0, 0}}),
                           FakeOptee::command(msg::rpc::Suspend, {{msg::ValueIn, 1, 0, 0}})};
    driver.write(GuestDriver::registered, {1, {{msg::ValueIn, 1, 2, 3}}, 1});
    const auto first = driver.start(abi::CallWithRegdArg, GuestDriver::argument_cookie);
    ASSERT_EQ(first[0], abi::RpcCommand);
    EXPECT_EQ(first[1], 0U);
    EXPECT_EQ(first[2], 0U);
    for (unsigned bit = 0; bit < 32; ++bit) {
        EXPECT_EQ(driver.resume(first[3] ^ u64{1} << bit)[0], abi::EResume) << bit;
    }
    const auto second = driver.resume(first[3] | 0xabcd'0000'0000'0000);
    ASSERT_EQ(second[0], abi::RpcCommand);
    EXPECT_NE(second[3], first[3]);
    EXPECT_EQ(driver.resume(first[3])[0], abi::EResume);
    EXPECT_EQ(driver.resume(second[3])[0], abi::Ok);
    EXPECT_EQ(driver.resume(second[3])[0], abi::EResume);
    EXPECT_EQ(refused(Refusal::BadToken), 34U);
    admit(beta, {});
    EXPECT_EQ(beta.smc(abi::ReturnFromRpc, 0, 0, second[3])[0], abi::EResume);
}

TEST_F(Rpcs, ThreadLimitOnlyWhileACallIsInFlight) {
    driver.on_command = [&](Ipa) {
        driver.on_command = nullptr;
        GuestDriver other(alpha);
        optee().next_script = {FakeOptee::command(msg::rpc::Suspend, {{msg::ValueIn, 1, 0, 0}})};
        other.on_command = [&](Ipa) {
            EXPECT_EQ(other.start(abi::CallWithRpcArg, GuestDriver::page(29).value)[0], abi::EThreadLimit);
            EXPECT_EQ(alpha.smc(abi::DisableShmCache)[0], abi::EBusy);
        };
        other.write(GuestDriver::page(30), {1, {}, 1});
        EXPECT_EQ(other.finish(other.start(abi::CallWithRpcArg, GuestDriver::page(30).value), GuestDriver::page(30), 0),
                  abi::Ok);
    };
    run({FakeOptee::command(msg::rpc::Suspend, {{msg::ValueIn, 1, 0, 0}})});
    for (const u32 code : {abi::EThreadLimit, abi::EBusy}) { // should OP-TEE say so by itself
        optee().next_code = code;
        EXPECT_EQ(driver.call_registered({1, {}, 1}), abi::ENoMem);
    }
}

} // namespace
} // namespace trv::tee::optee
