// SPDX-License-Identifier: Apache-2.0
// VMs all of whose memory is the host's, in pieces: when it is there, and when some of it is gone.

#include "host_devices.hpp"
#include "lib/psci.hpp"

namespace trv::management {
namespace {

using testing::HasSubstr;

/// A VM all of whose memory is the host's, in two pieces.
class HostWholeTest : public HostDevicesTest {
  public:
    static constexpr Ipa whole_pool{bank.base.value + 20 * MiB};
    static constexpr u64 whole_size = virtio::whole_piece + 4 * MiB;
    static constexpr u64 whole_cookie = 0xa000; ///< and the next one
    u32 create_whole(const Program& p, Made& made, u64 wishes = 0) {
        return create(p, tree("guest", "io = \"whole\";", 1 * MiB, whole_size), made, wishes);
    }
    u32 lend_piece(const Program& p, u64 handle, u64 piece, u64 cookie) {
        return invoke(p, Command::Lend, {value_in(handle, piece), {msg::RmemIn, 0, page_size, cookie}});
    }
    u32 lend_piece(const Program& p, u64 handle, u64 piece) {
        return lend_piece(p, handle, piece, whole_cookie + piece);
    }
    void register_whole() {
        EXPECT_EQ(register_pool(whole_cookie, whole_pool, virtio::whole_piece / page_size), success);
        EXPECT_EQ(register_pool(whole_cookie + 1, whole_pool + virtio::whole_piece, 4 * MiB / page_size), success);
    }
    Made run_whole(const Program& p) {
        Made made;
        EXPECT_EQ(create_whole(p, made), success) << said(p, 2);
        load_kernel(p, made.handle);
        register_whole();
        EXPECT_EQ(lend_piece(p, made.handle, 0), success);
        EXPECT_EQ(lend_piece(p, made.handle, 1), success);
        EXPECT_EQ(put(p, made.handle, 0, disk()), success);
        EXPECT_EQ(start(p, made.handle), success) << said(p, 1);
        rest();
        return made;
    }
    /// Of what is lent, which is elsewhere in the host.
    static Ipa in_whole(u64 offset) { return guest::ram_base + offset; }
};

TEST_F(HostWholeTest, AVmMayHaveNoMemoryButTheHosts) {
    const u64 free = memory.frames.frames_of(memory::FrameOwner::Free);
    const Program p = program();
    const Made made = run_whole(p);
    EXPECT_EQ(vm("guest").state(), vm::VmState::Running);
    for (const u64 offset : {u64{0}, virtio::whole_piece - 1, virtio::whole_piece, whole_size - 1}) {
        EXPECT_EQ(vm("guest").memory().stage2().lookup(in_whole(offset))->pa, Pa(whole_pool.value + offset));
    }
    EXPECT_FALSE(maps(in_whole(whole_size)));
    EXPECT_EQ(std::memcmp(&at<char>(whole_pool), kernel().data(), 1 * MiB), 0);
    EXPECT_LT(free - memory.frames.frames_of(memory::FrameOwner::Free), 2 * MiB / page_size) << "its kernel's image";
    const DeviceTree tree = tree_of("guest");
    EXPECT_EQ(tree.find("/memory@40000000")->reg(tree.root(), 0), (PaRange{Pa(guest::ram_base.value), whole_size}));
    EXPECT_FALSE(tree.find("/memory@3fe00000"));
    ASSERT_TRUE(tree.find("/io-bus/virtio_mmio@b000000"));
    EXPECT_FALSE(tree.find("/io-bus")->has("dma-ranges")) << "devices reach all of it";
    EXPECT_THAT(
        monitor(p, "list"),
        HasSubstr(
            R"("vm":"guest","index":1,"state":"running","vcpus":1,"memory_bytes":20971520,"weight":100,"cap":0,"tee":false,"io":"whole")"));

    write(0x14, 1);
    EXPECT_EQ(read(0x10), 1U) << "version 1, and no more";
    write(status, 3);
    write(0x24, 1);
    write(0x20, 1);
    write(status, 11);
    EXPECT_EQ(read(status), 11U);
    write(0x38, 64);
    write(0x80, whole_size - page_size);
    write(0x84, 0);
    write(0x90, guest::ram_base.value);
    write(0xa0, guest::ram_base.value + page_size);
    write(0x44, 1);
    EXPECT_EQ(read(0x44), 0U) << "a part of the queue is not in its memory";
    write(0x80, guest::ram_base.value + whole_size - page_size);
    write(0x44, 1);
    EXPECT_EQ(read(0x44), 1U);
    write(status, 15);
    EXPECT_EQ(state(p, made.handle).features, 0U);
}

TEST_F(HostWholeTest, ItsVcpusStartInWhatIsLent) {
    const Program p = program();
    (void)run_whole(p);
    const auto cpu_on = [this](Ipa entry) {
        EXPECT_TRUE(run_guest());
        vm::Vcpu& vcpu = vm("guest").vcpu(0);
        vcpu.registers().x[0] = psci::CpuOn64;
        vcpu.registers().x[1] = 0; // itself, which is looked at after the entry
        vcpu.registers().x[2] = entry.value;
        leave_guest(vcpu.home().index, arch::ExitKind::Sync, u64{0x16} << 26 | u64{1} << 25);
        play(0);
        return static_cast<psci::Status>(vcpu.registers().x[0]);
    };
    EXPECT_EQ(cpu_on(in_whole(0)), psci::Status::AlreadyOn);
    EXPECT_EQ(cpu_on(in_whole(whole_size - 4)), psci::Status::AlreadyOn);
    EXPECT_EQ(cpu_on(in_whole(whole_size)), psci::Status::InvalidAddress);
}

TEST_F(HostWholeTest, AllOfItsMemoryIsLentBeforeItStarts) {
    const Program p = program();
    Made made;
    ASSERT_EQ(create_whole(p, made), success);
    load_kernel(p, made.handle);
    register_whole();
    EXPECT_EQ(start(p, made.handle), number(TeeResult::BadState));
    EXPECT_EQ(lend_piece(p, made.handle, 1, whole_cookie), number(TeeResult::BadState)) << "another size";
    EXPECT_EQ(lend_piece(p, made.handle, 2, whole_cookie), number(TeeResult::BadParameters));
    EXPECT_EQ(lend_piece(p, made.handle, ~u64{0}, whole_cookie), number(TeeResult::BadParameters));
    EXPECT_EQ(lend_piece(p, made.handle, 0), success);
    EXPECT_EQ(lend_piece(p, made.handle, 0), number(TeeResult::Busy));
    EXPECT_EQ(start(p, made.handle), number(TeeResult::BadState));
    EXPECT_THAT(said(p, 1), HasSubstr("not all"));
    EXPECT_EQ(lend_piece(p, made.handle, 1), success);
    EXPECT_EQ(start(p, made.handle), success);
    const Made other = create(p, "other");
    EXPECT_EQ(lend_piece(p, other.handle, 1, whole_cookie), number(TeeResult::BadParameters)) << "a bank is one piece";
}

TEST_F(HostWholeTest, AVmWithoutMemoryOfItsOwnWaitsForWhatItLost) {
    const Program p = program();
    const Made made = run_whole(p);
    EXPECT_EQ(unregister(whole_cookie + 1), success);
    EXPECT_TRUE(maps(in_whole(0)));
    EXPECT_FALSE(maps(in_whole(virtio::whole_piece)));
    EXPECT_THAT(monitor(p, "list"), HasSubstr(R"("state":"held")"));
    EXPECT_EQ(take_back(p, made.handle), success);
    EXPECT_FALSE(maps(in_whole(0)));
    store(in_whole(virtio::whole_piece + 123));
    EXPECT_TRUE(is_waiting());
    EXPECT_EQ(lend_piece(p, made.handle, 0), success);
    EXPECT_TRUE(run_guest());
    store(in_whole(virtio::whole_piece + 123));
    EXPECT_TRUE(is_waiting()) << "it looks again, and the other piece is still gone";
    EXPECT_EQ(register_pool(whole_cookie + 1, whole_pool + virtio::whole_piece, 4 * MiB / page_size), success);
    EXPECT_EQ(lend_piece(p, made.handle, 1), success);
    EXPECT_TRUE(run_guest());
    EXPECT_TRUE(maps(in_whole(whole_size - 1)));
    EXPECT_THAT(monitor(p, "list"), HasSubstr(R"("state":"running")"));
}

TEST_F(HostWholeTest, NoAccessIsRefusedWhileMemoryIsAwayThatMayAnswerIt) {
    const Program p = program();
    const Made made = run_whole(p);
    const Ipa nowhere{0x0c00'0000};
    EXPECT_EQ(take_back(p, made.handle), success);
    const u64 pc = vm("guest").vcpu(0).registers().pc;
    store(nowhere);
    EXPECT_EQ(vm("guest").vcpu(0).registers().pc, pc) << "it makes the access again";
    EXPECT_EQ(lend_piece(p, made.handle, 0), success);
    EXPECT_EQ(lend_piece(p, made.handle, 1), success);
    store(nowhere);
    EXPECT_NE(vm("guest").vcpu(0).registers().pc, pc);
}

TEST_F(HostWholeTest, AKernelIsLoadedWhenItsMemoryIsThere) {
    const Program p = program();
    const Made made = run_whole(p);
    at<char>(whole_pool) = 'x'; // the host's programs see it all
    EXPECT_EQ(take_back(p, made.handle), success);
    vm("guest").request_stop(vm::StopReason::Reset);
    go_on(100);
    EXPECT_EQ(vm("guest").state(), vm::VmState::Loading);
    EXPECT_EQ(at<char>(whole_pool), 'x') << "nothing is written to what is not lent";
    EXPECT_EQ(lend_piece(p, made.handle, 1), success);
    go_on(100);
    EXPECT_EQ(vm("guest").state(), vm::VmState::Loading);
    EXPECT_EQ(lend_piece(p, made.handle, 0), success);
    rest();
    EXPECT_EQ(vm("guest").state(), vm::VmState::Running);
    EXPECT_EQ(at<char>(whole_pool), 0);
    EXPECT_EQ(take_back(p, made.handle), success);
    vm("guest").request_stop(vm::StopReason::Reset);
    go_on(100);
    destroy("guest");
    EXPECT_EQ(find("guest"), nullptr) << "its end waits for nothing";
}

TEST_F(HostWholeTest, WhatAVmWasLentIsTheHostsAgainAtItsEnd) {
    const Balance before = balance();
    const u64 objects = memory.heap.objects();
    const Program p = program();
    run_whole(p);
    close(p.session);
    rest();
    EXPECT_EQ(find("guest"), nullptr);
    EXPECT_FALSE(is_lent(whole_pool));
    EXPECT_EQ(unregister(whole_cookie), success);
    EXPECT_EQ(unregister(whole_cookie + 1), success);
    EXPECT_EQ(unregister(p.cookie), success);
    EXPECT_EQ(balance(), before);
    EXPECT_EQ(memory.heap.objects(), objects);
}

TEST_F(HostWholeTest, OpteeGetsNoMemoryThatIsTheHosts) {
    const Program p = program();
    Made made;
    const u32 bad = number(TeeResult::BadParameters);
    EXPECT_EQ(create(p, tree("guest", "io = \"whole\"; tee;", 1 * MiB, whole_size), made), bad);
    EXPECT_THAT(said(p, 2), HasSubstr("without an OP-TEE"));
    EXPECT_EQ(create(p, tree("guest", "io = \"whole\";", 1 * MiB, virtio::largest_whole + 2 * MiB), made), bad);
    EXPECT_EQ(create(p, tree("guest", "io = \"some\";"), made), bad);
}

} // namespace
} // namespace trv::management
