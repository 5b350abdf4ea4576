// SPDX-License-Identifier: Apache-2.0
// The manager's commands, as the host's driver and its programs see them.

#include "host_driver.hpp"

#include <gmock/gmock.h>

namespace trv::management {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST_F(HostManagerTest, TheDriverProbesWithoutAnOptee) {
    boot_and_load();
    Registers x = smc(abi::CallsUid);
    EXPECT_EQ(x[0], abi::uid[0]);
    EXPECT_EQ(x[3], abi::uid[3]);
    x = smc(abi::CallsRevision);
    EXPECT_EQ(x[0], 2U);
    x = smc(abi::ExchangeCapabilities, 0);
    EXPECT_EQ(x[0], abi::Ok);
    EXPECT_EQ(x[1], abi::CapDynamicShm | abi::CapRpcArg | abi::CapAsyncNotif);
    EXPECT_EQ(x[2], 63U);
    x = smc(abi::GetThreadCount);
    EXPECT_EQ(x[1], 8U);
    EXPECT_EQ(smc(abi::EnableAsyncNotif)[0], abi::Ok);
    EXPECT_EQ(smc(abi::GetShmConfig)[0], abi::ENotAvail);
    const DeviceTree tree = tree_of("host");
    const auto node = tree.find("/firmware/optee");
    ASSERT_TRUE(node);
    EXPECT_TRUE(node->is_compatible("linaro,optee-tz"));
    EXPECT_TRUE(node->has("interrupts"));
}

TEST_F(HostManagerTest, OtherVmsHaveNone) {
    describe_on(0, "other");
    EXPECT_TRUE(manager->add(std::move(*machine::VmConfig::copy_of(descriptions[1])), vm::Manager::Number::Described));
    start_host();
    EXPECT_EQ(vm("other").services().find(vm::ServiceKind::Optee), nullptr);
}

TEST_F(HostManagerTest, OpensForRootAndOneGroupOnly) {
    start_host();
    const Uuid nobody{};
    const Uuid other = Uuid::from_fields(0x9bf8'14fc, 0x11e8, 0x5e16, 0x8e80'8270'd155'8336);
    struct Case {
        u32 login;
        Uuid client;
        u32 result;
    };
    const u32 denied = number(TeeResult::AccessDenied);
    const Case cases[] = {
        {1, root_uuid, success},
        {2, group_uuid, success},
        {1, group_uuid, denied},
        {2, root_uuid, denied},
        {1, other, denied},
        {2, other, denied},
        {0, nobody, denied},
        {0, root_uuid, denied},
        {4, root_uuid, denied},
        {5, root_uuid, denied},
        {6, group_uuid, denied},
        {0x8000'0000, nobody, denied},
        {0x8000'0000, root_uuid, denied},
    };
    for (const Case& each : cases) {
        u32 session = 0;
        EXPECT_EQ(open(session, each.login, each.client), each.result) << each.login;
        if (each.result != success) {
            EXPECT_EQ(session, 0U);
        }
    }
}

TEST_F(HostManagerTest, OtherApplicationsAreNotFound) {
    start_host();
    const Uuid enumeration = Uuid::from_fields(0x7011'a688, 0xddde, 0x4053, 0xa5a9'7b3c'4ddf'13b8);
    u32 session = 0;
    EXPECT_EQ(open(session, 0x8000'0000, {}, enumeration), number(TeeResult::ItemNotFound));
}

TEST_F(HostManagerTest, SaysHello) {
    start_host();
    const Program p = program();
    EXPECT_EQ(invoke(p, Command::Hello, {{msg::ValueOut, 7, 7, 7}, {msg::ValueOut, 7, 7, 7}}), success);
    EXPECT_EQ(param(0).a, interface::version);
    EXPECT_EQ(param(0).b, interface::has_devices | interface::has_variables);
    EXPECT_EQ(param(1).a, max_vms);
    EXPECT_EQ(param(1).b, 0U);
}

TEST_F(HostManagerTest, RunsTheMonitorsCommands) {
    start_host();
    const Program p = program();
    EXPECT_THAT(monitor(p, "list"), HasSubstr(R"("vms":[{"vm":"host","index":0,"state":"running")"));
    EXPECT_THAT(monitor(p, "fly"), HasSubstr(R"("ok":false)"));
    EXPECT_THAT(monitor(p, ""), HasSubstr(R"("ok":false)"));
    EXPECT_THAT(monitor(p, std::string(256, 'x')), HasSubstr("unknown command"));
    EXPECT_EQ(invoke(p, Command::Monitor, {in(p, std::string(257, 'x')), out(p)}), number(TeeResult::BadParameters));
}

TEST_F(HostManagerTest, ACommandOfTheMonitorHasNoEffectWithoutRoomForItsReply) {
    start_host();
    const Program p = program();
    run(p, "guest");
    EXPECT_EQ(invoke(p, Command::Monitor, {in(p, "destroy guest"), out(p, 16 * KiB - 1)}),
              number(TeeResult::ShortBuffer));
    EXPECT_EQ(param(1).b, 16 * KiB);
    EXPECT_FALSE(vm("guest").stop().is_made());
}

TEST_F(HostManagerTest, ParametersMustHaveTheirTypes) {
    start_host();
    const Program p = program();
    const u64 types[] = {msg::None,   msg::ValueIn, msg::ValueOut, msg::ValueInOut,
                         msg::RmemIn, msg::RmemOut, msg::RmemInOut};
    const auto of = [](interface::Kind kind) {
        constexpr u64 types_of[] = {msg::None, msg::ValueIn, msg::ValueOut, msg::ValueInOut, msg::RmemIn, msg::RmemOut};
        return types_of[static_cast<unsigned>(kind)];
    };
    for (const interface::Row& row : interface::rows) {
        for (u32 wrong = 0; wrong < 4; ++wrong) {
            for (const u64 type : types) {
                if (type == of(row.parameters[wrong].kind)) {
                    continue;
                }
                std::vector<msg::Param> params;
                for (u32 i = 0; i < 4; ++i) {
                    const u64 given = i == wrong ? type : of(row.parameters[i].kind);
                    params.push_back({given, 0, 0, msg::is_rmem(given) ? p.cookie : 0});
                }
                EXPECT_EQ(invoke(p, row.command, params), number(TeeResult::BadParameters))
                    << row.name << wrong << type;
            }
        }
    }
    EXPECT_EQ(begin(p, std::size(interface::rows), {}).result, number(TeeResult::NotSupported));
    EXPECT_EQ(begin(p, ~0U, {}).result, number(TeeResult::NotSupported));
}

TEST_F(HostManagerTest, MakesAVm) {
    start_host();
    const Program p = program();
    const Balance before = balance();
    const u64 objects = memory.heap.objects();
    const Made made = create(p, "guest");
    EXPECT_EQ(made.number, 1U);
    load_kernel(p, made.handle);
    EXPECT_EQ(memory.frames.frames_of(memory::vm_owner(1)), 1 * MiB / page_size) << "its image";
    EXPECT_EQ(start(p, made.handle), success);
    rest();
    EXPECT_EQ(vm("guest").state(), vm::VmState::Running);
    const auto leaf = vm("guest").memory().memory_at(guest::ram_base + 100'000);
    EXPECT_EQ(*memory::direct_map<char>(leaf->pa), 'k');
    destroy("guest");
    EXPECT_EQ(start(p, made.handle), success) << "its image is kept";
    rest();
    vm("guest").request_stop(vm::StopReason::Reset);
    rest();
    EXPECT_EQ(vm("guest").state(), vm::VmState::Running);
    destroy("guest");
    EXPECT_EQ(forget(p, "guest"), success);
    rest();
    EXPECT_EQ(forget(p, "guest"), number(TeeResult::ItemNotFound));
    EXPECT_EQ(balance(), before);
    EXPECT_EQ(memory.heap.objects(), objects);
}

TEST_F(HostManagerTest, RefusesDescriptionsWithAReason) {
    start_host();
    const Program p = program();
    Made made;
    const auto refusal = [&](const std::string& blob) {
        EXPECT_EQ(create(p, blob, made), number(TeeResult::BadParameters));
        EXPECT_EQ(made.handle, 0U);
        return said(p, 2);
    };
    EXPECT_THAT(refusal(""), HasSubstr("empty"));
    EXPECT_THAT(refusal("no tree, but longer than a header of one would be, or so it seems"), HasSubstr("not a tree"));
    EXPECT_THAT(refusal("short"), HasSubstr("not a flattened"));
    EXPECT_THAT(refusal(tree("guest", std::string(interface::largest_tree_names, 'x') + ";")), HasSubstr("too long"));
    std::string many;
    for (unsigned i = 0; i < interface::most_properties; ++i) {
        many += std::string(1, static_cast<char>('a' + i % 26)) + std::string(1, static_cast<char>('A' + i / 26)) + ";";
    }
    EXPECT_THAT(refusal(tree("guest", many)), HasSubstr("too many properties"));
    EXPECT_THAT(refusal(tree("guest", "devices = \"all\";")), HasSubstr("described at boot"));
    EXPECT_THAT(refusal(tree("guest", "on-crahs = \"restart\";")), HasSubstr("does not know"));
    EXPECT_THAT(refusal(tree("Guest")), HasSubstr("label: expected"));
    EXPECT_THAT(refusal(tree("guest", "weight = <0>;")), HasSubstr("weight: expected 1 to 10000"));
    EXPECT_THAT(refusal(tree("guest", {}, 17 * MiB)), HasSubstr("larger than its memory"));
    EXPECT_THAT(refusal(tree("guest", "ramdisk = /bits/ 64 <4096 4096>;")), HasSubstr("64 bits of 0"));
    EXPECT_THAT(refusal(tree("guest", "manager-group = <1 2 3 4>;")), HasSubstr("a VM with all devices"));
    test::Dts two("/ { vm@0 { }; vm@1 { }; };");
    EXPECT_THAT(refusal({two.bytes().begin(), two.bytes().end()}), HasSubstr("must have one node"));
    EXPECT_EQ(create(p, tree("guest"), made, 2), number(TeeResult::BadParameters));
    EXPECT_EQ(create(p, tree("host"), made), number(TeeResult::Busy));
    EXPECT_THAT(said(p, 2), HasSubstr("another VM has this name"));
    EXPECT_EQ(invoke(p, Command::Create, {{msg::RmemIn, 0, interface::largest_tree + 1, p.cookie}, value(0), out(p)}),
              number(TeeResult::BadParameters));
}

TEST_F(HostManagerTest, AVmThatIsTooLargeTakesNothing) {
    start_host();
    const Program p = program();
    Made made;
    ASSERT_EQ(create(p, tree("guest", {}, 1 * MiB, 1024 * GiB), made), success);
    load_kernel(p, made.handle);
    const Balance before = balance();
    EXPECT_EQ(start(p, made.handle), number(TeeResult::OutOfMemory));
    EXPECT_EQ(balance(), before);
}

TEST_F(HostManagerTest, ThereAreAsManyVmsAsTheTableHolds) {
    start_host();
    const Program p = program();
    Made made;
    for (unsigned i = 1; i < max_vms; ++i) {
        create(p, "vm-" + std::to_string(i));
    }
    EXPECT_EQ(create(p, tree("late"), made), number(TeeResult::OutOfMemory));
    EXPECT_THAT(said(p, 2), HasSubstr("as many VMs as there can be"));
    EXPECT_EQ(forget(p, "vm-7"), success);
    rest();
    create(p, "late");
}

TEST_F(HostManagerTest, LoadsImagesInOrder) {
    start_host();
    const Program p = program();
    const Made made = create(p, "guest");
    const auto kernel_piece = [&](u64 handle, u64 image, u64 offset, u64 size) {
        return invoke(p, Command::Load, {value_in(handle, image, offset), {msg::RmemIn, 0, size, p.cookie}});
    };
    EXPECT_EQ(kernel_piece(made.handle + 1, 0, 0, 1), number(TeeResult::ItemNotFound));
    EXPECT_EQ(kernel_piece(0, 0, 0, 1), number(TeeResult::ItemNotFound));
    EXPECT_EQ(kernel_piece(made.handle, 2, 0, 1), number(TeeResult::BadParameters));
    EXPECT_EQ(kernel_piece(made.handle, ~u64{0}, 0, 1), number(TeeResult::BadParameters));
    EXPECT_EQ(kernel_piece(made.handle, 0, 1, 1), number(TeeResult::BadState));
    EXPECT_EQ(kernel_piece(made.handle, 1, 0, 1), number(TeeResult::BadParameters)) << "it has no RAM disk";
    EXPECT_EQ(kernel_piece(made.handle, 0, 0, 1 * MiB + 1), number(TeeResult::BadParameters));
    EXPECT_EQ(kernel_piece(made.handle, 0, 0, 0), success);
    EXPECT_EQ(kernel_piece(made.handle, 0, 0, 4096), success);
    EXPECT_EQ(kernel_piece(made.handle, 0, 0, 4096), number(TeeResult::BadState));
    EXPECT_EQ(kernel_piece(made.handle, 0, 4096, 1 * MiB), number(TeeResult::BadParameters)) << "more than its size";
    EXPECT_EQ(start(p, made.handle), number(TeeResult::BadState));
    EXPECT_THAT(said(p, 1), HasSubstr("not loaded completely"));
    EXPECT_THAT(monitor(p, "start guest"), HasSubstr("see the log"));
    EXPECT_THAT(monitor(p, "list"), HasSubstr(R"({"vm":"guest","index":1,"state":"off")"));
    EXPECT_EQ(kernel_piece(made.handle, 0, 4096, 1 * MiB - 4096), success);
    EXPECT_EQ(kernel_piece(made.handle, 0, 1 * MiB, 1), number(TeeResult::BadParameters));
    EXPECT_EQ(start(p, made.handle), success);
    EXPECT_EQ(start(p, made.handle), number(TeeResult::Busy));
    EXPECT_EQ(start(p, ~u64{0}), number(TeeResult::ItemNotFound));
    EXPECT_EQ(kernel_piece(made.handle, 0, 1 * MiB, 0), number(TeeResult::Busy));
    EXPECT_EQ(forget(p, "guest"), number(TeeResult::Busy));
}

TEST_F(HostManagerTest, APieceIsLoadedWhollyOrNotAtAll) {
    start_host();
    const Program p = program();
    Made made;
    ASSERT_EQ(create(p, tree("guest", {}, 3 * MiB), made), success);
    const auto load_700k = [&](u64 offset) {
        return invoke(p, Command::Load,
                      {value_in(made.handle, 0, offset * KiB), {msg::RmemIn, 0, 700 * KiB, p.cookie}});
    };
    EXPECT_EQ(load_700k(0), success);
    EXPECT_EQ(load_700k(700), success);
    {
        std::vector<memory::Frames> taken;
        while (memory.pool.can_spare(0)) {
            taken.push_back(*memory.pool.allocate(0, memory::FrameOwner::Hypervisor));
        }
        EXPECT_EQ(load_700k(1400), number(TeeResult::OutOfMemory)) << "its first 648 KiB would have room";
    }
    EXPECT_EQ(load_700k(1400), success);
}

TEST_F(HostManagerTest, ANameIsFreeAsSoonAsItsVmIsBeingForgotten) {
    start_host();
    const Program first = program();
    const Program second = program();
    load_kernel(first, create(first, "guest").handle);
    close(first.session); // its image is given back in steps, which are to come
    create(second, "guest");
    EXPECT_THAT(monitor(second, "list"), HasSubstr(R"("vm":"guest","index":2)"));
    EXPECT_THAT(monitor(second, "list"), Not(HasSubstr(R"("vm":"guest","index":1)")));
    rest();
    EXPECT_THAT(monitor(second, "list"), HasSubstr(R"("vm":"guest","index":2)"));
}

TEST_F(HostManagerTest, AVmBelongsToTheSessionThatMadeIt) {
    start_host();
    const Program owner = program();
    const Program other = program();
    const Made made = create(owner, "guest");
    EXPECT_EQ(load(other, made.handle, interface::Image::Kernel, 0, "x"), number(TeeResult::ItemNotFound));
    load_kernel(owner, made.handle);
    EXPECT_EQ(start(other, made.handle), number(TeeResult::ItemNotFound));
    EXPECT_EQ(read(other, console_of(made)), number(TeeResult::Busy)) << "before its owner has read any of it";
    const Made shared = create(owner, "shared", interface::persistent);
    load_kernel(other, shared.handle);
    EXPECT_EQ(start(other, shared.handle), success);
    EXPECT_EQ(read(other, console_of(shared)), success);
}

TEST_F(HostManagerTest, WhatOthersReadEndsNoWait) {
    start_host();
    const Program owner = program();
    const Program other = program();
    const Made made = run(owner, "guest");
    const auto channels = ~u64{0} & ~bit_of(contract::event_channel);
    const Call call = begin(other, static_cast<u32>(Command::Wait), {value(channels, 1000)});
    ASSERT_TRUE(call.waits);
    print("guest", "much");
    EXPECT_THAT(notifications(), IsEmpty());
    EXPECT_EQ(read_all(owner, console_of(made)), "much");
}

TEST_F(HostManagerTest, OneLookWakesAllThatWait) {
    struct Counter final : tee::manager::Notifier {
        void wake(u32 its_slots) override {
            ++calls;
            slots |= its_slots;
            waits->end(1); // which takes the lock of the waits: it is free
        }
        HostWaits* waits = nullptr;
        unsigned calls = 0;
        u32 slots = 0;
    } counter;
    static HostWaits waits; // CPUs' timers keep pointers to it
    counter.waits = &waits;
    waits.start(counter, 6);
    for (const unsigned slot : {1U, 4U}) {
        EXPECT_TRUE(waits.begin(slot, {tee::manager::SessionId(1), 0b110, ~u64{0}}));
    }
    EXPECT_TRUE(waits.begin(2, {tee::manager::SessionId(1), 0b1000, ~u64{0}}));
    waits.signal(0b10);
    waits.signal(0b10);
    EXPECT_EQ(counter.calls, 1U);
    EXPECT_EQ(counter.slots, 0b1'0010U);
    EXPECT_TRUE(waits.stop(counter));
}

TEST_F(HostManagerTest, ForgetsOnlyWhatItMade) {
    describe_on(0, "other");
    EXPECT_TRUE(manager->add(std::move(*machine::VmConfig::copy_of(descriptions[1])), vm::Manager::Number::Described));
    start_host();
    const Program p = program();
    destroy("other");
    EXPECT_EQ(forget(p, "other"), number(TeeResult::AccessDenied));
    EXPECT_EQ(forget(p, "host"), number(TeeResult::AccessDenied));
    EXPECT_EQ(forget(p, ""), number(TeeResult::ItemNotFound));
    EXPECT_EQ(forget(p, std::string(32, 'a')), number(TeeResult::ItemNotFound));
}

} // namespace
} // namespace trv::management
