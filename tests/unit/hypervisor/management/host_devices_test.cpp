// SPDX-License-Identifier: Apache-2.0
// Devices of VMs that programs of the host serve: memory that is lent, kicks, rings, resets, and ends in any order.

#include "host_devices.hpp"

namespace trv::management {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(HostDevicesTest, AVmFindsItsMemoryAndItsDevices) {
    const Program p = program();
    run_with_disk(p);
    EXPECT_TRUE(is_lent());
    for (u64 offset = 0; offset < bank_size; offset += page_size) {
        EXPECT_EQ(vm("guest").memory().stage2().lookup(bank_base + offset)->pa, Pa(pool.value + offset));
    }
    const DeviceTree tree = tree_of("guest");
    EXPECT_EQ(tree.find("/memory@3fe00000")->reg(tree.root(), 0), (PaRange{Pa(bank_base.value), bank_size}));
    EXPECT_TRUE(tree.find("/memory@40000000"));
    const auto io = tree.find("/io-bus");
    ASSERT_TRUE(io);
    EXPECT_TRUE(io->is_compatible("simple-bus"));
    EXPECT_EQ(io->property("dma-ranges")->number(0, 2), bank_base.value);
    EXPECT_EQ(io->property("dma-ranges")->number(2, 2), bank_base.value);
    EXPECT_EQ(io->property("dma-ranges")->number(4, 2), bank_size);
    EXPECT_TRUE(io->has("dma-coherent"));
    EXPECT_TRUE(tree.find("/io-bus/virtio_mmio@b000000"));
    EXPECT_TRUE(tree.find("/io-bus/virtio_mmio@b00f000"));
    EXPECT_EQ(read(8), 2U);
}

TEST_F(HostDevicesTest, AVmWithoutAnyHasNoBus) {
    const Program p = program();
    run(p, "guest");
    EXPECT_FALSE(tree_of("guest").find("/io-bus"));
    EXPECT_FALSE(vm("guest").devices().bus().has_window_in({slot_base, page_size}));
    const Made made = create(p, "other");
    load_kernel(p, made.handle);
    EXPECT_EQ(put(p, made.handle, 0, disk()), success);
    EXPECT_EQ(start(p, made.handle), number(TeeResult::BadState));
    EXPECT_THAT(said(p, 1), HasSubstr("no memory"));
}

TEST_F(HostDevicesTest, LendsWholeBuffersOfTheRightSize) {
    const Program p = program();
    const Made made = create(p, "guest");
    const u32 bad = number(TeeResult::BadParameters);
    EXPECT_EQ(lend(p, made.handle), bad) << "no such buffer";
    EXPECT_EQ(register_pool(pool_cookie, pool, bank_size / page_size - 1), success);
    EXPECT_EQ(lend(p, made.handle), bad);
    EXPECT_EQ(register_pool(), success);
    EXPECT_EQ(invoke(p, Command::Lend, {value_in(made.handle), {msg::RmemIn, page_size, page_size, pool_cookie}}), bad);
    EXPECT_EQ(lend(p, made.handle + 1), number(TeeResult::ItemNotFound));
    EXPECT_EQ(lend(p, 0), number(TeeResult::ItemNotFound));
    EXPECT_FALSE(is_lent());
    EXPECT_EQ(lend(p, made.handle), success);
    EXPECT_EQ(lend(p, made.handle), number(TeeResult::Busy));
    const Made second = create(p, "second");
    EXPECT_EQ(lend(p, second.handle), number(TeeResult::Busy)) << "to one VM at a time";
    EXPECT_EQ(register_pool(pool_cookie + 1), success);
    EXPECT_EQ(lend(p, second.handle, pool_cookie + 1), number(TeeResult::Busy)) << "the same pages by another name";
    EXPECT_EQ(take_back(p, made.handle), success);
    EXPECT_FALSE(is_lent());
    EXPECT_EQ(lend(p, second.handle, pool_cookie + 1), success);
}

TEST_F(HostDevicesTest, APageThatIsTwiceInABufferIsNotLent) {
    const Program p = program();
    const Made made = create(p, "guest");
    std::vector<Ipa> pages(bank_size / page_size, pool);
    for (u64 i = 1; i < pages.size(); ++i) {
        pages[i] = pool + i % 511 * page_size;
    }
    EXPECT_EQ(register_list(pool_cookie, pages, bank_size), success);
    EXPECT_EQ(lend(p, made.handle), number(TeeResult::Busy));
    EXPECT_FALSE(memory.frames.is_lent({Pa(pool.value), page_size}));
}

TEST_F(HostDevicesTest, LendsMoreThanACallMayReferTo) {
    const Program p = program();
    const Made made = create(p, "guest");
    load_kernel(p, made.handle);
    constexpr u64 size = 6 * MiB;
    EXPECT_EQ(register_pool(pool_cookie, large_pool, size / page_size), success);
    EXPECT_EQ(lend(p, made.handle), success);
    EXPECT_EQ(start(p, made.handle), success) << said(p, 1);
    rest();
    const Ipa base{virtio::bank_base(size)};
    EXPECT_EQ(vm("guest").memory().stage2().lookup(base)->pa, Pa(large_pool.value));
    EXPECT_EQ(vm("guest").memory().stage2().lookup(base + size - 1)->pa, Pa(large_pool.value + size - 1));
    EXPECT_EQ(unregister(pool_cookie), success);
    EXPECT_FALSE(maps(base));
    EXPECT_FALSE(is_lent(large_pool));
}

TEST_F(HostDevicesTest, TheEndOfARegistrationEndsTheLoanFirst) {
    const Program p = program();
    run_with_disk(p);
    const u64 pins = memory.frames.pins_of(memory::vm_owner(0));
    EXPECT_EQ(unregister(pool_cookie), success);
    EXPECT_FALSE(is_lent());
    EXPECT_FALSE(maps(bank_base));
    EXPECT_EQ(memory.frames.pins_of(memory::vm_owner(0)), pins - bank_size / page_size);
}

TEST_F(HostDevicesTest, TheSameCookieAgainEndsTheLoan) {
    const Program p = program();
    run_with_disk(p);
    EXPECT_EQ(register_pool(pool_cookie, other_pool), success);
    close(0); // some call, which looks after what was retired
    EXPECT_FALSE(is_lent());
    EXPECT_FALSE(maps(bank_base));
}

TEST_F(HostDevicesTest, AVmWaitsForMemoryThatItLost) {
    const Program p = program();
    const Made made = run_with_disk(p);
    const u64 pc = vm("guest").vcpu(0).registers().pc;
    EXPECT_THAT(monitor(p, "list"), HasSubstr(R"("vm":"guest","index":1,"state":"running")"));
    EXPECT_EQ(take_back(p, made.handle), success);
    EXPECT_THAT(monitor(p, "list"), HasSubstr(R"("vm":"guest","index":1,"state":"held")"));
    store(bank_base + 0x1234);
    EXPECT_TRUE(is_waiting());
    EXPECT_EQ(register_pool(pool_cookie + 1, large_pool, 1024), success);
    EXPECT_EQ(lend(p, made.handle, pool_cookie + 1), number(TeeResult::BadState)) << "the VM knows another size";
    EXPECT_EQ(lend(p, made.handle), success);
    EXPECT_TRUE(run_guest());
    EXPECT_EQ(vm("guest").vcpu(0).registers().pc, pc) << "it makes the access again";
    EXPECT_TRUE(maps(bank_base));
    store(bank_base);
    EXPECT_FALSE(is_waiting()) << "it is mapped: the access was made again too early";
    play(0);
}

TEST_F(HostDevicesTest, AVmThatWaitsCanBeResetAndDestroyed) {
    const Program p = program();
    const Made made = run_with_disk(p);
    EXPECT_EQ(take_back(p, made.handle), success);
    store(bank_base);
    EXPECT_TRUE(is_waiting());
    vm("guest").request_stop(vm::StopReason::Reset);
    rest();
    EXPECT_EQ(vm("guest").state(), vm::VmState::Running);
    EXPECT_TRUE(tree_of("guest").find("/memory@3fe00000")) << "it is as it was made";
    store(bank_base);
    EXPECT_TRUE(is_waiting());
    destroy("guest");
    EXPECT_EQ(find("guest"), nullptr);
    EXPECT_EQ(start(p, made.handle), number(TeeResult::BadState));
    EXPECT_EQ(lend(p, made.handle), success);
    EXPECT_EQ(start(p, made.handle), success);
    rest();
    EXPECT_TRUE(maps(bank_base));
}

TEST_F(HostDevicesTest, ALoanOutlivesTheVmAndEndsWithItsDescription) {
    const Program p = program();
    const Made made = run_with_disk(p, interface::persistent);
    destroy("guest");
    EXPECT_TRUE(is_lent());
    EXPECT_EQ(start(p, made.handle), success);
    rest();
    EXPECT_TRUE(maps(bank_base));
    destroy("guest");
    EXPECT_EQ(forget(p, "guest"), success);
    rest();
    EXPECT_FALSE(is_lent());
    EXPECT_EQ(unregister(pool_cookie), success);
}

TEST_F(HostDevicesTest, TheEndOfTheSessionEndsTheVmAndItsLoan) {
    const Balance before = balance();
    const u64 objects = memory.heap.objects();
    const Program p = program();
    run_with_disk(p);
    close(p.session);
    rest();
    EXPECT_EQ(find("guest"), nullptr);
    EXPECT_FALSE(is_lent());
    EXPECT_EQ(unregister(pool_cookie), success);
    EXPECT_EQ(unregister(p.cookie), success);
    EXPECT_EQ(balance(), before);
    EXPECT_EQ(memory.heap.objects(), objects);
}

TEST_F(HostDevicesTest, ANewDriverOfTheHostEndsAllLoans) {
    const Program p = program();
    run_with_disk(p, interface::persistent);
    EXPECT_TRUE(is_lent());
    smc(abi::ExchangeCapabilities);
    EXPECT_FALSE(is_lent());
    EXPECT_FALSE(maps(bank_base));
    EXPECT_EQ(vm("guest").state(), vm::VmState::Running);
}

TEST_F(HostDevicesTest, AHostThatIsResetHasLentNothing) {
    const Program p = program();
    run_with_disk(p, interface::persistent);
    vm("host").request_stop(vm::StopReason::Reset);
    rest();
    EXPECT_FALSE(is_lent());
    EXPECT_FALSE(maps(bank_base));
    store(bank_base);
    EXPECT_TRUE(is_waiting());
    probe();
    programs = 0;
    const Program next = program();
    EXPECT_EQ(register_pool(), success);
    EXPECT_THAT(monitor(next, "list"), HasSubstr("guest"));
}

TEST_F(HostDevicesTest, AKickEndsAWaitForEvents) {
    const Program p = program();
    const Made made = run_with_disk(p);
    start_driver();
    EXPECT_EQ(events(p, made.handle)[0].changes, virtio::changed_status);
    EXPECT_EQ(param(0).a, 1U);
    const virtio::State told = state(p, made.handle);
    EXPECT_EQ(told.id, 2U);
    EXPECT_EQ(told.queue[0].descriptors, bank_base.value);
    Call call = begin(p, static_cast<u32>(Command::Events), {value(made.handle, 1000), out(p)}, 1);
    ASSERT_TRUE(call.waits);
    EXPECT_THAT(notifications(), IsEmpty());
    write(queue_notify, 0);
    write(queue_notify, 0);
    EXPECT_THAT(notifications(), ElementsAre(request(2, 1).b));
    call = resume(call);
    EXPECT_EQ(call.result, success);
    EXPECT_EQ(param(0, 1).a, 1U);
    EXPECT_EQ(at<virtio::Events>(p.out)[0].kicks, 1U);
    call = begin(p, static_cast<u32>(Command::Wait),
                 {value(interface::devices_bit(static_cast<unsigned>(made.number)), 1000)}, 1);
    ASSERT_TRUE(call.waits);
    write(queue_notify, 0);
    call = resume(call);
    EXPECT_EQ(param(0, 1).a, interface::devices_bit(static_cast<unsigned>(made.number)));
    EXPECT_FALSE(begin(p, static_cast<u32>(Command::Events), {value(made.handle, 1000), out(p)}).waits);
    EXPECT_EQ(invoke(p, Command::Events, {value(made.handle), out(p, 127)}), number(TeeResult::ShortBuffer));
    EXPECT_EQ(param(1).b, sizeof(virtio::Events));
}

TEST_F(HostDevicesTest, ARingInterruptsTheVm) {
    const Program p = program();
    const Made made = run_with_disk(p);
    start_driver();
    EXPECT_EQ(invoke(p, Command::Ring, {value_in(made.handle, 1)}), success);
    EXPECT_EQ(read(0x60), 1U);
    write(0x64, 1);
    EXPECT_EQ(invoke(p, Command::Config, {value_in(made.handle, 0), in(p, "12345678")}), success);
    EXPECT_EQ(read(0x60), 2U);
    EXPECT_EQ(read(0x100), 0x3433'3231U);
    EXPECT_EQ(invoke(p, Command::Config, {value_in(made.handle, 0), in(p, "123")}), number(TeeResult::BadParameters));
    EXPECT_EQ(invoke(p, Command::Config, {value_in(made.handle, 1), in(p, "")}), number(TeeResult::ItemNotFound));
    EXPECT_EQ(invoke(p, Command::Config, {value_in(made.handle, 0), in(p, std::string(257, 'x'))}),
              number(TeeResult::BadParameters));
    EXPECT_EQ(invoke(p, Command::Ring, {value_in(made.handle, 0, 1)}), success);
    EXPECT_EQ(read(status), 15U | virtio::needs_reset);
    EXPECT_EQ(invoke(p, Command::Device, {value_in(made.handle, 1), in(p, "short")}), number(TeeResult::BadParameters));
    EXPECT_EQ(invoke(p, Command::State, {value_in(made.handle, 0), out(p, 100)}), number(TeeResult::ShortBuffer));
    EXPECT_EQ(invoke(p, Command::State, {value_in(made.handle, 16), out(p)}), number(TeeResult::ItemNotFound));
}

TEST_F(HostDevicesTest, AResetHoldsTheVcpuUntilTheBackendHasStopped) {
    const Program p = program();
    const Made made = run_with_disk(p);
    start_driver();
    (void)events(p, made.handle);
    vm("guest").vcpu(0).registers().x[3] = 0;
    store(slot_base + status);
    EXPECT_TRUE(is_waiting());
    EXPECT_EQ(events(p, made.handle)[0].changes, virtio::changed_reset);
    EXPECT_EQ(state(p, made.handle).stopping, 1U);
    const u64 pc = vm("guest").vcpu(0).registers().pc;
    EXPECT_EQ(invoke(p, Command::Stopped, {value_in(made.handle, 0)}), success);
    EXPECT_EQ(invoke(p, Command::Stopped, {value_in(made.handle, 0)}), number(TeeResult::BadState));
    EXPECT_TRUE(run_guest());
    EXPECT_EQ(vm("guest").vcpu(0).registers().pc, pc + 4);
    EXPECT_TRUE(maps(bank_base));
}

TEST_F(HostDevicesTest, AResetThatNothingAnswersTakesTheMemory) {
    const Program p = program();
    const Made made = run_with_disk(p);
    start_driver();
    vm("guest").vcpu(0).registers().x[3] = 0;
    store(slot_base + status);
    EXPECT_TRUE(is_waiting());
    const unsigned cpu = vm("guest").vcpu(0).home().index;
    for (unsigned i = 0; i < 49; ++i) {
        pass(cpu, 100 * vm::millisecond);
    }
    EXPECT_TRUE(is_waiting());
    EXPECT_TRUE(maps(bank_base));
    for (unsigned i = 0; i < 4; ++i) {
        pass(cpu, 100 * vm::millisecond);
    }
    play(0);
    EXPECT_FALSE(is_waiting());
    EXPECT_FALSE(maps(bank_base));
    EXPECT_FALSE(is_lent());
    store(bank_base);
    EXPECT_TRUE(is_waiting()) << "what it shared with the device it does not touch";
    play(0);
    EXPECT_EQ(invoke(p, Command::Stopped, {value_in(made.handle, 0)}), success);
    EXPECT_EQ(lend(p, made.handle), success) << "its registration goes on";
    rest();
    EXPECT_TRUE(maps(bank_base));
}

TEST_F(HostDevicesTest, AKernelStartsWhenNoBackendWritesForTheOneBefore) {
    const Program p = program();
    const Made made = run_with_disk(p);
    start_driver();
    (void)events(p, made.handle);
    vm("guest").request_stop(vm::StopReason::Reset);
    go_on(100);
    EXPECT_EQ(vm("guest").state(), vm::VmState::Loading);
    EXPECT_EQ(events(p, made.handle)[0].changes, virtio::changed_reset);
    EXPECT_EQ(invoke(p, Command::Stopped, {value_in(made.handle, 0)}), success);
    rest();
    EXPECT_EQ(vm("guest").state(), vm::VmState::Running);
    EXPECT_TRUE(maps(bank_base));
    start_driver();
    destroy("guest");
    EXPECT_EQ(start(p, made.handle), success);
    go_on(100);
    EXPECT_EQ(vm("guest").state(), vm::VmState::Loading) << "the same after another start";
    destroy("guest");
    EXPECT_EQ(find("guest"), nullptr) << "its end waits for nothing";
}

TEST_F(HostDevicesTest, AKernelStartsWithoutMemoryThatABackendMayWriteTo) {
    const Program p = program();
    const Made made = run_with_disk(p);
    start_driver();
    vm("guest").request_stop(vm::StopReason::Reset);
    go_on(1600);
    EXPECT_EQ(vm("guest").state(), vm::VmState::Loading);
    go_on(200);
    EXPECT_EQ(vm("guest").state(), vm::VmState::Running);
    EXPECT_FALSE(is_lent());
    EXPECT_EQ(write(status, 0), vdev::MmioOutcome::Done) << "its driver's reset waits no more";
    store(bank_base);
    EXPECT_TRUE(is_waiting());
    play(0);
    EXPECT_EQ(invoke(p, Command::Stopped, {value_in(made.handle, 0)}), success);
    EXPECT_EQ(lend(p, made.handle), success);
    EXPECT_TRUE(run_guest());
}

TEST_F(HostDevicesTest, OneSessionServesAVm) {
    const Program first = program();
    const Program second = program();
    const Made made = run_with_disk(first, interface::persistent);
    EXPECT_EQ(take_back(second, made.handle), number(TeeResult::Busy));
    EXPECT_EQ(invoke(second, Command::Wait, {value(~u64{0} << 48, 0)}), success);
    start_driver();
    EXPECT_EQ(invoke(second, Command::Wait, {value(~u64{0} << 48, 0)}), success);
    EXPECT_EQ(param(0).a, 0U);
    close(first.session);
    EXPECT_TRUE(is_lent()) << "the memory is registered still";
    EXPECT_EQ(invoke(second, Command::Wait, {value(~u64{0} << 48, 0)}), success);
    EXPECT_EQ(param(0).a, interface::devices_bit(static_cast<unsigned>(made.number)));
    EXPECT_EQ(events(second, made.handle)[0].changes, virtio::changed_status);
    const Made own = create(second, "own");
    const Program third = program();
    EXPECT_EQ(put(third, own.handle, 0, disk()), number(TeeResult::ItemNotFound)) << "of a VM that is another's";
}

} // namespace
} // namespace trv::management
