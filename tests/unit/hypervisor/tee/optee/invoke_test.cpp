// SPDX-License-Identifier: Apache-2.0
// The ordinary path: sessions, invocations, registered memory, requests on the way.

#include "tee_test.hpp"

namespace trv::tee::optee {
namespace {

using Invoke = TeeTest;
using testing::ElementsAre;

TEST_F(Invoke, HelloWorld) {
    driver.probe();
    const u32 session = driver.open(hello);
    optee().application = [](FakeOptee::Thread& thread) {
        if (thread.header().cmd == 1) {
            EXPECT_EQ(thread.header().func, 7U);
            thread.param(0).a += 1;
            thread.param(0).c = 99;
        }
    };
    entries();
    EXPECT_EQ(driver.call_registered({1, {{msg::ValueInOut, 42, 5, 6}}, session, 7}), abi::Ok);
    EXPECT_EQ(entries(), 1U) << "one entry, nothing else";
    EXPECT_EQ(driver.param(GuestDriver::registered, 0).a, 43U);
    EXPECT_EQ(driver.param(GuestDriver::registered, 0).c, 6U) << "OP-TEE returns a and b only";
    EXPECT_EQ(driver.header(GuestDriver::registered).ret, 0U);
    EXPECT_EQ(driver.header(GuestDriver::registered).ret_origin, 0U);
    EXPECT_EQ(alpha.partition->usage().sessions, 1U);
    EXPECT_EQ(driver.call_registered({2, {}, session}), abi::Ok);
    EXPECT_EQ(alpha.partition->usage().sessions, 0U);
    EXPECT_TRUE(optee().partitions.at(alpha.partition->id()).sessions.empty());
}

TEST_F(Invoke, OnlyOutputsComeBack) {
    driver.probe();
    ASSERT_EQ(driver.register_pages(0x77, GuestDriver::page(40), 2), 0U);
    optee().application = [](FakeOptee::Thread& thread) {
        for (u32 i = 0; i < 4; ++i) {
            thread.param(i).a = thread.param(i).b = thread.param(i).c = 0x1111;
        }
        thread.header().session = 0x2222;
        thread.header().func = 0x3333;
    };
    const std::vector<msg::Param> params = {
        {msg::ValueIn, 1, 2, 3}, {msg::ValueOut, 4, 5, 6}, {msg::RmemInOut, 8, 16, 0x77}, {msg::RmemIn, 24, 32, 0x77}};
    EXPECT_EQ(driver.call_registered({1, params, 5, 6}), abi::Ok);
    const auto param = [&](u32 i) { return driver.param(GuestDriver::registered, i); };
    EXPECT_EQ(param(0).a, 1U);
    EXPECT_EQ(param(0).b, 2U);
    EXPECT_EQ(param(1).a, 0x1111U);
    EXPECT_EQ(param(1).b, 0x1111U);
    EXPECT_EQ(param(1).c, 6U);
    EXPECT_EQ(param(2).a, 8U);
    EXPECT_EQ(param(2).b, 0x1111U);
    EXPECT_EQ(param(2).c, 0x77U);
    EXPECT_EQ(param(3).b, 32U);
    EXPECT_EQ(driver.header(GuestDriver::registered).session, 5U);
    EXPECT_EQ(driver.header(GuestDriver::registered).func, 6U);
}

TEST_F(Invoke, MemoryReferencesReachTheGuestsMemory) {
    driver.probe();
    const std::vector<Ipa> scattered = {GuestDriver::page(60), GuestDriver::page(50), GuestDriver::page(70)};
    ASSERT_EQ(driver.register_shm(0xabc, scattered, 2 * page_size, 100), 0U);
    alpha.at<u8>(GuestDriver::page(50) + 100) = 42;
    optee().application = [&](FakeOptee::Thread& thread) {
        const msg::Param param = thread.param(0);
        EXPECT_NE(param.c, 0xabcU);
        const FakeOptee::Memory& memory = thread.optee->memory_of(thread.id).at(param.c);
        EXPECT_EQ(memory.pages.size(), 3U);
        *memory.at(param.a) += 1;
    };
    EXPECT_EQ(driver.call_registered({1, {{msg::RmemInOut, page_size, 8, 0xabc}}, 1}), abi::Ok);
    EXPECT_EQ(alpha.at<u8>(GuestDriver::page(50) + 100), 43);
    EXPECT_EQ(alpha.pins(), 4U);
    EXPECT_EQ(driver.unregister_shm(0xabc), 0U);
    EXPECT_EQ(alpha.pins(), 1U);
}

TEST_F(Invoke, NullReferencesPass) {
    driver.probe();
    EXPECT_EQ(driver.call_registered({1, {{msg::TmemInOut, 0, 64, 0x1234}, {}}, 1}), abi::Ok);
    EXPECT_EQ(driver.header(GuestDriver::registered).ret, 0U);
}

TEST_F(Invoke, RefusedParameters) {
    driver.probe();
    ASSERT_EQ(driver.register_shm(0x55, {GuestDriver::page(40)}, 100, 8), 0U);
    const u64 room = page_size - 8;
    const msg::Param bad[] = {
        {msg::TmemIn, GuestDriver::page(40).value, 8, 0x55},
        {msg::TmemOut | msg::Noncontiguous, GuestDriver::lists.value, 8, 0x55},
        {msg::RmemIn, 0, 8, 0},
        {msg::RmemIn, 0, 8, 0x56},
        {msg::RmemIn, 0, room + 1, 0x55},
        {msg::RmemIn, room + 1, 0, 0x55},
        {msg::RmemIn, ~u64{0}, 2, 0x55},
        {msg::RmemIn, 8, ~u64{0}, 0x55},
        {msg::ValueIn | msg::Meta, 0, 0, 0},
        {4, 0, 0, 0},
        {8, 0, 0, 0},
        {12, 0, 0, 0},
        {0xff, 0, 0, 0},
    };
    entries();
    for (const msg::Param& param : bad) {
        EXPECT_EQ(driver.call_registered({1, {{}, param}, 1}), abi::Ok);
        EXPECT_EQ(driver.header(GuestDriver::registered).ret, bad_parameters) << param.attr << ' ' << param.a;
        EXPECT_EQ(driver.header(GuestDriver::registered).ret_origin, msg::origin_tee);
        EXPECT_EQ(entries(), 0U);
    }
    EXPECT_EQ(driver.call_registered({1, {{msg::RmemIn, 0, room, 0x55}}, 1}), abi::Ok);
    EXPECT_EQ(driver.header(GuestDriver::registered).ret, 0U) << "OP-TEE rounds up to whole pages";
    EXPECT_EQ(alpha.partition->usage().core_mapped_pages, 0U);
    EXPECT_EQ(driver.unregister_shm(0x55), 0U) << "no use is left behind";
}

TEST_F(Invoke, OddAttributeBitsAreDropped) {
    driver.probe();
    ASSERT_EQ(driver.register_pages(0x55, GuestDriver::page(40), 1), 0U);
    optee().application = [](FakeOptee::Thread& thread) {
        EXPECT_EQ(thread.param(0).attr, msg::ValueIn);
        EXPECT_EQ(thread.param(1).attr, msg::RmemIn);
    };
    EXPECT_EQ(driver.call_registered(
                  {1,
                   {{msg::ValueIn | 0x7'0000 | u64{1} << 40, 1, 2, 3}, {msg::RmemIn | msg::Noncontiguous, 0, 8, 0x55}},
                   1}),
              abi::Ok);
    EXPECT_EQ(driver.header(GuestDriver::registered).ret, 0U);
}

TEST_F(Invoke, NumbersOfParameters) {
    const auto result = [&](u32 command, u32 claimed) {
        GuestDriver::Message message{command, {}};
        message.num_params = claimed;
        driver.write(GuestDriver::private_argument, message);
        const auto x = driver.start(abi::CallWithRpcArg, GuestDriver::private_argument.value);
        return x[0] != 0 ? static_cast<u32>(x[0]) : driver.header(GuestDriver::private_argument).ret;
    };
    EXPECT_EQ(result(1, 128), abi::EBadAddr);
    EXPECT_EQ(result(1, 0xffff'ffff), abi::EBadAddr);
    EXPECT_EQ(result(1, 127), abi::EBadAddr) << "does not fit the page";
    EXPECT_EQ(result(1, 122), bad_parameters) << "the last that fits";
    EXPECT_EQ(result(1, 123), abi::EBadAddr);
    EXPECT_EQ(result(1, 5), bad_parameters);
    EXPECT_EQ(result(0, 7), bad_parameters);
    EXPECT_EQ(result(0, 1), bad_parameters);
    EXPECT_EQ(result(2, 1), bad_parameters);
    EXPECT_EQ(result(3, 1), bad_parameters);
    EXPECT_EQ(result(4, 2), bad_parameters);
    EXPECT_EQ(result(4, 0), bad_parameters);
    EXPECT_EQ(result(5, 0), bad_parameters);
    EXPECT_EQ(result(8, 0), abi::EBadCmd);
    EXPECT_EQ(result(0xffff'ffff, 0), abi::EBadCmd);
}

TEST_F(Invoke, ArgumentAddresses) {
    const u64 top = ~u64{0};
    const u64 ram_of_others[] = {0x900'0000, machine_arena.base.value, beta.pa_of(GuestVm::base).value};
    for (const u32 form : {abi::CallWithArg, abi::CallWithRpcArg}) {
        for (const u64 ipa : {GuestVm::read_only.value, GuestVm::device.value, GuestVm::hole.value, u64{0}, top,
                              top & ~(page_size - 1), GuestVm::base.value + 8, ram_of_others[0], ram_of_others[1]}) {
            if (alpha.space().lookup(Ipa(ipa)) && ipa != GuestVm::read_only.value && ipa != GuestVm::device.value &&
                ipa % page_size == 0) {
                continue; // guest memory after all
            }
            EXPECT_EQ(driver.start(form, ipa)[0], abi::EBadAddr) << std::hex << ipa;
        }
    }
    driver.probe();
    for (const u32 offset : {1U, 4U, 4072U, 4096U, 0xffff'ffffU, 0xffff'fff8U, 4096U - 184}) {
        EXPECT_EQ(driver.start(abi::CallWithRegdArg, GuestDriver::argument_cookie, offset)[0], abi::EBadAddr) << offset;
    }
    EXPECT_EQ(driver.start(abi::CallWithRegdArg, 0)[0], abi::EBadAddr);
    EXPECT_EQ(driver.start(abi::CallWithRegdArg, GuestDriver::argument_cookie + 1)[0], abi::EBadAddr);
    EXPECT_EQ(driver.call_registered({2, {}, 9}, 4096 - 192), abi::Ok) << "the last that fits";
}

TEST_F(Invoke, ArgumentAcrossScatteredPages) {
    driver.probe();
    ASSERT_EQ(driver.register_shm(0x99, {GuestDriver::page(90), GuestDriver::page(80)}, 2 * page_size), 0U);
    // 16 bytes of the header in the first page, everything else in the other one.
    alpha.at<u64>(GuestDriver::page(90) + 4080) = 1 | u64{3} << 32;
    alpha.at<u64>(GuestDriver::page(90) + 4088) = 77;
    alpha.at<u64>(GuestDriver::page(80)) = 0;
    alpha.at<u64>(GuestDriver::page(80) + 8) = u64{1} << 32;
    alpha.at<msg::Param>(GuestDriver::page(80) + 16) = {msg::ValueInOut, 10, 11, 12};
    optee().application = [](FakeOptee::Thread& thread) {
        EXPECT_EQ(thread.header().session, 77U);
        thread.param(0).a = 20;
    };
    EXPECT_EQ(driver.start(abi::CallWithRegdArg, 0x99, 4080)[0], abi::Ok);
    EXPECT_EQ(alpha.at<u64>(GuestDriver::page(80) + 24), 20U);
}

TEST_F(Invoke, ForeignInterruptsAbsorbedOrForwarded) {
    driver.probe();
    optee().next_script = {FakeOptee::foreign(), FakeOptee::foreign()};
    EXPECT_EQ(driver.call_registered({1, {}, 1}), abi::Ok);
    EXPECT_TRUE(driver.rpcs.empty());
    EXPECT_EQ(alpha.partition->statistics().foreign_absorbed.value(), 2U);
    alpha.forward_foreign = true;
    optee().next_script = {FakeOptee::foreign(), FakeOptee::foreign()};
    EXPECT_EQ(driver.call_registered({1, {}, 1}), abi::Ok);
    EXPECT_THAT(driver.rpcs, ElementsAre(abi::RpcForeignInterrupt, abi::RpcForeignInterrupt));
    EXPECT_EQ(alpha.partition->statistics().foreign_forwarded.value(), 2U);
}

TEST_F(Invoke, TheArgumentIsReadOnce) {
    // Whatever the guest writes while OP-TEE runs, results go by what was checked.
    driver.probe();
    optee().inside = [&] {
        driver.header(GuestDriver::registered) = {0xffff, 1, 2, 3, 4, 5, 6, 127};
        driver.param(GuestDriver::registered, 0) = {msg::ValueOut, 0xa, 0xb, 0xc};
        driver.param(GuestDriver::registered, 1) = {msg::RmemOut, 0xa, 0xb, 0xc};
    };
    optee().application = [](FakeOptee::Thread& thread) { thread.param(1).a = thread.param(1).b = 0x55; };
    driver.write(GuestDriver::registered, {1, {{msg::ValueIn, 1, 2, 3}, {msg::ValueOut, 4, 5, 6}}, 1});
    EXPECT_EQ(driver.start(abi::CallWithRegdArg, GuestDriver::argument_cookie)[0], abi::Ok);
    EXPECT_EQ(driver.param(GuestDriver::registered, 0).b, 0xbU) << "an input is not written";
    EXPECT_EQ(driver.param(GuestDriver::registered, 1).a, 0x55U);
    EXPECT_EQ(driver.param(GuestDriver::registered, 1).c, 0xcU);
}

TEST_F(Invoke, CallsWithoutRpcArgument) {
    // As U-Boot and old drivers: memory for the RPC argument is asked for, and given back.
    optee().next_script = {FakeOptee::command(msg::rpc::GetTime, {{msg::ValueOut, 0, 0, 0}},
                                              [](FakeOptee::Thread& thread) { EXPECT_EQ(thread.rpc_param(0).a, 5U); })};
    driver.on_command = [&](Ipa at) {
        EXPECT_EQ(at, GuestDriver::rpc_page);
        driver.param(at, 0).a = 5;
        driver.header(at).ret = 0;
    };
    EXPECT_EQ(driver.call({1, {}, 1}, abi::CallWithArg), abi::Ok);
    EXPECT_THAT(driver.rpcs, ElementsAre(abi::RpcAlloc, abi::RpcCommand, abi::RpcFree));
    EXPECT_THAT(driver.freed, ElementsAre(GuestDriver::rpc_cookie));
    EXPECT_EQ(alpha.pins(), 0U);
}

TEST_F(Invoke, TheCacheIsTheMediatorsOwn) {
    EXPECT_EQ(alpha.smc(abi::DisableShmCache)[0], abi::ENotAvail);
    EXPECT_EQ(alpha.smc(abi::EnableShmCache)[0], abi::Ok);
    for (int i = 0; i < 2; ++i) {
        optee().next_script = {FakeOptee::command(msg::rpc::Suspend, {{msg::ValueIn, 1, 0, 0}})};
        EXPECT_EQ(driver.call({1, {}, 1}, abi::CallWithArg), abi::Ok);
    }
    EXPECT_THAT(driver.rpcs, ElementsAre(abi::RpcAlloc, abi::RpcCommand, abi::RpcCommand));
    const auto disabled = alpha.smc(abi::DisableShmCache);
    EXPECT_EQ(disabled[0], abi::Ok);
    EXPECT_EQ(abi::from_halves(disabled[1], disabled[2]), GuestDriver::rpc_cookie);
    EXPECT_EQ(alpha.smc(abi::DisableShmCache)[0], abi::ENotAvail);
    EXPECT_EQ(alpha.pins(), 0U);
}

TEST_F(Invoke, NoMemoryForTheRpcArgument) {
    for (const u64 answer : {u64{0}, GuestVm::device.value, GuestVm::hole.value, GuestDriver::rpc_page.value + 4,
                             GuestDriver::rpc_page.value + 4000}) {
        bool failed = false;
        optee().next_script = {
            FakeOptee::command(msg::rpc::Suspend, {{msg::ValueIn, 1, 0, 0}},
                               [&](FakeOptee::Thread& thread) { failed = thread.rpc_header().ret == out_of_memory; })};
        driver.alloc_answer = answer;
        EXPECT_EQ(driver.call({1, {}, 1}, abi::CallWithArg), abi::Ok);
        EXPECT_TRUE(failed) << answer;
    }
}

TEST_F(Invoke, OpteesOwnAllocIsAnsweredAtEl2) {
    // While OP-TEE initialises a new partition, it does not look at the call's RPC argument yet.
    optee().script_any_command = true;
    optee().next_script = {FakeOptee::allocate_argument(),
                           FakeOptee::command(msg::rpc::Notification, {{msg::ValueIn, 0, 64, 0}}),
                           FakeOptee::free_argument()};
    EXPECT_EQ(driver.register_pages(0x1, GuestDriver::page(40), 1), 0U);
    EXPECT_THAT(driver.rpcs, ElementsAre(abi::RpcCommand));
    EXPECT_THAT(driver.commands, ElementsAre(msg::rpc::Notification));
}

} // namespace
} // namespace trv::tee::optee
