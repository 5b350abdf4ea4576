// SPDX-License-Identifier: Apache-2.0
// Drivers come and go: calls and sessions whose driver is gone.

#include "tee_test.hpp"

namespace trv::tee::optee {
namespace {

using Orphans = TeeTest;

TEST_F(Orphans, ANewDriversCallsCloseItsPredecessorsSessions) {
    optee().applications = {{hello, false}};
    PartitionConfig config;
    config.quotas.sessions = 40;
    admit(beta, config);
    GuestDriver other(beta);
    other.probe();
    for (int i = 0; i < 40; ++i) {
        other.open(hello);
    }
    beta.smc(abi::ExchangeCapabilities);
    EXPECT_EQ(beta.partition->usage().sessions, 40U) << "they count until they are closed";
    entries();
    EXPECT_EQ(other.call({2, {}, 1}), abi::Ok);
    EXPECT_EQ(entries(), 18U) << "some with each call; one unregisters the old driver's memory";
    EXPECT_EQ(other.call({2, {}, 1}), abi::Ok);
    EXPECT_EQ(other.call({2, {}, 1}), abi::Ok);
    EXPECT_EQ(beta.partition->usage().sessions, 0U);
    EXPECT_TRUE(optee().partitions.at(beta.partition->id()).sessions.empty());
    EXPECT_TRUE(optee().partitions.at(beta.partition->id()).loaded.empty());
}

TEST_F(Orphans, ANewDriverFindsNothingOfItsPredecessor) {
    driver.probe();
    ASSERT_EQ(driver.register_pages(7, GuestDriver::page(40), 10), 0U);
    driver.open(hello);
    alpha.smc(abi::EnableAsyncNotif);
    optee().partitions.at(alpha.partition->id()).pending = 4;
    machine.mediator.notification_interrupt();

    EXPECT_EQ(alpha.smc(abi::ExchangeCapabilities)[0], abi::Ok);
    EXPECT_EQ(alpha.smc(abi::GetAsyncNotifValue)[2], 0U);
    EXPECT_EQ(driver.start(abi::CallWithRegdArg, GuestDriver::argument_cookie)[0], abi::EBadAddr);
    EXPECT_EQ(driver.call({2, {}, 1}), abi::Ok);
    EXPECT_EQ(alpha.partition->usage().sessions, 0U);
    EXPECT_TRUE(optee().partitions.at(alpha.partition->id()).sessions.empty());
    EXPECT_EQ(alpha.pins(), 0U) << "the first call that can be cleans up";
    EXPECT_TRUE(optee().memory_of(alpha.partition->id()).empty());
    driver.probe();
    EXPECT_EQ(driver.open(hello), 2U);
}

TEST_F(Orphans, OrphansAreFinishedByTheNextCall) {
    for (unsigned kind = 0; kind < 4; ++kind) {
        driver.probe();
        std::vector<u32> answers;
        const auto note = [&](FakeOptee::Thread& thread) { answers.push_back(thread.rpc_header().ret); };
        FakeOptee::Rpc allocate = FakeOptee::allocate(page_size);
        allocate.answered = note;
        const FakeOptee::Rpc fs = FakeOptee::command(msg::rpc::Fs, {{msg::ValueInOut, 1, 2, 3}}, note);
        switch (kind) {
        case 0:
            optee().next_script = {fs, allocate, fs, FakeOptee::foreign()};
            break;
        case 1:
            optee().next_script = {allocate, fs};
            break;
        case 2:
            optee().next_script = {FakeOptee::foreign(), fs};
            break;
        default:
            optee().next_script = {fs};
            break;
        }
        alpha.forward_foreign = true;
        const u32 form = kind == 3 ? abi::CallWithArg : abi::CallWithRpcArg;
        driver.write(GuestDriver::page(30), {1, {{msg::ValueInOut, 1, 2, 3}}, 1});
        const auto x = driver.start(form, GuestDriver::page(30).value);
        ASSERT_TRUE(abi::is_rpc(static_cast<u32>(x[0])));
        const std::array<u64, 16> before = alpha.at<std::array<u64, 16>>(GuestDriver::page(30));

        alpha.forward_foreign = false;
        alpha.smc(abi::ExchangeCapabilities);
        EXPECT_EQ(driver.resume(x[3])[0], abi::EResume) << "the token is not valid any more";
        ASSERT_EQ(driver.register_pages(7, GuestDriver::page(40), 1), 0U);
        EXPECT_EQ((alpha.at<std::array<u64, 16>>(GuestDriver::page(30))), before) << "nothing is written to the dead";
        EXPECT_THAT(answers, testing::Each(testing::Ne(0U)));
        EXPECT_FALSE(answers.empty());
        EXPECT_EQ(alpha.partition->usage().calls, 0U);
        EXPECT_EQ(alpha.pins(), 1U);
        EXPECT_EQ(driver.unregister_shm(7), 0U);
    }
}

TEST_F(Orphans, ResistingOrphansAreLeftAlone) {
    driver.probe();
    std::deque<FakeOptee::Rpc> endless;
    for (int i = 0; i < 2000; ++i) {
        endless.push_back(FakeOptee::command(msg::rpc::Fs, {{msg::ValueIn, 0, 64, 0}}));
    }
    optee().next_script = endless;
    driver.write(GuestDriver::page(30), {1, {}, 1});
    ASSERT_EQ(driver.start(abi::CallWithRpcArg, GuestDriver::page(30).value)[0], abi::RpcCommand);
    alpha.smc(abi::ExchangeCapabilities);
    entries();
    EXPECT_EQ(driver.call({2, {}, 1}), abi::Ok) << "in the other slot";
    EXPECT_LT(entries(), 80U);
    EXPECT_EQ(driver.call({2, {}, 1}), abi::Ok);
    EXPECT_LT(entries(), 4U) << "it is not tried each time";
    // Both threads held by the dead: an error, but never "busy".
    optee().next_script = endless;
    ASSERT_EQ(driver.start(abi::CallWithRpcArg, GuestDriver::page(30).value)[0], abi::RpcCommand);
    driver.header(GuestDriver::page(30)).cmd = 1;
    alpha.smc(abi::ExchangeCapabilities);
    EXPECT_EQ(driver.call({2, {}, 1}), abi::ENoMem);
    EXPECT_LT(entries(), 1500U);
    EXPECT_EQ(driver.call({2, {}, 1}), abi::ENoMem);
    EXPECT_LT(entries(), 4U);
}

/// A wait for a mutex of OP-TEE's: requested again and again, whatever the reply is, until the mutex is free.
FakeOptee::Rpc lock(const bool& held) {
    return FakeOptee::command(msg::rpc::Notification, {{msg::ValueIn, 0, 64, 0}}, [&held](FakeOptee::Thread& thread) {
        if (held) {
            thread.script.push_front(lock(held));
        }
    });
}

/// The supplicant is asked for something; a mutex is free when it has answered.
FakeOptee::Rpc ask_then_unlock(bool& held) {
    return FakeOptee::command(msg::rpc::Fs, {{msg::ValueInOut, 1, 2, 3}},
                              [&held](FakeOptee::Thread&) { held = false; });
}

/// Calls that stand still in OP-TEE.
class WaitingOrphans : public Orphans {
  protected:
    void hold(u64 page, std::deque<FakeOptee::Rpc> script) {
        optee().next_script = std::move(script);
        driver.write(GuestDriver::page(page), {1, {}, 1});
        ASSERT_EQ(driver.start(abi::CallWithRpcArg, GuestDriver::page(page).value)[0], abi::RpcCommand);
    }
    /// Both of the VM's threads serve it at once.
    void expect_all_threads() {
        hold(30, {ask_then_unlock(unused)});
        hold(31, {ask_then_unlock(unused)});
        EXPECT_EQ(alpha.partition->usage().calls, 2U);
        alpha.smc(abi::ExchangeCapabilities);
        EXPECT_EQ(driver.call({2, {}, 1}), abi::Ok);
        EXPECT_EQ(alpha.partition->usage().calls, 0U);
    }
    bool unused = false;
};

TEST_F(WaitingOrphans, GoOnWhenTheOtherThreadHas) {
    driver.probe();
    bool held = true; // by a thread that another CPU runs
    hold(30, {lock(held), lock(held)});
    alpha.smc(abi::ExchangeCapabilities);
    hold(31, {ask_then_unlock(unused)}); // a call of the new driver's
    entries();
    for (int i = 0; i < 40; ++i) {
        EXPECT_EQ(driver.call({2, {}, 1}), abi::EThreadLimit);
    }
    EXPECT_LE(entries(), 40U * 2) << "each call tries it, for a moment";
    held = false;
    EXPECT_EQ(driver.call({2, {}, 1}), abi::Ok) << "in the slot that the orphan had";
    alpha.smc(abi::ExchangeCapabilities);
    expect_all_threads();
}

TEST_F(WaitingOrphans, HoldACallThatCannotBeToldToComeAgain) {
    driver.probe();
    bool held = true; // by the call that begins next
    hold(30, {ask_then_unlock(unused), FakeOptee::foreign(), lock(held)});
    alpha.smc(abi::ExchangeCapabilities);
    alpha.forward_foreign = true;
    driver.write(GuestDriver::page(31), {1, {}, 1});
    auto x = driver.start(abi::CallWithRpcArg, GuestDriver::page(31).value);
    ASSERT_EQ(x[0], abi::RpcForeignInterrupt) << "of the orphan, which is ended first";
    hold(32, {ask_then_unlock(unused)});
    for (int i = 0; i < 40; ++i) {
        x = driver.resume(x[3]);
        ASSERT_EQ(x[0], abi::RpcForeignInterrupt) << "the driver would repeat this resume if it were told \"busy\"";
    }
    held = false;
    EXPECT_EQ(driver.resume(x[3])[0], abi::Ok);
    EXPECT_EQ(refused(Refusal::BadToken), 0U);
    alpha.forward_foreign = false;
    alpha.smc(abi::ExchangeCapabilities);
    expect_all_threads();
}

TEST_F(WaitingOrphans, ForOneAnother) {
    for (unsigned order = 0; order < 2; ++order) {
        driver.probe();
        bool first = true; // held by the second thread, and the other way round
        bool second = true;
        const std::deque<FakeOptee::Rpc> scripts[] = {
            {lock(first), ask_then_unlock(second), ask_then_unlock(unused)},
            {ask_then_unlock(first), lock(second), ask_then_unlock(unused)},
        };
        hold(30, scripts[order]);
        hold(31, scripts[1 - order]);
        alpha.smc(abi::ExchangeCapabilities);
        EXPECT_EQ(driver.call({2, {}, 1}), abi::Ok);
        EXPECT_FALSE(first || second) << "driven in turn until both have ended";
        expect_all_threads();
    }
}

/// Another thread is told that it may go on.
FakeOptee::Rpc wake(u64 thread, u32& answer) {
    return FakeOptee::command(msg::rpc::Notification, {{msg::ValueIn, 1, 64 + thread, 0}},
                              [&answer](FakeOptee::Thread& its_thread) { answer = its_thread.rpc_header().ret; });
}

TEST_F(Orphans, WakeCallsOfTheGuestByANotification) {
    for (const bool enabled : {true, false}) {
        driver.probe();
        u32 answers[2]{};
        optee().next_script = {FakeOptee::command(msg::rpc::Fs, {{msg::ValueInOut, 1, 2, 3}}), wake(1, answers[0]),
                               wake(max_threads, answers[1])};
        driver.write(GuestDriver::page(30), {1, {}, 1});
        ASSERT_EQ(driver.start(abi::CallWithRpcArg, GuestDriver::page(30).value)[0], abi::RpcCommand);
        alpha.smc(abi::ExchangeCapabilities);
        if (enabled) {
            alpha.smc(abi::EnableAsyncNotif);
        }
        const unsigned before = alpha.edges;
        EXPECT_EQ(driver.call({2, {}, 1}), abi::Ok);
        EXPECT_EQ(alpha.edges, before + (enabled ? 1 : 0));
        EXPECT_EQ(answers[0], enabled ? 0 : static_cast<u32>(TeeResult::Generic));
        EXPECT_EQ(answers[1], static_cast<u32>(TeeResult::Generic)) << "there is no such thread";
        const auto value = alpha.smc(abi::GetAsyncNotifValue);
        EXPECT_EQ(value[1], enabled ? 65U : 0U);
        EXPECT_EQ(value[2], enabled ? 1U : 0U) << "valid, and the only one";
    }
}

TEST_F(Orphans, WakeNothingOnceTheVmIsSilent) {
    driver.probe();
    alpha.smc(abi::EnableAsyncNotif);
    u32 answer = 0;
    optee().next_script = {FakeOptee::command(msg::rpc::Fs, {{msg::ValueInOut, 1, 2, 3}}), wake(1, answer)};
    driver.write(GuestDriver::page(30), {1, {}, 1});
    ASSERT_EQ(driver.start(abi::CallWithRpcArg, GuestDriver::page(30).value)[0], abi::RpcCommand);
    alpha.partition->silence();
    while (!alpha.partition->end_step()) {
    }
    EXPECT_EQ(answer, static_cast<u32>(TeeResult::Generic));
    EXPECT_EQ(alpha.edges, 0U) << "its interrupt controller is being reset";
}

TEST_F(Orphans, AnOrphanedRegistration) {
    optee().script_any_command = true;
    optee().next_script = {FakeOptee::command(msg::rpc::Notification, {{msg::ValueIn, 0, 64, 0}})};
    driver.write(GuestDriver::private_argument,
                 GuestDriver::register_message(driver.make_list({GuestDriver::page(40)}), page_size, 1));
    ASSERT_EQ(driver.start(abi::CallWithRpcArg, GuestDriver::private_argument.value)[0], abi::RpcCommand);
    alpha.smc(abi::ExchangeCapabilities);
    EXPECT_EQ(driver.call({2, {}, 1}), abi::Ok);
    EXPECT_EQ(alpha.pins(), 0U);
    EXPECT_TRUE(optee().memory_of(alpha.partition->id()).empty());
    EXPECT_EQ(driver.unregister_shm(1), bad_parameters);
}

TEST_F(Orphans, AnOrphanThatHadEndedChangesNothing) {
    driver.probe();
    optee().script_any_command = true;
    optee().next_script = {FakeOptee::command(msg::rpc::Suspend, {{msg::ValueIn, 1, 0, 0}})};
    driver.write(GuestDriver::private_argument, {7, {}}); // STOP_ASYNC_NOTIF
    auto x = driver.start(abi::CallWithArg, GuestDriver::private_argument.value);
    ASSERT_EQ(x[0], abi::RpcAlloc);
    x = driver.resume(x[3], abi::high_half(GuestDriver::rpc_page.value), abi::low_half(GuestDriver::rpc_page.value), 0,
                      9);
    ASSERT_EQ(x[0], abi::RpcCommand);
    x = driver.resume(x[3]);
    ASSERT_EQ(x[0], abi::RpcFree) << "all that is left is the guest's memory";
    alpha.smc(abi::ExchangeCapabilities);
    EXPECT_EQ(alpha.smc(abi::EnableAsyncNotif)[0], abi::Ok);
    EXPECT_EQ(driver.call({2, {}, 1}), abi::Ok);
    optee().partitions.at(alpha.partition->id()).pending = 4;
    machine.mediator.notification_interrupt();
    EXPECT_EQ(alpha.smc(abi::GetAsyncNotifValue)[1], 2U) << "the new driver's notifications go on";
}

} // namespace
} // namespace trv::tee::optee
