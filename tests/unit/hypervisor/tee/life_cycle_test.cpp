// Partitions come and go, drivers come and go.

#include "tee_test.hpp"

namespace trv::tee {
namespace {

using LifeCycle = TeeTest;

TEST(Probe, WhatMustBeThere) {
    const auto start = [](auto configure) {
        TeeMachine machine;
        configure(machine.optee);
        const Result<void> started = machine.mediator.start(machine_arena);
        GuestVm guest(machine, 0);
        EXPECT_EQ(machine.mediator.admit({}, guest, nullptr).has_value(), started.has_value());
        EXPECT_EQ(machine.optee.violation, started ? "" : machine.optee.violation);
        return started;
    };
    EXPECT_EQ(start([](FakeOptee& optee) { optee.present = false; }).error(), Error::NotFound);
    EXPECT_EQ(start([](FakeOptee& optee) { optee.virtualized_build = false; }).error(), Error::Unsupported);
    EXPECT_EQ(start([](FakeOptee& optee) { optee.capabilities &= ~abi::CapDynamicShm; }).error(), Error::Unsupported);
    EXPECT_EQ(start([](FakeOptee& optee) { optee.capabilities &= ~abi::CapRpcArg; }).error(), Error::Unsupported);
    EXPECT_TRUE(start([](FakeOptee& optee) { optee.threads = 300; }));
    EXPECT_TRUE(start([](FakeOptee&) {}));
    TeeMachine machine;
    EXPECT_EQ(machine.mediator.start({machine_arena.base + 8, 2 * MiB}).error(), Error::Misaligned);
    EXPECT_EQ(machine.mediator.start({machine_arena.base, page_size}).error(), Error::OutOfRange);
}

TEST_F(LifeCycle, PartitionsAreFew) {
    admit(beta, {});
    GuestVm third(machine, 2);
    EXPECT_EQ(machine.mediator.admit({}, third, nullptr).error(), Error::TooMany);
    EXPECT_NE(alpha.tenant->id(), beta.tenant->id());
    beta.tenant.reset();
    admit(third, {});
    GuestDriver other(third);
    EXPECT_EQ(other.register_pages(1, GuestDriver::page(40), 1), 0U);
}

TEST_F(LifeCycle, QuotasBeyondWhatOpteeBears) {
    const auto admitted = [&](auto set) {
        TenantConfig config;
        set(config.quotas);
        const Result<Unique<Tenant>> tenant = machine.mediator.admit(config, beta, nullptr);
        return tenant ? Error::Busy : tenant.error();
    };
    EXPECT_EQ(admitted([](Quotas& quotas) { quotas.core_mapped_pages = 1281; }), Error::Invalid) << "its core panics";
    EXPECT_EQ(admitted([](Quotas& quotas) { quotas.pinned_pages = Quotas::most_pinned_pages + 1; }), Error::Invalid);
    EXPECT_EQ(admitted([](Quotas& quotas) { quotas.buffers = Quotas::most_buffers + 1; }), Error::Invalid);
}

TEST_F(LifeCycle, ThousandTimes) {
    const u64 free_frames = machine.pool.free_frames();
    for (int i = 0; i < 1000; ++i) {
        admit(beta, {});
        GuestDriver other(beta);
        other.probe();
        const u32 session = other.open(hello);
        EXPECT_EQ(other.call_registered({1, {{msg::ValueInOut, 42, 0, 0}}, session}), abi::Ok);
        beta.tenant.reset();
        EXPECT_EQ(beta.pins(), 0U);
    }
    EXPECT_EQ(machine.pool.free_frames(), free_frames);
}

TEST_F(LifeCycle, DeathComesBeforeUnpinning) {
    driver.probe();
    for (u64 cookie = 1; cookie <= 100; ++cookie) {
        ASSERT_EQ(driver.register_pages(cookie, GuestDriver::page(40), 3), 0U);
    }
    while (!optee().partitions.empty()) {
        EXPECT_EQ(alpha.pins(), 301U);
        EXPECT_FALSE(alpha.tenant->end_step());
    }
    EXPECT_EQ(optee().calls.back().a[0], abi::VmDestroyed);
    EXPECT_EQ(optee().calls.back().a[1], alpha.tenant->id());
    EXPECT_EQ(alpha.pins(), 301U);
    for (const u64 left : {301U - 128, 301U - 256}) {
        EXPECT_FALSE(alpha.tenant->end_step());
        EXPECT_EQ(alpha.pins(), left) << "as many pages a step, of however many buffers";
    }
    EXPECT_TRUE(alpha.tenant->end_step());
    EXPECT_EQ(alpha.pins(), 0U);
}

TEST_F(LifeCycle, DeathAtAnyMoment) {
    // A call that does everything, dropped at each of its stops in turn.
    for (unsigned stop = 0;; ++stop) {
        admit(beta, {});
        GuestDriver other(beta);
        other.probe();
        arch::fake_interrupt_pending = true;
        beta.forward_foreign = true;
        unsigned stops = 0;
        bool dead = false;
        optee().script_any_command = true;
        optee().next_script = {FakeOptee::allocate_argument(),
                               FakeOptee::foreign(),
                               FakeOptee::allocate(300 * page_size),
                               FakeOptee::command(msg::rpc::Fs, {{msg::ValueInOut, 1, 2, 3}}),
                               FakeOptee::free_last(),
                               FakeOptee::free_argument()};
        other.write(GuestDriver::registered, {1, {{msg::ValueIn, 1, 2, 3}}, 1});
        auto x = other.start(abi::CallWithRegdArg, GuestDriver::argument_cookie);
        const Ipa rpc = GuestDriver::registered + msg::size_of(1);
        while (abi::is_rpc(static_cast<u32>(x[0]))) {
            if (stops++ == stop) {
                dead = true;
                break;
            }
            if (x[0] == abi::RpcCommand && other.header(rpc).cmd == msg::rpc::ShmAlloc) {
                other.param(rpc, 0) = {msg::TmemOut | msg::Noncontiguous,
                                       other.make_list(GuestDriver::pages_from(GuestDriver::page(60), 300)),
                                       300 * page_size, 0x99};
            }
            other.header(rpc).ret = 0;
            x = other.resume(x[3]);
        }
        beta.tenant.reset();
        EXPECT_EQ(beta.pins(), 0U) << stop;
        EXPECT_EQ(machine.optee.violation, "") << stop;
        optee().next_script.clear();
        if (!dead) {
            EXPECT_GT(stop, 6U);
            break;
        }
    }
}

TEST_F(LifeCycle, DeathClosesSessions) {
    optee().applications = {{hello, false}};
    for (int i = 0; i < 100; ++i) {
        admit(beta, {});
        GuestDriver other(beta);
        other.probe();
        other.open(hello);
        other.open(hello);
        optee().next_script = {FakeOptee::command(msg::rpc::Fs, {{msg::ValueInOut, 1, 2, 3}})};
        other.write(GuestDriver::page(30), {1, {}, 1});
        ASSERT_EQ(other.start(abi::CallWithRpcArg, GuestDriver::page(30).value)[0], abi::RpcCommand);
        beta.tenant.reset();
        ASSERT_EQ(optee().lost_sessions, 0U) << i;
        ASSERT_EQ(optee().lost_applications, 0U) << i;
        ASSERT_EQ(optee().violation, "");
    }
}

TEST_F(LifeCycle, DeathClosesWhatADyingCallOpens) {
    optee().applications = {{hello, false}};
    admit(beta, {});
    GuestDriver other(beta);
    other.probe();
    optee().next_script = {FakeOptee::foreign()}; // after the file was loaded
    beta.abandon_foreign = true;
    other.write(GuestDriver::registered, GuestDriver::open_message(hello));
    auto x = other.start(abi::CallWithRegdArg, GuestDriver::argument_cookie);
    ASSERT_EQ(x[0], abi::RpcCommand);
    other.header(GuestDriver::registered + msg::size_of(2)).ret = 0;
    other.resume(x[3]); // its vCPU is parked, in the midst of the call
    EXPECT_TRUE(optee().partitions.at(beta.tenant->id()).loaded.contains(hello));
    beta.tenant.reset();
    EXPECT_EQ(optee().lost_sessions, 0U);
    EXPECT_EQ(optee().lost_applications, 0U);
}

/// A call of an application that computes on and on; its vCPU is parked when the first interrupt comes.
void compute_on_and_on(FakeOptee& optee, GuestDriver& driver) {
    for (int i = 0; i < 100'000; ++i) {
        optee.next_script.push_back(FakeOptee::foreign());
    }
    driver.vm.abandon_foreign = true;
    driver.write(GuestDriver::page(30), {1, {}, 1});
    driver.start(abi::CallWithRpcArg, GuestDriver::page(30).value);
}

TEST_F(LifeCycle, DeathIsPatientButNotForEver) {
    admit(beta, {});
    GuestDriver other(beta);
    other.probe();
    compute_on_and_on(optee(), other);
    unsigned steps = 0;
    while (!beta.tenant->end_step()) {
        arch::fake_ticks += 1'000'000'000; // a second
        ++steps;
    }
    EXPECT_LT(steps, 10U);
    EXPECT_EQ(beta.tenant->usage().kept_applications, 1U) << "who knows what it had loaded";
    beta.tenant.reset();
}

TEST_F(LifeCycle, DeathDoesNotWaitForOneWithTheOthers) {
    optee().applications = {{hello, false}};
    admit(beta, {});
    GuestDriver other(beta);
    other.probe();
    for (int i = 0; i < 20; ++i) {
        other.open(hello);
    }
    compute_on_and_on(optee(), other);
    arch::fake_ticks_per_look = 100'000'000; // a tenth of a second
    beta.tenant.reset();
    arch::fake_ticks_per_look = 0;
    EXPECT_EQ(optee().lost_sessions, 0U);
    EXPECT_EQ(optee().lost_applications, 0U);
}

TEST_F(LifeCycle, DeathOutlastsWaits) {
    admit(beta, {});
    GuestDriver other(beta);
    other.probe();
    unsigned asked = 0;
    for (int i = 0; i < 2000; ++i) { // TEE_Wait() asks again and again until its time has come
        optee().next_script.push_back(FakeOptee::command(msg::rpc::Suspend, {{msg::ValueIn, 1, 0, 0}},
                                                         [&asked](FakeOptee::Thread&) { ++asked; }));
    }
    other.write(GuestDriver::page(30), {1, {}, 1});
    ASSERT_EQ(other.start(abi::CallWithRpcArg, GuestDriver::page(30).value)[0], abi::RpcCommand);
    while (!beta.tenant->end_step()) {
    }
    EXPECT_EQ(asked, 2000U);
    EXPECT_EQ(beta.tenant->usage().kept_applications, 0U);
    beta.tenant.reset();
}

TEST_F(LifeCycle, NamesOfApplicationsThatAreNotThereAreNotKept) {
    optee().applications = {{hello, true}};
    admit(beta, {});
    GuestDriver other(beta);
    other.probe();
    for (u64 i = 0; i < 3 * Applications::most; ++i) {
        const Uuid uuid = Uuid::from_words(i, 7);
        optee().applications[uuid] = false;
        other.serves_applications = false;
        EXPECT_EQ(other.call_registered(GuestDriver::open_message(uuid)), abi::Ok);
        EXPECT_EQ(other.header(GuestDriver::registered).ret, 0xffff'0008U);
    }
    other.serves_applications = true;
    other.open(hello);
    while (!beta.tenant->end_step()) {
    }
    EXPECT_EQ(beta.tenant->usage().kept_applications, 1U);
    beta.tenant.reset();
}

TEST_F(LifeCycle, ApplicationsThatStayAreCounted) {
    optee().applications = {{hello, true}, {Uuid(), false}};
    unsigned lives = 0;
    for (;; ++lives) {
        auto admitted = machine.mediator.admit({}, beta, nullptr);
        if (!admitted) {
            EXPECT_EQ(admitted.error(), Error::Denied);
            break;
        }
        beta.tenant = std::move(*admitted);
        machine.optee.model.bind(beta.tenant->id(), beta.owner());
        EXPECT_EQ(beta.tenant->usage().kept_applications, lives);
        GuestDriver other(beta);
        other.probe();
        other.open(hello);
        other.open(Uuid());
        other.open(hello);
        beta.tenant.reset();
        ASSERT_LT(lives, 64U);
        ASSERT_EQ(optee().lost_applications, lives + 1);
        ASSERT_EQ(optee().lost_sessions, 0U);
    }
    EXPECT_EQ(lives, 17U) << "half of what OP-TEE bears";
    alpha.tenant.reset();
    for (unsigned i = 0; i < 100; ++i) {
        admit(alpha, {}); // a VM that leaves nothing is let in for ever
        alpha.tenant.reset();
    }
}

TEST_F(LifeCycle, ANewDriversCallsCloseItsPredecessorsSessions) {
    optee().applications = {{hello, false}};
    TenantConfig config;
    config.quotas.sessions = 40;
    admit(beta, config);
    GuestDriver other(beta);
    other.probe();
    for (int i = 0; i < 40; ++i) {
        other.open(hello);
    }
    beta.smc(abi::ExchangeCapabilities);
    EXPECT_EQ(beta.tenant->usage().sessions, 40U) << "they count until they are closed";
    entries();
    EXPECT_EQ(other.call({2, {}, 1}), abi::Ok);
    EXPECT_EQ(entries(), 18U) << "some with each call; one unregisters the old driver's memory";
    EXPECT_EQ(other.call({2, {}, 1}), abi::Ok);
    EXPECT_EQ(other.call({2, {}, 1}), abi::Ok);
    EXPECT_EQ(beta.tenant->usage().sessions, 0U);
    EXPECT_TRUE(optee().partitions.at(beta.tenant->id()).sessions.empty());
    EXPECT_TRUE(optee().partitions.at(beta.tenant->id()).loaded.empty());
}

TEST_F(LifeCycle, DeathInAnUnfinishedRegistration) {
    arch::fake_interrupt_pending = true;
    driver.write(GuestDriver::private_argument,
                 GuestDriver::register_message(driver.make_list(GuestDriver::pages_from(GuestDriver::page(40), 500)),
                                               500 * page_size, 1));
    EXPECT_EQ(driver.start(abi::CallWithRpcArg, GuestDriver::private_argument.value)[0], abi::RpcForeignInterrupt);
    EXPECT_GT(alpha.pins(), 100U);
    alpha.tenant.reset();
    EXPECT_EQ(alpha.pins(), 0U);
}

TEST_F(LifeCycle, ANewDriverFindsNothingOfItsPredecessor) {
    driver.probe();
    ASSERT_EQ(driver.register_pages(7, GuestDriver::page(40), 10), 0U);
    driver.open(hello);
    alpha.smc(abi::EnableAsyncNotif);
    optee().partitions.at(alpha.tenant->id()).pending = 4;
    machine.mediator.notification_interrupt();

    EXPECT_EQ(alpha.smc(abi::ExchangeCapabilities)[0], abi::Ok);
    EXPECT_EQ(alpha.smc(abi::GetAsyncNotifValue)[2], 0U);
    EXPECT_EQ(driver.start(abi::CallWithRegdArg, GuestDriver::argument_cookie)[0], abi::EBadAddr);
    EXPECT_EQ(driver.call({2, {}, 1}), abi::Ok);
    EXPECT_EQ(alpha.tenant->usage().sessions, 0U);
    EXPECT_TRUE(optee().partitions.at(alpha.tenant->id()).sessions.empty());
    EXPECT_EQ(alpha.pins(), 0U) << "the first call that can be cleans up";
    EXPECT_TRUE(optee().memory_of(alpha.tenant->id()).empty());
    driver.probe();
    EXPECT_EQ(driver.open(hello), 2U);
}

TEST_F(LifeCycle, OrphansAreFinishedByTheNextCall) {
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
        EXPECT_EQ(driver.resume(x[3])[0], abi::EResume) << "nobody knows the token any more";
        ASSERT_EQ(driver.register_pages(7, GuestDriver::page(40), 1), 0U);
        EXPECT_EQ((alpha.at<std::array<u64, 16>>(GuestDriver::page(30))), before) << "nothing is written to the dead";
        EXPECT_THAT(answers, testing::Each(testing::Ne(0U)));
        EXPECT_FALSE(answers.empty());
        EXPECT_EQ(alpha.tenant->usage().calls, 0U);
        EXPECT_EQ(alpha.pins(), 1U);
        EXPECT_EQ(driver.unregister_shm(7), 0U);
    }
}

TEST_F(LifeCycle, ResistingOrphansAreLeftAlone) {
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

/// A wait for a mutex of OP-TEE's: asked again and again, whatever the answer is, until nobody has it.
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
class WaitingOrphans : public LifeCycle {
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
        EXPECT_EQ(alpha.tenant->usage().calls, 2U);
        alpha.smc(abi::ExchangeCapabilities);
        EXPECT_EQ(driver.call({2, {}, 1}), abi::Ok);
        EXPECT_EQ(alpha.tenant->usage().calls, 0U);
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

TEST_F(LifeCycle, AnOrphanedRegistration) {
    optee().script_any_command = true;
    optee().next_script = {FakeOptee::command(msg::rpc::Notification, {{msg::ValueIn, 0, 64, 0}})};
    driver.write(GuestDriver::private_argument,
                 GuestDriver::register_message(driver.make_list({GuestDriver::page(40)}), page_size, 1));
    ASSERT_EQ(driver.start(abi::CallWithRpcArg, GuestDriver::private_argument.value)[0], abi::RpcCommand);
    alpha.smc(abi::ExchangeCapabilities);
    EXPECT_EQ(driver.call({2, {}, 1}), abi::Ok);
    EXPECT_EQ(alpha.pins(), 0U);
    EXPECT_TRUE(optee().memory_of(alpha.tenant->id()).empty());
    EXPECT_EQ(driver.unregister_shm(1), bad_parameters);
}

TEST_F(LifeCycle, AnOrphanThatHadEndedChangesNothing) {
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
    optee().partitions.at(alpha.tenant->id()).pending = 4;
    machine.mediator.notification_interrupt();
    EXPECT_EQ(alpha.smc(abi::GetAsyncNotifValue)[1], 2U) << "the new driver's notifications go on";
}

TEST_F(LifeCycle, Policy) {
    TenantConfig config;
    config.quotas.sessions = 2;
    ASSERT_TRUE(config.policy.deny.push_back(hello));
    ASSERT_TRUE(config.policy.allow.push_back(stats_pta));
    admit(beta, config);
    GuestDriver other(beta);
    other.probe();
    const auto open = [&](const Uuid& uuid) {
        EXPECT_EQ(other.call_registered(GuestDriver::open_message(uuid)), abi::Ok);
        return other.header(GuestDriver::registered).ret;
    };
    EXPECT_EQ(open(hello), access_denied);
    EXPECT_EQ(other.header(GuestDriver::registered).ret_origin, 3U);
    EXPECT_EQ(other.header(GuestDriver::registered).session, 0U);
    EXPECT_EQ(open(invoke_tests_pta), access_denied);
    EXPECT_EQ(open(stats_pta), 0U);
    optee().next_ret = 0xffff'0008;
    EXPECT_EQ(open(Uuid()), 0xffff'0008);
    EXPECT_EQ(beta.tenant->usage().sessions, 1U) << "learnt only on success";
    EXPECT_EQ(open(Uuid()), 0U);
    EXPECT_EQ(open(Uuid()), out_of_memory) << "max_sessions";
    EXPECT_EQ(other.call_registered({2, {}, 1}), abi::Ok);
    EXPECT_EQ(open(Uuid()), 0U);
}

TEST(Policies, Order) {
    PolicyConfig policy;
    EXPECT_EQ(judge(policy, hello), Verdict::Allow);
    EXPECT_EQ(judge(policy, stats_pta), Verdict::Deny);
    policy.otherwise = Verdict::Deny;
    EXPECT_EQ(judge(policy, hello), Verdict::Deny);
    ASSERT_TRUE(policy.allow.push_back(hello));
    EXPECT_EQ(judge(policy, hello), Verdict::Allow);
    ASSERT_TRUE(policy.deny.push_back(hello));
    EXPECT_EQ(judge(policy, hello), Verdict::Deny);
    const auto text = hello.text();
    EXPECT_EQ(std::string_view(text.data(), text.size()), "8aaaf200-2450-11e4-abe2-0002a5d5c51b");
}

} // namespace
} // namespace trv::tee
