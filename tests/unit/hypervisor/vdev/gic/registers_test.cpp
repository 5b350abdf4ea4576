// SPDX-License-Identifier: Apache-2.0
// The distributor's and redistributors' registers: what they hold, and what accesses that no driver should make do.

#include "vgic_machine.hpp"

namespace trv::vdev {
namespace {

namespace gicd = irqchip::gicd;
namespace gicr = irqchip::gicr;
namespace reg = irqchip::gic_bank;

constexpr std::array<u64, 7> bit_arrays = {reg::igroupr, reg::isenabler, reg::icenabler, reg::ispendr,
                                           reg::icpendr, reg::isactiver, reg::icactiver};

class VGicRegisters : public VGicTest {
  public:
    u64 read_sgi(u64 offset, u8 size = 4, unsigned frame = 0) {
        return read_redistributor(frame, gicr::sgi_base + offset, size);
    }
    void write_sgi(u64 offset, u64 value, u8 size = 4, unsigned frame = 0) {
        write_redistributor(frame, gicr::sgi_base + offset, value, size);
    }
};

TEST_F(VGicRegisters, DistributorIdentifiesItself) {
    const u64 type = read_distributor(gicd::typer);
    EXPECT_EQ(type & gicd::typer_lines_mask, 3u);
    EXPECT_EQ(type >> gicd::typer_id_bits_shift & 0x1f, 9u);
    EXPECT_NE(type & gicd::typer_no_one_of_n, 0u);
    EXPECT_EQ(type & 0x3'fc00u & ~gicd::typer_lines_mask, 0u) << "no security extensions, MBIs, LPIs";
    EXPECT_EQ(read_distributor(gicd::pidr2) >> 4, 3u);
    EXPECT_EQ(read_distributor(gicd::iidr) & 0xfff, 0x43bu);
    EXPECT_EQ(read_distributor(0x000c), 0u) << "TYPER2";
    EXPECT_EQ(read_distributor(0x0010), 0u) << "STATUSR";
}

TEST_F(VGicRegisters, ResetValues) {
    EXPECT_EQ(read_distributor(gicd::ctlr), gicd::ctlr_disable_security | gicd::ctlr_affinity_routing);
    for (u64 word = 1; word < 4; ++word) {
        EXPECT_EQ(read_distributor(reg::igroupr + 4 * word), 0xffff'ffffu);
        for (const u64 array : {reg::isenabler, reg::ispendr, reg::isactiver}) {
            EXPECT_EQ(read_distributor(array + 4 * word), 0u);
        }
    }
    for (u64 intid = 32; intid < 128; ++intid) {
        EXPECT_EQ(read_distributor(reg::ipriorityr + intid, 1), 0u);
        EXPECT_EQ(read_distributor(gicd::irouter + 8ull * intid, 8), 0u);
    }
    EXPECT_EQ(read_distributor(reg::icfgr + 8), 0u);
    EXPECT_EQ(read_sgi(reg::icfgr), 0xaaaa'aaaau) << "SGIs are edges";
    EXPECT_EQ(read_sgi(reg::icfgr + 4), 0u);
    EXPECT_EQ(read_redistributor(0, gicr::ctlr), 0u);
    EXPECT_EQ(read_redistributor(0, gicr::waker), 6u);
}

TEST_F(VGicRegisters, ControlKeepsItsEnables) {
    for (u64 value = 0; value < 4; ++value) {
        write_distributor(gicd::ctlr, value | 0xffff'ff00);
        EXPECT_EQ(read_distributor(gicd::ctlr), 0x50 | value);
    }
    write_distributor(gicd::ctlr, 0, 1);
    write_distributor(gicd::ctlr, 0, 8);
    EXPECT_EQ(read_distributor(gicd::ctlr), 0x53u);
    EXPECT_EQ(read_distributor(gicd::ctlr, 1), 0u);
    EXPECT_EQ(read_distributor(gicd::ctlr, 2), 0u);
    EXPECT_EQ(read_distributor(gicd::ctlr, 8), 0u);
}

TEST_F(VGicRegisters, SetAndClearPairs) {
    for (const auto [set, clear] : {std::pair{reg::isenabler, reg::icenabler}, std::pair{reg::ispendr, reg::icpendr},
                                    std::pair{reg::isactiver, reg::icactiver}}) {
        for (u64 offset = 4; offset < 16; offset += 4) {
            write_distributor(set + offset, 0xf0f0'0011);
            write_distributor(set + offset, 0x100);
            EXPECT_EQ(read_distributor(set + offset), 0xf0f0'0111u);
            EXPECT_EQ(read_distributor(clear + offset), 0xf0f0'0111u);
            write_distributor(clear + offset, 0xf000'0001);
            EXPECT_EQ(read_distributor(set + offset), 0x00f0'0110u);
            write_distributor(clear + offset, 0xffff'ffff);
            EXPECT_EQ(read_distributor(set + offset), 0u);
        }
        write_sgi(set, 0xf0f0'0011);
        EXPECT_EQ(read_sgi(set), 0xf0f0'0011u);
        EXPECT_EQ(read_sgi(set, 4, 1), 0u) << "banked";
        write_sgi(clear, 0xffff'ffff);
        EXPECT_EQ(read_sgi(clear), 0u);
    }
}

TEST_F(VGicRegisters, GroupsAndModifiers) {
    write_distributor(reg::igroupr + 8, 0x1234'5678);
    EXPECT_EQ(read_distributor(reg::igroupr + 8), 0x1234'5678u);
    write_sgi(reg::igroupr, 0xff);
    EXPECT_EQ(read_sgi(reg::igroupr), 0xffu);
    for (const u64 reserved : {u64{0x0d04}, u64{0x0e04}}) { // IGRPMODR, NSACR: with one security state
        write_distributor(reserved, 0xffff'ffff);
        EXPECT_EQ(read_distributor(reserved), 0u);
        write_sgi(reserved - 4, 0xffff'ffff);
        EXPECT_EQ(read_sgi(reserved - 4), 0u);
    }
}

TEST_F(VGicRegisters, PrioritiesInBytesAndWords) {
    write_distributor(reg::ipriorityr + 32, 0xffa5'8001);
    EXPECT_EQ(read_distributor(reg::ipriorityr + 32), 0xf8a0'8000u) << "five bits";
    EXPECT_EQ(read_distributor(reg::ipriorityr + 34, 1), 0xa0u);
    write_distributor(reg::ipriorityr + 127, 0x77, 1);
    EXPECT_EQ(read_distributor(reg::ipriorityr + 124), 0x7000'0000u);
    write_sgi(reg::ipriorityr + 27, 0x48, 1);
    EXPECT_EQ(read_sgi(reg::ipriorityr + 24), 0x4800'0000u);
    for (const u8 size : {u8{2}, u8{8}}) {
        write_distributor(reg::ipriorityr + 32, 0, size);
        EXPECT_EQ(read_distributor(reg::ipriorityr + 32, size), 0u);
    }
    EXPECT_EQ(read_distributor(reg::ipriorityr + 32), 0xf8a0'8000u);
}

TEST_F(VGicRegisters, PriorityBitsAreThoseOfTheCpuInterface) {
    cpus[0].priority_bits = 7;
    at(0);
    VGic finer(waker, inputs, 1, *VGic::make_spis(spis));
    (void)finer.distributor().write({reg::ipriorityr + 32, 4, 0}, 0xffff'ffff);
    EXPECT_EQ(finer.distributor().read({reg::ipriorityr + 32, 4, 0}).value, 0xfefe'fefeu);
}

TEST_F(VGicRegisters, TriggerConfiguration) {
    write_distributor(reg::icfgr + 8, 0xffff'ffff);
    EXPECT_EQ(read_distributor(reg::icfgr + 8), 0xaaaa'aaaau);
    EXPECT_EQ(read_distributor(reg::icfgr + 12), 0u);
    write_distributor(reg::icfgr + 28, 0x8000'0000);
    EXPECT_EQ(read_distributor(reg::icfgr + 28), 0x8000'0000u);
    write_sgi(reg::icfgr, 0);
    EXPECT_EQ(read_sgi(reg::icfgr), 0xaaaa'aaaau);
    gic.bind_hardware(0, IntId(timer), IntId(timer));
    write_sgi(reg::icfgr + 4, 0xffff'ffff);
    EXPECT_EQ(read_sgi(reg::icfgr + 4), 0xaaaa'aaaau & ~(3u << (2 * (timer - 16)))) << "a bound one is a level";
}

TEST_F(VGicRegisters, LatchedEdgeSurvivesAChangeToLevel) {
    write_distributor(reg::icfgr + 8, 0xffff'ffff);
    gic.pulse(IntId(40));
    gic.set_level(IntId(41), true);
    write_distributor(reg::icpendr + 4, IntId(41).bit());
    EXPECT_EQ(read_distributor(reg::ispendr + 4), IntId(40).bit());
    write_distributor(reg::icfgr + 8, 0);
    EXPECT_EQ(read_distributor(reg::ispendr + 4), IntId(40).bit() | IntId(41).bit());
}

TEST_F(VGicRegisters, Routes) {
    write_distributor(gicd::irouter + 8 * 32, 0x0000'00ab'8001'0203, 8);
    EXPECT_EQ(read_distributor(gicd::irouter + 8 * 32, 8), 0x01'0203u) << "neither Aff3 nor 1-of-N";
    write_distributor(gicd::irouter + 8 * 127, 3);
    EXPECT_EQ(read_distributor(gicd::irouter + 8 * 127), 3u);
    write_distributor(gicd::irouter + 8 * 127 + 4, 0xff);
    EXPECT_EQ(read_distributor(gicd::irouter + 8 * 127 + 4), 0u);
    EXPECT_EQ(read_distributor(gicd::irouter + 8 * 127, 8), 3u);
    for (const u8 size : {u8{1}, u8{2}}) {
        write_distributor(gicd::irouter + 8 * 127, 0, size);
        EXPECT_EQ(read_distributor(gicd::irouter + 8 * 127, size), 0u);
    }
    for (const u32 intid : {0u, 31u, 128u, 1019u}) {
        write_distributor(gicd::irouter + 8ull * intid, 1, 8);
        EXPECT_EQ(read_distributor(gicd::irouter + 8ull * intid, 8), 0u);
    }
    EXPECT_EQ(read_distributor(gicd::irouter + 8 * 127), 3u);
}

TEST_F(VGicRegisters, BanksOfTheOtherFrameAreReserved) {
    for (const u64 array : bit_arrays) {
        write_distributor(array, 0xffff'ffff);
        EXPECT_EQ(read_distributor(array), 0u) << std::hex << array;
        EXPECT_EQ(read_distributor(array + 16), 0u) << "past the last SPI";
        EXPECT_EQ(read_sgi(array + 4), 0u);
        write_sgi(array + 4, 0xffff'ffff);
        write_distributor(array + 16, 0xffff'ffff);
    }
    EXPECT_EQ(read_sgi(reg::isenabler), 0u);
    EXPECT_EQ(read_distributor(reg::isenabler + 4), 0u);
    for (const u64 offset : {reg::ipriorityr, reg::ipriorityr + 31, reg::ipriorityr + 128, reg::ipriorityr_end - 1}) {
        write_distributor(offset, 0xff, 1);
        EXPECT_EQ(read_distributor(offset, 1), 0u);
    }
    write_sgi(reg::ipriorityr + 32, 0xff, 1);
    EXPECT_EQ(read_sgi(reg::ipriorityr + 32, 1), 0u);
    EXPECT_EQ(read_distributor(reg::icfgr), 0u);
    EXPECT_EQ(read_sgi(reg::icfgr + 8), 0u);
    EXPECT_EQ(read_distributor(reg::icfgr + 32), 0u);
}

TEST_F(VGicRegisters, MessageBasedAndLegacyRegistersAreReserved) {
    for (const u32 offset : {0x40u, 0x48u, 0x50u, 0x58u, 0x800u, 0x820u, 0xf00u, 0xf10u, 0xf20u}) {
        write_distributor(offset, 32);
        EXPECT_EQ(read_distributor(offset), 0u);
    }
    EXPECT_EQ(read_distributor(reg::ispendr + 4), 0u);
}

TEST_F(VGicRegisters, RedistributorsSayWhoTheyAre) {
    for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
        const u64 type = read_redistributor(vcpu, gicr::typer, 8);
        EXPECT_EQ(type >> 32, vcpu);
        EXPECT_EQ(type >> 8 & 0xffff, vcpu);
        EXPECT_EQ((type & gicr::typer_last) != 0, vcpu == vcpus - 1);
        EXPECT_EQ(type & 0xef, 0u) << "no LPIs";
        EXPECT_EQ(read_redistributor(vcpu, gicr::typer), type & 0xffff'ffff);
        EXPECT_EQ(read_redistributor(vcpu, gicr::typer + 4), type >> 32);
        EXPECT_EQ(read_redistributor(vcpu, gicr::pidr2) >> 4, 3u);
        EXPECT_EQ(read_redistributor(vcpu, gicr::iidr), read_distributor(gicd::iidr));
    }
}

TEST_F(VGicRegisters, WakerAnswersAtOnce) {
    write_redistributor(1, gicr::waker, 0);
    EXPECT_EQ(read_redistributor(1, gicr::waker), 0u);
    EXPECT_EQ(read_redistributor(0, gicr::waker), 6u);
    write_redistributor(1, gicr::waker, 2);
    EXPECT_EQ(read_redistributor(1, gicr::waker), 6u);
    write_redistributor(1, gicr::waker, 0, 1);
    EXPECT_EQ(read_redistributor(1, gicr::waker), 6u);
}

TEST_F(VGicRegisters, BeyondTheLastRedistributorIsNothing) {
    for (const unsigned frame : {4u, 5u, 1000u, 0x7fffu}) {
        for (const u64 offset : {u64{0}, gicr::typer, gicr::sgi_base + reg::isenabler}) {
            write_redistributor(frame, offset, 0xffff'ffff);
            EXPECT_EQ(read_redistributor(frame, offset), 0u);
        }
    }
}

/// Every offset at every size, twice with other values: nothing may go out of bounds, and what reads as reserved must
/// not have changed anything.
TEST_F(VGicRegisters, EveryAccessIsSafe) {
    start();
    for (const u8 size : {u8{1}, u8{2}, u8{4}, u8{8}}) {
        for (u64 offset = 0; offset < VGic::distributor_size; offset += size) {
            write_distributor(offset, 0x5a5a'5a5a'5a5a'5a5a, size, 1);
            const u64 value = read_distributor(offset, size, 2);
            EXPECT_TRUE(size == 8 || value >> (8 * size) == 0);
        }
        for (u64 offset = 0; offset < VGic::redistributor_size; offset += size) {
            write_redistributor(1, offset, 0xa5a5'a5a5'a5a5'a5a5, size, 1);
            const u64 value = read_redistributor(1, offset, size, 2);
            EXPECT_TRUE(size == 8 || value >> (8 * size) == 0);
        }
        settle();
    }
}

} // namespace
} // namespace trv::vdev
