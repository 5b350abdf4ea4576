// SPDX-License-Identifier: Apache-2.0
// A host that has a partition of OP-TEE and the manager behind one driver.

#include "host_driver.hpp"
#include "tee/fake_optee.hpp"
#include "tee/optee/partition/partition.hpp"

#include <gmock/gmock.h>

namespace trv::management {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr Uuid hello = Uuid::from_fields(0x8aaa'f200, 0x2450, 0x11e4, 0xabe2'0002'a5d5'c51b);

class HostWithOptee : public HostManagerTest {
  public:
    explicit HostWithOptee(void (*prepare)(machine::VmDescription&) =
                               [](machine::VmDescription& host) { host.tee.emplace(); })
        : HostManagerTest(prepare) {
        arch::fake_firmware = [this](const arch::SmcArguments& call) { return optee_fake.smc(call); };
        EXPECT_TRUE(mediator.start(arena.range(), memory.frames, {.host_makes_vms = true}));
    }
    ~HostWithOptee() override {
        play(0);
        manager.reset();
        EXPECT_TRUE(optee_fake.partitions.empty());
        EXPECT_EQ(optee_fake.violation, "");
        arch::fake_firmware = nullptr;
    }
    void before_probe() override {
        for (const auto& [id, partition] : optee_fake.partitions) {
            optee_fake.model.bind(id, memory::vm_owner(0));
        }
    }
    u32 open_hello() {
        u32 session = 0;
        EXPECT_EQ(open(session, 0, {}, hello), success);
        return session;
    }
    /// Of the application, which asks the driver for something first.
    Call call_hello(u32 session, u32 slot) {
        optee_fake.next_script = {test::FakeOptee::command(msg::rpc::GetTime, {{msg::ValueOut, 0, 0, 0}})};
        return begin({session, {}, {}, 0}, 0, {}, slot);
    }

    memory::Frames arena = *memory.pool.allocate(memory::order_for(2 * MiB), memory::FrameOwner::Arena);
    test::FakeOptee optee_fake{memory.frames, arena.range()};
};

TEST_F(HostWithOptee, HasBoth) {
    start_host();
    EXPECT_THAT(events(), HasSubstr("vm-with-tee"));
    const u32 session = open_hello();
    EXPECT_LT(session, 1000U) << "OP-TEE's";
    const Program p = program();
    EXPECT_NE(p.session & tee::manager::session_bit, 0U);
    const std::size_t entries = optee_fake.calls.size();
    EXPECT_THAT(monitor(p, "list"), HasSubstr(R"("vm":"host","index":0,"state":"running","vcpus":2)"));
    run(p, "guest");
    EXPECT_EQ(optee_fake.calls.size(), entries) << "no command reaches OP-TEE";
    EXPECT_EQ(begin({session, {}, {}, 0}, 0, {}).result, success);
    EXPECT_EQ(optee_fake.calls.size(), entries + 1);
    EXPECT_EQ(begin({p.session + 1, {}, {}, 0}, 0, {}).result, number(TeeResult::BadParameters))
        << "an invocation of hello without parameters";
    close(session);
    close(p.session);
    rest();
    EXPECT_EQ(find("guest"), nullptr);
}

TEST_F(HostWithOptee, HasMoreCallsThanOpteeHasThreads) {
    start_host();
    EXPECT_EQ(smc(abi::GetThreadCount)[1], 8U);
    const u32 session = open_hello();
    const Call first = call_hello(session, 1);
    const Call second = call_hello(session, 2);
    ASSERT_TRUE(first.waits);
    ASSERT_TRUE(second.waits);
    Call third = call_hello(session, 3);
    ASSERT_TRUE(third.waits);
    EXPECT_EQ(at<msg::Header>(arguments + 3 * page_size + msg::size_of(0)).cmd, msg::rpc::Notification);
    EXPECT_THAT(notifications(), IsEmpty());
    third = resume(third); // woken for nothing
    ASSERT_TRUE(third.waits);
    EXPECT_EQ(resume(first).result, success);
    EXPECT_EQ(notifications(), std::vector<u32>{static_cast<u32>(request(0, 3).b)});
    third = resume(third);
    EXPECT_TRUE(third.waits) << "for what it asked the driver for";
    EXPECT_EQ(at<msg::Header>(arguments + 3 * page_size + msg::size_of(0)).cmd, msg::rpc::GetTime);
    EXPECT_EQ(resume(third).result, success);
    EXPECT_EQ(resume(second).result, success);
}

TEST_F(HostWithOptee, ProgramsThatWaitTakeNoThreadOfOptees) {
    start_host();
    const u32 session = open_hello();
    const Program p = program();
    std::vector<Call> waits;
    for (u32 slot = 1; slot <= 6; ++slot) {
        waits.push_back(begin(p, static_cast<u32>(Command::Wait), {value(~u64{0}, 1000)}, slot));
        ASSERT_TRUE(waits.back().waits);
    }
    EXPECT_EQ(begin(p, static_cast<u32>(Command::Wait), {value(~u64{0}, 1000)}).result, number(TeeResult::Busy));
    const Call first = call_hello(session, 8);
    ASSERT_TRUE(first.waits);
    EXPECT_EQ(begin({session, {}, {}, 0}, 0, {}).result, success);
    EXPECT_EQ(resume(first).result, success);
    manager->refuse("nothing", "because");
    for (const Call& wait : waits) {
        EXPECT_EQ(resume(wait).result, success);
    }
}

TEST_F(HostWithOptee, ANewDriverEndsCallsThatWaitForThreads) {
    start_host();
    const u32 session = open_hello();
    for (u32 slot = 1; slot <= 4; ++slot) {
        ASSERT_TRUE(call_hello(session, slot).waits);
    }
    probe();
    EXPECT_NE(open_hello(), 0U);
    vm("host").request_stop(vm::StopReason::Reset);
    rest();
    probe();
    EXPECT_NE(open_hello(), 0U);
}

class HostThatMakesVmsWithOptee : public HostWithOptee {
  public:
    HostThatMakesVmsWithOptee() { optee_fake.max_partitions = 16; }
    /// @return whether it runs with an OP-TEE
    bool run_with_tee(const Program& p, const std::string& label) {
        Made made;
        EXPECT_EQ(create(p, tree(label, "tee;"), made), success) << said(p, 2);
        load_kernel(p, made.handle);
        EXPECT_EQ(start(p, made.handle), success) << said(p, 1);
        rest();
        return vm(label).services().find(vm::ServiceKind::Optee) != nullptr;
    }
    tee::optee::Tables& tables(std::string_view label) {
        return static_cast<tee::optee::Partition*>(vm(label).services().find(vm::ServiceKind::Optee))->tables();
    }
    void end(const Program& p, const std::string& label) {
        destroy(label);
        EXPECT_EQ(forget(p, label), success);
        rest();
    }
};

TEST_F(HostThatMakesVmsWithOptee, TheyHaveOneAccountAndTheHostItsOwn) {
    start_host();
    const Program p = program();
    ASSERT_TRUE(run_with_tee(p, "guest"));
    EXPECT_EQ(tables("guest").config.account, tee::optee::AddressSpaces::hosts_account);
    EXPECT_EQ(tables("host").config.account, 0U);
    tables("guest").keep(17); // in one run
    end(p, "guest");
    (void)events();
    EXPECT_FALSE(run_with_tee(p, "other")) << "with another number, and an account that is not new";
    EXPECT_THAT(events(), HasSubstr("VMs that the host made left applications in OP-TEE"));
    vm("host").request_stop(vm::StopReason::Reset);
    rest();
    probe();
    EXPECT_NE(open_hello(), 0U) << "what others left is not the host's";
}

TEST_F(HostThatMakesVmsWithOptee, OneInThePlaceOfAnotherDoesNotAnswerForIt) {
    start_host();
    const Program p = program();
    ASSERT_TRUE(run_with_tee(p, "guest"));
    tables("host").keep(17);       // a boot VM's, which the other VMs have no part in
    for (int i = 0; i < 20; ++i) { // all numbers in turn
        end(p, "guest");
        ASSERT_TRUE(run_with_tee(p, "guest")) << i;
    }
    EXPECT_EQ(tables("guest").spaces->kept(tee::optee::AddressSpaces::hosts_account), 0U);
}

TEST_F(HostThatMakesVmsWithOptee, DescribingThemTakesNothingFromOthers) {
    start_host();
    const Program p = program();
    const auto fill = [&] {
        u32 sessions = 0;
        while (tables("host").sessions.reserve()) {
            ++sessions;
        }
        for (u32 i = 0; i < sessions; ++i) {
            tables("host").sessions.cancel();
        }
        return sessions;
    };
    const u32 before = fill();
    for (int i = 0; i < 14; ++i) {
        Made made;
        ASSERT_EQ(create(p, tree("guest-" + std::to_string(i), "tee;"), made), success);
    }
    EXPECT_EQ(fill(), before);
    EXPECT_EQ(tables("host").spaces->most(), before + 1) << "but the program's own";
}

class HostWithStrictPolicy : public HostWithOptee {
  public:
    HostWithStrictPolicy()
        : HostWithOptee(
              [](machine::VmDescription& host) { host.tee.emplace().otherwise = contract::TeeDefault::Deny; }) {}
};

TEST_F(HostWithStrictPolicy, AllowsTheManager) {
    start_host();
    u32 session = 0;
    EXPECT_EQ(open(session, 0, {}, hello), number(TeeResult::AccessDenied));
    EXPECT_THAT(monitor(program(), "list"), HasSubstr("host"));
}

class HostWithoutPartition : public HostWithOptee {
  public:
    HostWithoutPartition() { optee_fake.max_partitions = 0; }
};

TEST_F(HostWithoutPartition, HasTheManagerAlone) {
    start_host();
    EXPECT_THAT(events(), HasSubstr("OP-TEE has no free partition"));
    EXPECT_THAT(monitor(program(), "list"), HasSubstr("host"));
    u32 session = 0;
    EXPECT_EQ(open(session, 0, {}, hello), number(TeeResult::ItemNotFound));
}

} // namespace
} // namespace trv::management
