// SPDX-License-Identifier: Apache-2.0
// Consoles, agents and events of VMs, as programs of the host read, write and wait for them.

#include "host_driver.hpp"

#include <gmock/gmock.h>

namespace trv::management {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr u64 events_channel = contract::event_channel;

TEST_F(HostManagerTest, ReadsConsolesFromRings) {
    start_host();
    const Program p = program();
    const Made made = run(p, "guest");
    EXPECT_EQ(read_all(p, console_of(made)), "");
    print("guest", "hello");
    EXPECT_EQ(read_all(p, console_of(made)), "hello");
    EXPECT_EQ(param(0).b, 0U);
    print("guest", std::string(10, 'a') + std::string(interface::channel_room, 'b'));
    EXPECT_EQ(read(p, console_of(made), 100), success);
    EXPECT_EQ(said(p, 1), std::string(100, 'b'));
    EXPECT_EQ(param(0).b, 10U) << "the oldest are lost, and counted";
    EXPECT_EQ(read_all(p, console_of(made)).size(), interface::channel_room - 100);
    EXPECT_EQ(param(0).b, 0U);
    print("guest", "last words");
    destroy("guest");
    EXPECT_EQ(read_all(p, console_of(made)), "last words") << "the VM is gone, its description is not";
    EXPECT_EQ(machine_console.multiplexer().output_pending(), false);
}

TEST_F(HostManagerTest, ReadsOnlyChannelsOfVmsThatItMade) {
    describe_on(0, "other");
    EXPECT_TRUE(manager->add(std::move(*machine::VmConfig::copy_of(descriptions[1])), vm::Manager::Number::Described));
    start_host();
    const Program p = program();
    for (const u64 channel :
         {u64{0}, u64{2}, u64{3}, u64{4}, u64{5}, u64{6}, u64{34}, u64{35}, u64{0x1'0000'0001}, ~u64{0}}) {
        EXPECT_EQ(read(p, channel), number(TeeResult::ItemNotFound)) << channel;
        EXPECT_EQ(invoke(p, Command::Write, {value(channel), in(p, "x")}), number(TeeResult::ItemNotFound)) << channel;
    }
}

TEST_F(HostManagerTest, AChannelBelongsToTheFirstThatUsesIt) {
    start_host();
    const Program first = program();
    const Program second = program();
    const Made made = run(first, "guest", interface::persistent);
    print("guest", "hello");
    EXPECT_EQ(read_all(second, console_of(made)), "hello");
    EXPECT_EQ(read(first, console_of(made)), number(TeeResult::Busy));
    print("guest", "more");
    EXPECT_EQ(invoke(first, Command::Wait, {value(~u64{0} & ~u64{2}, 0)}), success);
    EXPECT_EQ(param(0).a, 0U) << "what another reads is not for it";
    close(second.session);
    EXPECT_EQ(read_all(first, console_of(made)), "more");
}

TEST_F(HostManagerTest, WritesAsMuchAsTheDeviceHasRoomFor) {
    start_host();
    const Program p = program();
    const Made made = create(p, "guest");
    const auto write = [&](std::string_view text) {
        EXPECT_EQ(invoke(p, Command::Write, {value(console_of(made)), in(p, text)}), success);
        return param(0).b;
    };
    EXPECT_EQ(write("early"), 0U);
    load_kernel(p, made.handle);
    EXPECT_EQ(start(p, made.handle), success);
    rest();
    EXPECT_EQ(write("input"), 5U);
    EXPECT_EQ(write(std::string(5000, 'x')), 4096U - 5);
    EXPECT_EQ(write("more"), 0U);
    const auto* window = vm("guest").devices().bus().find(guest::usual_layout.console, 4, 0);
    EXPECT_EQ(window->device->read({.offset = 0, .size = 4, .vcpu = 0}).value, u64{'i'});
    EXPECT_EQ(write("more"), 1U);
    destroy("guest");
    EXPECT_EQ(write("late"), 0U);
}

TEST_F(HostManagerTest, SessionsSeeEventsFromTheirOpeningOn) {
    start_host();
    const Program p = program();
    EXPECT_EQ(read_all(p, events_channel), "");
    run(p, "guest");
    const Program late = program();
    EXPECT_EQ(read_all(late, events_channel), "");
    EXPECT_THAT(read_all(p, events_channel), testing::AllOf(HasSubstr("vm-created"), HasSubstr("vm-running")));
    destroy("guest");
    EXPECT_THAT(read_all(p, events_channel), testing::AllOf(HasSubstr("vm-stopped"), Not(HasSubstr("vm-running"))));
    EXPECT_THAT(read_all(late, events_channel), HasSubstr("vm-stopped"));
    EXPECT_EQ(read(p, events_channel, 1151), number(TeeResult::ShortBuffer));
    EXPECT_EQ(invoke(p, Command::Write, {value(events_channel), in(p, "x")}), number(TeeResult::ItemNotFound));
}

TEST_F(HostManagerTest, EventsThatAreNotReadAreLostInWholeLines) {
    start_host();
    const Program p = program();
    for (unsigned i = 0; i < 400; ++i) {
        manager->refuse("vm-" + std::to_string(i), "because");
    }
    const std::string lines = read_all(p, events_channel);
    EXPECT_GT(param(0).b, 0U);
    EXPECT_TRUE(lines.starts_with("{\"event\":"));
    EXPECT_TRUE(lines.ends_with("}\n"));
    EXPECT_THAT(lines, HasSubstr("vm-399"));
    EXPECT_EQ(read_all(p, events_channel), "");
}

TEST_F(HostManagerTest, AWaitThatFindsSomethingDoesNotWait) {
    start_host();
    const Program p = program();
    const Made made = run(p, "guest");
    print("guest", "x");
    const Call call = begin(p, static_cast<u32>(Command::Wait), {value(~u64{0}, 1000)});
    EXPECT_FALSE(call.waits);
    EXPECT_EQ(param(0).a, bit_of(contract::event_channel) | u64{1} << console_of(made));
    EXPECT_FALSE(begin(p, static_cast<u32>(Command::Wait), {value(1, 0)}).waits) << "no time to wait";
}

TEST_F(HostManagerTest, OutputEndsAWait) {
    start_host();
    const Program p = program();
    const Made made = run(p, "guest");
    Call call = begin(p, static_cast<u32>(Command::Wait), {value(u64{1} << console_of(made), 1000)});
    ASSERT_TRUE(call.waits);
    EXPECT_EQ(call.result, abi::RpcCommand);
    EXPECT_EQ(request(1).a, msg::rpc::notification_wait);
    EXPECT_EQ(request(1).b, 55U);
    EXPECT_THAT(notifications(), IsEmpty());
    EXPECT_THAT(monitor(p, "list"), HasSubstr("guest")) << "other calls go on";
    print("guest", "xy");
    EXPECT_THAT(notifications(), ElementsAre(55U));
    call = resume(call);
    EXPECT_FALSE(call.waits);
    EXPECT_EQ(call.result, success);
}

TEST_F(HostManagerTest, AnEventEndsAWait) {
    start_host();
    const Program p = program();
    Call call = begin(p, static_cast<u32>(Command::Wait), {value(bit_of(contract::event_channel), 1000)}, 3);
    ASSERT_TRUE(call.waits);
    manager->refuse("nothing", "because");
    EXPECT_THAT(notifications(), ElementsAre(request(1, 3).b));
    call = resume(call);
    EXPECT_EQ(call.result, success);
    EXPECT_EQ(param(0, 3).a, bit_of(contract::event_channel));
}

TEST_F(HostManagerTest, AWaitEndsAfterASecondAtTheLatest) {
    start_host();
    const Program p = program();
    for (const u64 wanted : {u64{200}, ~u64{0}}) {
        Call call = begin(p, static_cast<u32>(Command::Wait), {value(~u64{0}, wanted)});
        ASSERT_TRUE(call.waits);
        const u64 limit = std::min<u64>(wanted, 1000) * vm::millisecond;
        const u64 begin_ticks = arch::fake_ticks;
        for (unsigned i = 0; i < 2000 && notifications().empty(); ++i) {
            pass(0, vm::millisecond);
            play(0);
        }
        EXPECT_NEAR(static_cast<double>(arch::fake_ticks - begin_ticks), static_cast<double>(limit), 2e6);
        call = resume(call);
        EXPECT_EQ(call.result, success);
        EXPECT_EQ(param(0).a, 0U);
    }
}

TEST_F(HostManagerTest, WaitsLeaveRoomForOtherCalls) {
    start_host();
    const Program p = program();
    std::vector<Call> calls;
    for (u32 i = 0; i < 6; ++i) {
        calls.push_back(begin(p, static_cast<u32>(Command::Wait), {value(~u64{0}, 1000)}, i + 1));
        EXPECT_TRUE(calls.back().waits);
    }
    const Call seventh = begin(p, static_cast<u32>(Command::Wait), {value(~u64{0}, 1000)});
    EXPECT_FALSE(seventh.waits);
    EXPECT_EQ(seventh.result, number(TeeResult::Busy));
    EXPECT_THAT(monitor(p, "list"), HasSubstr("host"));
    manager->refuse("nothing", "because");
    EXPECT_EQ(notifications().size(), 6U);
    for (Call& call : calls) {
        EXPECT_EQ(resume(call).result, success);
    }
}

TEST_F(HostManagerTest, WithoutNotificationsNothingWaits) {
    boot_and_load();
    smc(abi::ExchangeCapabilities);
    EXPECT_EQ(register_pages(argument_cookie, arguments, 16), success);
    EXPECT_FALSE(begin(program(), static_cast<u32>(Command::Wait), {value(~u64{0}, 1000)}).waits);
}

} // namespace
} // namespace trv::management
