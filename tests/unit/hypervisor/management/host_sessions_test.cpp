// SPDX-License-Identifier: Apache-2.0
// What becomes of VMs and waits when sessions, drivers and hosts end.

#include "host_driver.hpp"

#include <gmock/gmock.h>

namespace trv::management {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class HostSessionsTest : public HostManagerTest {
  public:
    /// All that VMs of the host's took is back.
    void expect_nothing_left(const Balance& before, u64 objects) {
        rest();
        EXPECT_EQ(find("guest"), nullptr);
        EXPECT_EQ(manager->forget("guest").error(), Error::NotFound);
        EXPECT_EQ(balance(), before);
        EXPECT_EQ(memory.heap.objects(), objects);
    }
};

TEST_F(HostSessionsTest, AVmEndsWithItsSession) {
    start_host();
    const Program keeper = program();
    const Program p = program();
    const Balance before = balance();
    const u64 objects = memory.heap.objects();
    run(p, "guest");
    close(p.session);
    expect_nothing_left(before, objects);
    EXPECT_THAT(read_all(keeper, contract::event_channel), HasSubstr(R"("vm":"guest","reason":"destroyed")"));
    EXPECT_EQ(invoke(p, Command::Hello, {{msg::ValueOut, 0, 0, 0}, {msg::ValueOut, 0, 0, 0}}),
              number(TeeResult::ItemNotFound));
}

TEST_F(HostSessionsTest, WhateverTheVmIsDoing) {
    start_host();
    const Balance before = balance();
    const u64 objects = memory.heap.objects();
    for (unsigned stage = 0; stage < 6; ++stage) {
        u32 session = 0;
        EXPECT_EQ(open(session, msg::login_user, root_uuid), success);
        const Program p{session, memory_base, memory_base + out_offset, 0x77};
        EXPECT_EQ(register_pages(p.cookie, p.in, (out_offset + room) / page_size), success);
        const Made made = create(p, "guest");
        if (stage >= 1) {
            EXPECT_EQ(load(p, made.handle, interface::Image::Kernel, 0, kernel().substr(0, 5000)), success);
        }
        if (stage >= 2) {
            EXPECT_EQ(load(p, made.handle, interface::Image::Kernel, 5000, kernel().substr(5000)), success);
        }
        if (stage >= 3) {
            EXPECT_EQ(start(p, made.handle), success); // it is being loaded
        }
        if (stage >= 4) {
            rest();
        }
        if (stage >= 5) {
            vm("guest").request_stop(vm::StopReason::Reset); // it is about to start again
        }
        close(p.session);
        EXPECT_EQ(unregister(p.cookie), success);
        expect_nothing_left(before, objects);
    }
}

TEST_F(HostSessionsTest, APersistentVmGoesOn) {
    start_host();
    const Program p = program();
    const Made made = run(p, "guest", interface::persistent);
    close(p.session);
    rest();
    EXPECT_EQ(vm("guest").state(), vm::VmState::Running);
    const Program next = program();
    EXPECT_EQ(read(next, contract::console_channel(static_cast<unsigned>(made.number))), success);
    EXPECT_EQ(start(next, made.handle), number(TeeResult::Busy));
    destroy("guest");
    EXPECT_EQ(forget(next, "guest"), success);
}

TEST_F(HostSessionsTest, AHandleIsGivenOnce) {
    start_host();
    const Program p = program();
    const Made first = create(p, "guest");
    EXPECT_EQ(forget(p, "guest"), success);
    rest();
    for (unsigned i = 2; i < max_vms; ++i) { // until its number comes again
        const Made next = create(p, "guest");
        EXPECT_GT(next.handle, first.handle);
        EXPECT_EQ(start(p, first.handle), number(TeeResult::ItemNotFound));
        EXPECT_EQ(forget(p, "guest"), success);
        rest();
    }
    EXPECT_EQ(create(p, "guest").number, first.number);
    close(p.session); // forgets that one, and no other
    rest();
}

TEST_F(HostSessionsTest, AVmIsItsSessionsAloneAlsoIfItsNumberWasAnothers) {
    start_host();
    const Program first = program();
    const Program second = program();
    const Made old = create(first, "old");
    EXPECT_EQ(forget(second, "old"), success);
    rest();
    Made made;
    do {
        made = create(second, "guest");
        if (made.number != old.number) {
            EXPECT_EQ(forget(second, "guest"), success);
            rest();
        }
    } while (made.number != old.number);
    close(first.session);
    rest();
    load_kernel(second, made.handle);
    EXPECT_EQ(start(second, made.handle), success);
}

TEST_F(HostSessionsTest, AWaitEndsWithItsSession) {
    start_host();
    const Program p = program();
    const Call call = begin(p, static_cast<u32>(Command::Wait), {value(~u64{0}, 1000)}, 5);
    ASSERT_TRUE(call.waits);
    close(p.session);
    EXPECT_EQ(notifications().size(), 1U);
    EXPECT_EQ(resume(call).result, number(TeeResult::ItemNotFound));
    EXPECT_EQ(smc(abi::ReturnFromRpc, 0, 0, call.token)[0], abi::EResume) << "a token is for one resume";
}

TEST_F(HostSessionsTest, SessionIdsAreGivenOnce) {
    start_host();
    u32 last = 0;
    for (unsigned i = 0; i < 100; ++i) {
        u32 session = 0;
        EXPECT_EQ(open(session, msg::login_user, root_uuid), success);
        EXPECT_GT(session, last);
        close(session);
        last = session;
    }
}

TEST_F(HostSessionsTest, ThereAreManySessionsButNotTooMany) {
    start_host();
    u32 session = 0;
    for (std::size_t i = 0; i < HostSessions::most; ++i) {
        EXPECT_EQ(open(session, msg::login_user, root_uuid), success);
    }
    u32 late = 0;
    EXPECT_EQ(open(late, msg::login_user, root_uuid), number(TeeResult::Busy));
    EXPECT_EQ(late, 0U);
    close(session);
    EXPECT_EQ(open(late, msg::login_user, root_uuid), success);
}

TEST_F(HostSessionsTest, ANewDriverClosesWhatTheOldOneLeft) {
    start_host();
    const Program p = program();
    const Balance before = balance();
    run(p, "guest");
    const Call call = begin(p, static_cast<u32>(Command::Wait), {value(~u64{0} & ~u64{2}, 1000)}, 5);
    ASSERT_TRUE(call.waits);
    probe(); // kexec
    EXPECT_EQ(resume(call).result, static_cast<u32>(abi::EResume));
    const Program next = program();
    rest();
    EXPECT_EQ(find("guest"), nullptr);
    EXPECT_THAT(monitor(next, "list"), HasSubstr("host"));
    (void)before;
}

TEST_F(HostSessionsTest, AHostThatResetsLosesItsSessionsAndItsVmsButPersistentOnes) {
    start_host();
    const Program p = program();
    run(p, "guest");
    run(p, "server", interface::persistent);
    const Call call = begin(p, static_cast<u32>(Command::Wait), {value(~u64{0} & ~u64{2}, 1000)}, 5);
    ASSERT_TRUE(call.waits);
    vm("host").request_stop(vm::StopReason::Reset);
    rest();
    EXPECT_EQ(find("guest"), nullptr);
    EXPECT_EQ(vm("server").state(), vm::VmState::Running);
    probe();
    programs = 0;
    const Program next = program();
    EXPECT_EQ(forget(next, "guest"), number(TeeResult::ItemNotFound));
    EXPECT_THAT(monitor(next, "destroy server"), HasSubstr("\"ok\":true"));
    rest();
    EXPECT_EQ(forget(next, "server"), success);
}

TEST_F(HostSessionsTest, NoSessionOutlivesItsHost) {
    start_host();
    for (unsigned life = 0; life < 3; ++life) {
        u32 session = 0;
        for (std::size_t i = 0; i < HostSessions::most; ++i) {
            EXPECT_EQ(open(session, msg::login_user, root_uuid), success);
        }
        vm("host").request_stop(vm::StopReason::Reset);
        rest();
        probe();
    }
}

TEST_F(HostSessionsTest, AHostThatIsDestroyedLeavesPersistentVmsAlone) {
    start_host();
    const Program p = program();
    run(p, "guest");
    run(p, "server", interface::persistent);
    destroy("host");
    EXPECT_EQ(find("host"), nullptr);
    EXPECT_EQ(find("guest"), nullptr);
    EXPECT_EQ(vm("server").state(), vm::VmState::Running);
    print("server", "nobody reads this");
}

} // namespace
} // namespace trv::management
