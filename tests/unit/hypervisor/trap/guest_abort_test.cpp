// SPDX-License-Identifier: Apache-2.0
#include "../vm/one_vm.hpp"
#include "memory/guest_memory.hpp"
#include "trap/handlers.hpp"

namespace trv::trap {
namespace {

using namespace vm;

using namespace arch;

/// Answers with a pattern, remembers what it was asked.
class RecordingDevice final : public vdev::MmioDevice {
  public:
    vdev::MmioRead read(const vdev::MmioAccess& access) override {
        last = access;
        ++reads;
        return answer;
    }
    vdev::MmioOutcome write(const vdev::MmioAccess& access, u64 value) override {
        last = access;
        written.push_back(value);
        return vdev::MmioOutcome::Done;
    }
    vdev::MmioAccess last{};
    u64 answer = 0x8877'6655'4433'2211;
    unsigned reads = 0;
    std::vector<u64> written;
};

class GuestAbortTest : public OneVm {
  public:
    static constexpr Ipa device_base{0x0b00'0000};
    static constexpr u64 fault_va = 0xffff'8000'1000'0000;
    static constexpr u64 translation = 0x06, permission = 0x0e;
    static constexpr u64 isv = bit(24), sign = bit(21), wide = bit(15), walk = bit(7), store = bit(6), cache = bit(8);

    GuestAbortTest() { EXPECT_TRUE(alpha->devices().bus().attach({device_base, page_size}, device)); }

    static constexpr u64 size(unsigned log2) { return u64{log2} << 22; }
    static constexpr u64 reg(unsigned index) { return u64{index} << 16; }

    /// The vCPU's access ends in stage 2 with these bits of ISS.
    void abort(Ipa ipa, u64 iss) { handle_data_abort(*vcpu, make(ExceptionClass::DataAbortLower, ipa, iss)); }
    void fetch(Ipa ipa, u64 iss = translation) {
        handle_instruction_abort(*vcpu, make(ExceptionClass::InstructionAbortLower, ipa, iss));
    }
    /// Nothing happened to the guest: it makes the access again.
    [[nodiscard]] bool tries_again() { return pc() == guest_pc; }

    RecordingDevice device;

  private:
    static GuestAbort make(ExceptionClass exception_class, Ipa ipa, u64 iss) {
        return {u64{static_cast<u8>(exception_class)} << 26 | bit(25) | iss, fault_va | (ipa.value & 0xfff),
                ipa.value >> 12 << 4};
    }
};

TEST_F(GuestAbortTest, LoadsOfAllSizes) {
    constexpr u64 expected[] = {0x11, 0x2211, 0x4433'2211, 0x8877'6655'4433'2211};
    for (unsigned log2 = 0; log2 < 4; ++log2) {
        vcpu->registers().pc = guest_pc;
        x(3) = ~u64{0};
        abort(device_base + 8, isv | size(log2) | reg(3) | wide | translation);
        EXPECT_EQ(x(3), expected[log2]);
        EXPECT_EQ(device.last.offset, 8U);
        EXPECT_EQ(device.last.size, 1U << log2);
        EXPECT_EQ(device.last.vcpu, 0U);
        EXPECT_TRUE(went_on());
    }
    EXPECT_EQ(vcpu->statistics.counts[static_cast<unsigned>(ExitReason::Mmio)], 4U);
}

TEST_F(GuestAbortTest, LoadsExtendTheSign) {
    device.answer = 0xf0;
    abort(device_base, isv | size(0) | sign | reg(3) | wide | translation);
    EXPECT_EQ(x(3), 0xffff'ffff'ffff'fff0);
    abort(device_base, isv | size(0) | sign | reg(3) | translation);
    EXPECT_EQ(x(3), 0xffff'fff0U) << "into a W register";
}

TEST_F(GuestAbortTest, StoresOfAllSizesGiveNoMoreThanTheyStore) {
    x(5) = 0x1122'3344'5566'7788;
    for (unsigned log2 = 0; log2 < 4; ++log2) {
        abort(device_base, isv | size(log2) | reg(5) | store | translation);
    }
    EXPECT_EQ(device.written, (std::vector<u64>{0x88, 0x7788, 0x5566'7788, 0x1122'3344'5566'7788}));
}

TEST_F(GuestAbortTest, Register31IsZero) {
    abort(device_base, isv | size(3) | reg(31) | store | translation);
    EXPECT_EQ(device.written, std::vector<u64>{0});
    const auto before = vcpu->registers();
    abort(device_base, isv | size(3) | reg(31) | wide | translation);
    EXPECT_EQ(device.reads, 1U) << "the device is read, and the value dropped";
    EXPECT_EQ(std::memcmp(before.x, vcpu->registers().x, sizeof(before.x)), 0);
    EXPECT_EQ(before.pstate, vcpu->registers().pstate);
}

TEST_F(GuestAbortTest, AT32AccessIsSteppedOverAsSuch) {
    handle_data_abort(*vcpu,
                      {u64{0x24} << 26 | isv | size(2) | reg(1) | translation, fault_va, device_base.value >> 8});
    EXPECT_EQ(device.reads, 1U);
    EXPECT_EQ(pc(), guest_pc + 2);
}

TEST_F(GuestAbortTest, PairsAndWriteBackFormsAreRefused) {
    abort(device_base, size(3) | translation);
    EXPECT_TRUE(took(ExceptionClass::DataAbortSame));
    EXPECT_EQ(fake_guest_fault_address, fault_va);
    EXPECT_EQ(device.reads, 0U);
}

TEST_F(GuestAbortTest, MisalignedAccessesAreRefused) {
    abort(device_base + 2, isv | size(2) | translation);
    EXPECT_TRUE(took(ExceptionClass::DataAbortSame));
    EXPECT_EQ(device.reads, 0U);
}

TEST_F(GuestAbortTest, AWalkIntoADeviceIsRefused) {
    abort(device_base, isv | size(3) | walk | translation);
    EXPECT_TRUE(took(ExceptionClass::DataAbortSame));
    EXPECT_EQ(device.reads, 0U);
}

TEST_F(GuestAbortTest, WhereNothingIsTheGuestGetsAnExternalAbort) {
    for (const Ipa ipa :
         {Ipa(0), Ipa(0x0c00'0000), guest::ram_base + 16 * MiB, Ipa(u64{1} << 38), Ipa((u64{1} << 48) - 8)}) {
        vcpu->registers().pc = guest_pc;
        abort(ipa, isv | size(2) | translation);
        EXPECT_TRUE(took(ExceptionClass::DataAbortSame)) << ipa.value;
    }
    EXPECT_FALSE(alpha->stop().is_made()) << "that is the guest's own affair";
}

TEST_F(GuestAbortTest, MemoryIsPopulatedAtItsFirstTouch) {
    const Ipa fresh = guest::ram_base + 14 * MiB;
    ASSERT_FALSE(alpha->memory().stage2().lookup(fresh));
    abort(fresh + 16, isv | size(3) | store | translation);
    EXPECT_TRUE(tries_again());
    EXPECT_TRUE(alpha->memory().stage2().lookup(fresh));
}

TEST_F(GuestAbortTest, FirstTouchesMayBeOfAnyForm) {
    abort(guest::ram_base + 14 * MiB, size(3) | store | translation); // a pair
    EXPECT_TRUE(tries_again());
    abort(guest::ram_base + 12 * MiB, cache | store | translation); // cache maintenance
    EXPECT_TRUE(tries_again());
    abort(guest::ram_base + 10 * MiB, walk | translation); // stage-1 tables
    EXPECT_TRUE(tries_again());
    fetch(guest::ram_base + 8 * MiB);
    EXPECT_TRUE(tries_again());
    for (const u64 offset : {14 * MiB, 12 * MiB, 10 * MiB, 8 * MiB}) {
        EXPECT_TRUE(alpha->memory().stage2().lookup(guest::ram_base + offset));
    }
}

class WriteBackTest : public GuestAbortTest {
  public:
    static constexpr u32 ldr_w3_post_4 = 0xb840'44a3; // ldr w3, [x5], #4
    static constexpr Ipa code = guest::ram_base + 0x1000;

    WriteBackTest() {
        x(5) = fault_va | 8;
        set_instruction(ldr_w3_post_4);
        fake_guest_load_address = code;
    }
    ~WriteBackTest() override { fake_guest_load_address = fail(Error::Denied); }

    void set_instruction(u32 instruction) {
        ASSERT_TRUE(memory::store(alpha->memory().stage2(), memory::GuestPtr<u32>(code), instruction));
    }
};

TEST_F(WriteBackTest, ALoadGetsItsValueAndChangesItsBase) {
    abort(device_base + 8, translation);
    EXPECT_TRUE(went_on());
    EXPECT_EQ(x(3), 0x4433'2211U);
    EXPECT_EQ(x(5), fault_va + 12);
    EXPECT_EQ(device.last.offset, 8U);
    EXPECT_EQ(device.last.size, 4U);
}

TEST_F(WriteBackTest, AStoreToAChangedAddress) {
    set_instruction(0x781f'ecbf); // strh wzr, [x5, #-2]!
    x(5) = fault_va | 10;
    abort(device_base + 8, store | translation);
    EXPECT_TRUE(went_on());
    EXPECT_EQ(x(5), fault_va | 8);
    EXPECT_EQ(device.written, std::vector<u64>{0});
    EXPECT_EQ(device.last.size, 2U);
}

TEST_F(WriteBackTest, AnInstructionThatMakesAnotherAccessIsRefused) {
    const auto refuses = [&](u64 iss) {
        vcpu->registers().pc = guest_pc;
        const u64 base = x(5);
        abort(device_base + 8, iss);
        EXPECT_TRUE(took(ExceptionClass::DataAbortSame));
        EXPECT_EQ(x(5), base);
    };
    vcpu->registers().pstate = spsr::El1h;
    refuses(store | translation); // it is a load
    refuses(walk | translation);  // of the guest's tables
    x(5) = fault_va | 12;
    refuses(translation); // elsewhere
    x(5) = fault_va | 8;
    set_instruction(0xa8c1'0ca3); // ldp x3, x3, [x5], #16
    refuses(translation);
    set_instruction(0x7840'14a3); // ldrh w3, [x5], #1: at a window's end nothing is read beyond it
    refuses(store | translation);
    fake_guest_load_address = fail(Error::Denied);
    refuses(translation);
    EXPECT_EQ(device.reads, 0U);
    EXPECT_TRUE(device.written.empty());
}

TEST_F(WriteBackTest, IsMadeAgainWhereTheGuestsTablesAreMissingForTheMoment) {
    fake_guest_load_address = fail(Error::Busy);
    abort(device_base + 8, translation);
    EXPECT_TRUE(tries_again());
    EXPECT_EQ(device.reads, 0U);
}

TEST_F(GuestAbortTest, WhatItMayOnlyReadItCannotWrite) {
    abort(guest::stolen_time_base, isv | size(3) | store | permission);
    EXPECT_TRUE(took(ExceptionClass::DataAbortSame));
}

TEST_F(GuestAbortTest, AFaultThatAnotherVcpuHasResolvedIsTriedAgain) {
    abort(guest::stolen_time_base, isv | size(3) | translation);
    EXPECT_TRUE(tries_again());
}

TEST_F(GuestAbortTest, WithoutMemoryForAPageTableTheVmIsStopped) {
    // The first touch of a GiB needs a table. This VM's kernel has touched its only one: the table goes when all of it does.
    for (Ipa ipa = guest::ram_base; ipa < guest::ram_base + 16 * MiB; ipa += 2 * MiB) {
        (void)alpha->memory().stage2().unmap({ipa, 2 * MiB});
    }
    std::vector<memory::Frames> taken;
    while (auto frames =
               memory.pool.allocate_largest(memory::FramePool::max_order, 0, memory::FrameOwner::Hypervisor)) {
        taken.push_back(std::move(*frames));
    }
    abort(guest::ram_base + 14 * MiB, isv | size(3) | translation);
    EXPECT_TRUE(tries_again()) << "no external abort that says nothing";
    EXPECT_EQ(alpha->stop().reason(), StopReason::Crash);
    EXPECT_NE(alpha->stop().detail().find("no free memory for a page table"), std::string_view::npos);
}

TEST_F(GuestAbortTest, ExecutingWhereThereIsNoMemoryIsAnExternalAbort) {
    for (const Ipa ipa : {Ipa(0), device_base, guest::ram_base + 16 * MiB, Ipa((u64{1} << 48) - 8)}) {
        vcpu->registers().pc = guest_pc;
        fetch(ipa);
        EXPECT_TRUE(took(ExceptionClass::InstructionAbortSame)) << ipa.value;
        EXPECT_EQ(fake_guest_exception.syndrome & 0x3f, 0x10U);
        EXPECT_EQ(fake_guest_fault_address, fault_va | (ipa.value & 0xfff));
    }
    EXPECT_FALSE(alpha->stop().is_made());
}

TEST_F(GuestAbortTest, ExecutingWhatIsOnlyReadableIsAnExternalAbort) {
    fetch(guest::stolen_time_base, permission);
    EXPECT_TRUE(took(ExceptionClass::InstructionAbortSame)) << "or it would fault for ever";
}

TEST_F(GuestAbortTest, AGuestThatCannotFetchItsHandlerIsStopped) {
    vcpu->registers().pstate = spsr::El0t;
    vcpu->registers().pc = vectors + 0x200;
    fetch(Ipa(0x1000));
    EXPECT_FALSE(alpha->stop().is_made()) << "an application's address is not where it takes exceptions";
    vcpu->registers().pstate = spsr::El1h;
    vcpu->registers().pc = vectors + 0x200;
    fetch(Ipa(0x1000));
    EXPECT_EQ(alpha->stop().reason(), StopReason::Crash) << "it would fault for ever";
    EXPECT_NE(alpha->stop().detail().find("executes its exception vector"), std::string_view::npos);
}

TEST_F(GuestAbortTest, AHostileGuestCannotFloodTheLog) {
    std::size_t seen = 0;
    (void)said_since(console::log_channel, seen);
    for (unsigned i = 0; i < 10'000; ++i) {
        vcpu->registers().pc = guest_pc;
        abort(Ipa(0), isv | size(2) | translation);
    }
    const std::size_t said = said_since(console::log_channel, seen).size();
    EXPECT_GT(said, 0U);
    EXPECT_LT(said, 4096U);
}

} // namespace
} // namespace trv::trap
