// SPDX-License-Identifier: Apache-2.0
// What becomes of a VM's calls, sessions, applications and memory when it ends.

#include "tee_test.hpp"

namespace trv::tee::optee {
namespace {

using VmEnd = TeeTest;

TEST_F(VmEnd, ComesBeforeUnpinning) {
    driver.probe();
    for (u64 cookie = 1; cookie <= 100; ++cookie) {
        ASSERT_EQ(driver.register_pages(cookie, GuestDriver::page(40), 3), 0U);
    }
    while (!optee().partitions.empty()) {
        EXPECT_EQ(alpha.pins(), 301U);
        EXPECT_FALSE(alpha.partition->end_step());
    }
    EXPECT_EQ(optee().calls.back().a[0], abi::VmDestroyed);
    EXPECT_EQ(optee().calls.back().a[1], alpha.partition->id());
    EXPECT_EQ(alpha.pins(), 301U);
    for (const u64 left : {301U - 128, 301U - 256}) {
        EXPECT_FALSE(alpha.partition->end_step());
        EXPECT_EQ(alpha.pins(), left) << "as many pages a step, of however many buffers";
    }
    EXPECT_TRUE(alpha.partition->end_step());
    EXPECT_EQ(alpha.pins(), 0U);
}

TEST_F(VmEnd, AtAnyMoment) {
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
        beta.partition.reset();
        EXPECT_EQ(beta.pins(), 0U) << stop;
        EXPECT_EQ(machine.optee.violation, "") << stop;
        optee().next_script.clear();
        if (!dead) {
            EXPECT_GT(stop, 6U);
            break;
        }
    }
}

TEST_F(VmEnd, ClosesSessions) {
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
        beta.partition.reset();
        ASSERT_EQ(optee().lost_sessions, 0U) << i;
        ASSERT_EQ(optee().lost_applications, 0U) << i;
        ASSERT_EQ(optee().violation, "");
    }
}

TEST_F(VmEnd, ClosesWhatADyingCallOpens) {
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
    EXPECT_TRUE(optee().partitions.at(beta.partition->id()).loaded.contains(hello));
    beta.partition.reset();
    EXPECT_EQ(optee().lost_sessions, 0U);
    EXPECT_EQ(optee().lost_applications, 0U);
}

TEST_F(VmEnd, WaitsForItsCallsBeforeItLooksForWhatStays) {
    optee().applications = {{hello, false}};
    admit(beta, {});
    GuestDriver other(beta);
    other.probe();
    for (int i = 0; i < 40; ++i) { // the application is loaded, and computes before its session is open
        optee().next_script.push_back(FakeOptee::foreign());
    }
    beta.abandon_foreign = true;
    other.write(GuestDriver::registered, GuestDriver::open_message(hello));
    auto x = other.start(abi::CallWithRegdArg, GuestDriver::argument_cookie);
    ASSERT_EQ(x[0], abi::RpcCommand);
    other.header(GuestDriver::registered + msg::size_of(2)).ret = 0;
    other.resume(x[3]);
    arch::fake_ticks_per_look = 5'000'000; // of a billion a second: several turns, but a fraction of the patience
    while (!beta.partition->end_step()) {
    }
    arch::fake_ticks_per_look = 0;
    EXPECT_EQ(beta.partition->usage().kept_applications, 0U);
    EXPECT_EQ(optee().lost_applications, 0U);
    beta.partition.reset();
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

TEST_F(VmEnd, IsPatientButNotForEver) {
    admit(beta, {});
    GuestDriver other(beta);
    other.probe();
    compute_on_and_on(optee(), other);
    unsigned steps = 0;
    while (!beta.partition->end_step()) {
        arch::fake_ticks += 1'000'000'000; // a second
        ++steps;
    }
    EXPECT_LT(steps, 10U);
    EXPECT_EQ(beta.partition->usage().kept_applications, 1U) << "who knows what it had loaded";
    beta.partition.reset();
}

TEST_F(VmEnd, DoesNotWaitForOneWithTheOthers) {
    optee().applications = {{hello, false}};
    admit(beta, {});
    GuestDriver other(beta);
    other.probe();
    for (int i = 0; i < 20; ++i) {
        other.open(hello);
    }
    compute_on_and_on(optee(), other);
    arch::fake_ticks_per_look = 100'000'000; // a tenth of a second
    while (!beta.partition->end_step()) {
    }
    EXPECT_EQ(beta.partition->usage().kept_applications, 1U) << "the call that goes on; the application was looked for";
    beta.partition.reset();
    arch::fake_ticks_per_look = 0;
    EXPECT_EQ(optee().lost_sessions, 0U);
    EXPECT_EQ(optee().lost_applications, 0U);
}

TEST_F(VmEnd, OutlastsWaits) {
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
    while (!beta.partition->end_step()) {
    }
    EXPECT_EQ(asked, 2000U);
    EXPECT_EQ(beta.partition->usage().kept_applications, 0U);
    beta.partition.reset();
}

TEST_F(VmEnd, NamesOfApplicationsThatAreNotThereAreNotKept) {
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
    while (!beta.partition->end_step()) {
    }
    EXPECT_EQ(beta.partition->usage().kept_applications, 1U);
    beta.partition.reset();
}

TEST_F(VmEnd, ApplicationsThatStayAreCounted) {
    optee().applications = {{hello, true}, {Uuid(), false}};
    PartitionConfig config;
    config.account = 1;
    unsigned lives = 0;
    for (;; ++lives) {
        auto admitted = machine.mediator.admit(config, beta, nullptr);
        if (!admitted) {
            EXPECT_EQ(admitted.error(), Error::Denied);
            break;
        }
        beta.partition = std::move(*admitted);
        machine.optee.model.bind(beta.partition->id(), beta.owner());
        EXPECT_EQ(beta.partition->usage().kept_applications, lives);
        GuestDriver other(beta);
        other.probe();
        other.open(hello);
        other.open(Uuid());
        other.open(hello);
        beta.partition.reset();
        ASSERT_LT(lives, 64U);
        ASSERT_EQ(optee().lost_applications, lives + 1);
        ASSERT_EQ(optee().lost_sessions, 0U);
    }
    EXPECT_EQ(lives, 17U) << "half of what OP-TEE bears";
    alpha.partition.reset();
    for (unsigned i = 0; i < 100; ++i) {
        admit(alpha, {}); // a VM that leaves nothing is let in for ever
        alpha.partition.reset();
    }
}

TEST_F(VmEnd, LooksForWhatStaysWhereAllAddressSpacesAreInUse) {
    ASSERT_TRUE(machine.mediator.start(machine_arena, machine.table, {.address_spaces = 8, .vms = 2}));
    optee().applications = {{hello, false}};
    driver.probe();
    admit(beta, {});
    GuestDriver other(beta);
    other.probe();
    other.open(hello);
    beta.partition->tables().keep(1); // by an earlier run: its own one
    while (alpha.partition->tables().sessions.reserve()) {
    }
    while (!beta.partition->end_step()) {
    }
    EXPECT_EQ(beta.partition->usage().kept_applications, 1U) << "nothing more";
    beta.partition.reset();
}

TEST_F(VmEnd, InAnUnfinishedRegistration) {
    arch::fake_interrupt_pending = true;
    driver.write(GuestDriver::private_argument,
                 GuestDriver::register_message(driver.make_list(GuestDriver::pages_from(GuestDriver::page(40), 500)),
                                               500 * page_size, 1));
    EXPECT_EQ(driver.start(abi::CallWithRpcArg, GuestDriver::private_argument.value)[0], abi::RpcForeignInterrupt);
    EXPECT_GT(alpha.pins(), 100U);
    alpha.partition.reset();
    EXPECT_EQ(alpha.pins(), 0U);
}

} // namespace
} // namespace trv::tee::optee
