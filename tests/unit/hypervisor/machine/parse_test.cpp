// SPDX-License-Identifier: Apache-2.0
#include "../dts.hpp"
#include "machine/parse.hpp"
#include "qemu_virt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace trv::machine {
namespace {

using test::Dts;
using test::qemu_virt_hardware;
using testing::HasSubstr;

constexpr std::array<std::string_view, 2> uarts{"arm,pl011", "vendor,uart"};

struct Parsed {
    explicit Parsed(const std::string& text) : dts(text), result(parse(dts.tree(), uarts, machine, problems)) {}

    [[nodiscard]] std::string all_problems() const {
        std::string text;
        problems.for_each([&](std::string_view line) { text += std::string(line) + "\n"; });
        return text;
    }

    Dts dts;
    Machine machine;
    Problems problems;
    Result<void> result;
};

std::string with_chosen(const std::string& chosen, const std::string& more = {}) {
    return std::string("/ {") + qemu_virt_hardware + more + "chosen {" + chosen + "};\n};";
}

/// The smallest machine, to which a test adds what it is about.
std::string small(const std::string& more) {
    return R"(/ { #address-cells = <1>; #size-cells = <1>;
        memory { device_type = "memory"; reg = <0x80000000 0x10000000>; };
        cpus { #address-cells = <1>; #size-cells = <0>; cpu@0 { device_type = "cpu"; reg = <0>; }; };
        psci { compatible = "arm,psci-0.2"; method = "hvc"; };
        gic { compatible = "arm,gic-v3"; reg = <0x1000000 0x10000 0x1100000 0x100000>; };)" +
           more + "};";
}

TEST(Parse, ReadsQemusMachine) {
    const Parsed p(with_chosen(R"(stdout-path = "/pl011@9000000";)"));
    ASSERT_TRUE(p.result) << p.all_problems();
    const Machine& m = p.machine;
    ASSERT_EQ(m.ram.size(), 1U);
    EXPECT_EQ(m.ram[0], (PaRange{Pa(0x4000'0000), 2 * GiB}));
    ASSERT_EQ(m.cpus.size(), 2U);
    EXPECT_EQ(m.cpus[1].mpidr, 1U);
    EXPECT_TRUE(m.cpus[1].psci);
    EXPECT_EQ(m.psci->method, Psci::Method::Smc);
    EXPECT_EQ(m.psci->version, Psci::Version::V1_0);
    EXPECT_EQ(m.gic->registers[0], (PaRange{Pa(0x800'0000), 64 * KiB}));
    EXPECT_EQ(m.gic->compatible, gicv3_compatible);
    ASSERT_EQ(m.gic->registers.size(), 2U);
    EXPECT_EQ(m.gic->registers[1], (PaRange{Pa(0x80a'0000), 0xf6'0000}));
    EXPECT_EQ(m.gic->maintenance_intid, 25U);
    EXPECT_EQ(m.timer.virtual_intid, 27U);
    EXPECT_EQ(m.timer.hyp_intid, 26U);
    ASSERT_TRUE(m.pmu);
    EXPECT_EQ(m.pmu->intid, 23U);
    EXPECT_EQ(m.uart->registers, (PaRange{Pa(0x900'0000), 4 * KiB}));
    EXPECT_EQ(m.uart->intid, 33U);
    EXPECT_FALSE(m.configured);
}

TEST(Parse, ReadsAGicv2) {
    const auto with_gic = [](const std::string& properties) {
        return Parsed("/ { #address-cells = <1>; #size-cells = <1>; gic { #interrupt-cells = <3>; " + properties +
                      " }; };");
    };
    const Parsed p = with_gic(R"(compatible = "arm,gic-400"; interrupts = <1 9 0xf04>;
        reg = <0x1000 0x1000 0x2000 0x2000 0x4000 0x2000 0x6000 0x2000>;)");
    ASSERT_TRUE(p.machine.gic) << p.all_problems();
    EXPECT_EQ(p.machine.gic->compatible, "arm,gic-400");
    ASSERT_EQ(p.machine.gic->registers.size(), 4U);
    EXPECT_EQ(p.machine.gic->registers[3], (PaRange{Pa(0x6000), 8 * KiB}));
    EXPECT_EQ(p.machine.gic->maintenance_intid, 25U);

    const Parsed without_virtualization = with_gic(R"(compatible = "arm,cortex-a15-gic";
        reg = <0x1000 0x1000 0x2000 0x2000>;)");
    EXPECT_FALSE(without_virtualization.machine.gic);
    EXPECT_THAT(without_virtualization.all_problems(), HasSubstr("gic: reg 2 of 4"));
}

TEST(Parse, FindsOpTeeAndItsMemory) {
    const Parsed p(with_chosen(""));
    ASSERT_TRUE(p.machine.optee);
    EXPECT_TRUE(p.machine.optee->smc);
    EXPECT_EQ(p.machine.optee->notification_intid, 219U);
    EXPECT_EQ(p.machine.optee->shared_memory, (PaRange{Pa(0x4200'0000), 2 * MiB}));
    ASSERT_EQ(p.machine.reserved.size(), 2U);
    EXPECT_FALSE(p.machine.reserved[0].no_map);
    EXPECT_TRUE(p.machine.reserved[1].no_map);
}

TEST(Parse, TellsEverythingThatIsMissing) {
    const Parsed p("/ { };");
    ASSERT_FALSE(p.result);
    EXPECT_EQ(p.result.error(), Error::NotFound);
    for (const char* what : {"memory", "CPU", "PSCI", "GIC"}) {
        EXPECT_THAT(p.all_problems(), HasSubstr(std::string("has no usable ") + what));
    }
}

TEST(Parse, HonoursOneCellAddresses) {
    const Parsed p(small(""));
    ASSERT_TRUE(p.result) << p.all_problems();
    EXPECT_EQ(p.machine.ram[0], (PaRange{Pa(0x8000'0000), 256 * MiB}));
    EXPECT_EQ(p.machine.psci->method, Psci::Method::Hvc);
    EXPECT_EQ(p.machine.psci->version, Psci::Version::V0_2);
    EXPECT_FALSE(p.machine.uart);
    EXPECT_FALSE(p.machine.timer.virtual_intid);
}

TEST(Parse, TakesEveryRangeOfAMemoryNodeAndCutsToPages) {
    const Parsed p(small(
        R"(memory@1 { device_type = "memory"; reg = <0x10000800 0x2000 0x20000000 0x1000 0x30000001 0xffe>; };)"));
    ASSERT_EQ(p.machine.ram.size(), 3U);
    EXPECT_EQ(p.machine.ram[1], (PaRange{Pa(0x1000'1000), 4 * KiB}));
    EXPECT_EQ(p.machine.ram[2], (PaRange{Pa(0x2000'0000), 4 * KiB}));
}

TEST(Parse, SkipsOverlappingAndWrappingMemory) {
    const Parsed p(small(R"(memory@1 { device_type = "memory"; reg = <0x8ffff000 0x2000>; };)"));
    EXPECT_EQ(p.machine.ram.size(), 1U);
    EXPECT_THAT(p.all_problems(), HasSubstr("memory@1: overlaps other memory"));

    const Parsed wide(R"(/ { #address-cells = <2>; #size-cells = <2>; memory { device_type = "memory";
        reg = /bits/ 64 <0xfffffffffffff000 0x2000 0xffffffffffff0000 0x10000 0x1000 0>; }; };)");
    EXPECT_TRUE(wide.machine.ram.empty());
    EXPECT_THAT(wide.all_problems(), HasSubstr("memory: reg entry 0: arithmetic overflow"));
    EXPECT_THAT(wide.all_problems(), HasSubstr("reaches the end of the address space"));
}

TEST(Parse, KeepsReservationsOutwardsToPages) {
    const Parsed p("/memreserve/ 0x80000010 0x1000; " + small(""));
    ASSERT_EQ(p.machine.reserved.size(), 1U);
    EXPECT_EQ(p.machine.reserved[0].range, (PaRange{Pa(0x8000'0000), 8 * KiB}));
    EXPECT_FALSE(p.machine.reserved[0].no_map);
}

TEST(Parse, EndsOnBusesWithImpossibleCells) {
    const Parsed p(
        small(R"(reserved-memory { #address-cells = <9>; #size-cells = <1>; ranges; a@1 { reg = <1 1>; }; };)"));
    EXPECT_TRUE(p.machine.reserved.empty());
}

TEST(Parse, SkipsCpusThatAreMalformedOrTwins) {
    const Parsed p(R"(/ { cpus { #address-cells = <2>; #size-cells = <0>;
        cpu@100000000 { device_type = "cpu"; reg = <1 0x203>; };
        cpu@1 { device_type = "cpu"; reg = <1 0x203>; };
        cpu@2 { device_type = "cpu"; reg = <0 0x80000000>; };
        cpu@3 { device_type = "cpu"; };
        cpu@4 { device_type = "cpu"; reg = <0 4>; status = "disabled"; };
        l2-cache { }; }; };)");
    ASSERT_EQ(p.machine.cpus.size(), 1U);
    EXPECT_EQ(p.machine.cpus[0].mpidr, 0x1'0000'0203U);
    EXPECT_THAT(p.all_problems(), HasSubstr("cpu@1: a second CPU"));
    EXPECT_THAT(p.all_problems(), HasSubstr("cpu@2: reg is not an MPIDR"));
    EXPECT_THAT(p.all_problems(), HasSubstr("cpu@3: reg is not an MPIDR"));
}

TEST(Parse, TakesNoMoreCpusThanThereIsRoomFor) {
    std::string cpus;
    for (int i = 0; i < 10; ++i) {
        cpus += "cpu@" + std::to_string(i) + R"( { device_type = "cpu"; reg = <)" + std::to_string(i) + ">; };";
    }
    const Parsed p("/ { cpus { #address-cells = <1>; #size-cells = <0>;" + cpus + "}; };");
    EXPECT_EQ(p.machine.cpus.size(), max_cpus);
    EXPECT_THAT(p.all_problems(), HasSubstr("cpu@9: more than 8 CPUs"));
}

TEST(Parse, TranslatesTheUartThroughItsBuses) {
    const Parsed p(small(R"(
        soc { compatible = "simple-bus"; #address-cells = <1>; #size-cells = <1>; ranges = <0 0x40000000 0x100000 0x200000 0x50000000 0x100000>;
            apb { #address-cells = <1>; #size-cells = <1>; ranges;
                serial@201000 { compatible = "arm,pl011"; reg = <0x201000 0x1000>; interrupts = <0 5 4>; }; }; };
        aliases { serial0 = "/soc/apb/serial@201000"; };
        chosen { stdout-path = "serial0:115200n8"; };)"));
    ASSERT_TRUE(p.machine.uart) << p.all_problems();
    EXPECT_EQ(p.machine.uart->registers.base, Pa(0x5000'1000));
    EXPECT_EQ(p.machine.uart->intid, 37U);
}

TEST(Parse, DoesNotUseAUartThatNoBusPassesOn) {
    const Parsed p(small(R"(
        soc { #address-cells = <1>; #size-cells = <1>; ranges = <0 0x40000000 0x100000>;
            serial@100000 { compatible = "arm,pl011"; reg = <0x100000 0x1000>; }; };
        chosen { stdout-path = "/soc/serial@100000"; };)"));
    EXPECT_FALSE(p.machine.uart);
}

TEST(Parse, SaysWhyThereIsNoConsole) {
    EXPECT_THAT(Parsed(small("chosen { };")).all_problems(), HasSubstr("no stdout-path"));
    EXPECT_THAT(Parsed(small(R"(chosen { stdout-path = "/nowhere"; };)")).all_problems(),
                HasSubstr("does not name an enabled node"));
    EXPECT_THAT(
        Parsed(small(R"(chosen { stdout-path = "/uart"; }; uart { compatible = "ns16550a"; };)")).all_problems(),
        HasSubstr(
            "uart: stdout-path names a UART without driver, so no console; drivers exist for arm,pl011, vendor,uart"));
}

TEST(Parse, NamesTheDriverOfTheUart) {
    const Parsed p(
        small(R"(serial@9000000 { compatible = "vendor,better-uart", "vendor,uart"; reg = <0x9000000 0x1000>; };
        chosen { stdout-path = "/serial@9000000"; };)"));
    ASSERT_TRUE(p.machine.uart) << p.all_problems();
    EXPECT_EQ(p.machine.uart->compatible, "vendor,uart");
}

TEST(Parse, FindsTheClock) {
    const Parsed p(small(R"(rtc@9010000 { compatible = "arm,pl031", "arm,primecell"; reg = <0x9010000 0x1000>; };)"));
    ASSERT_TRUE(p.machine.rtc) << p.all_problems();
    EXPECT_EQ(p.machine.rtc->registers, (PaRange{Pa(0x901'0000), 0x1000}));
    EXPECT_FALSE(Parsed(small("")).machine.rtc);
    const Parsed bad(small(R"(rtc@9010010 { compatible = "arm,pl031"; reg = <0x9010010 0x1000>; };)"));
    EXPECT_FALSE(bad.machine.rtc);
    EXPECT_THAT(bad.all_problems(), HasSubstr("do not learn the date"));
}

TEST(Parse, IgnoresInterruptsOfOtherControllers) {
    const Parsed p(small(
        R"(serial@9000000 { compatible = "arm,pl011"; reg = <0x9000000 0x1000>; interrupts = <0 1 4>; interrupt-parent = <7>; };
        chosen { stdout-path = "/serial@9000000"; };)"));
    ASSERT_TRUE(p.machine.uart);
    EXPECT_FALSE(p.machine.uart->intid);
}

TEST(Parse, FindsTimersByNameToo) {
    const Parsed p(small(R"(timer { compatible = "arm,armv8-timer"; interrupt-names = "hyp-phys", "virt";
        interrupts = <1 10 4 1 11 4>; };)"));
    EXPECT_EQ(p.machine.timer.hyp_intid, 26U);
    EXPECT_EQ(p.machine.timer.virtual_intid, 27U);
}

TEST(Parse, LeavesPerformanceMonitorsWithSpisAlone) {
    EXPECT_FALSE(
        Parsed(small(R"(pmu { compatible = "arm,cortex-a53-pmu"; interrupts = <0 143 4 0 144 4>; };)")).machine.pmu);
    EXPECT_EQ(Parsed(small(R"(pmu { compatible = "arm,cortex-a53-pmu"; interrupts = <1 7 4>; };)")).machine.pmu->intid,
              23U);
}

TEST(Parse, ReadsRedistributorRegionsAndStride) {
    const Parsed p(
        R"(/ { #address-cells = <1>; #size-cells = <1>; gic { compatible = "arm,gic-v3"; #redistributor-regions = <2>;
        redistributor-stride = <0 0x40000>; reg = <0x1000000 0x10000 0x1100000 0x100000 0x1200000 0x80000>; }; };)");
    ASSERT_TRUE(p.machine.gic);
    EXPECT_EQ(p.machine.gic->registers.size(), 3U);
    EXPECT_EQ(p.machine.gic->redistributor_stride, 0x40000U);

    const Parsed bad(R"(/ { #address-cells = <1>; #size-cells = <1>; gic { compatible = "arm,gic-v3";
        redistributor-stride = <0x100>; reg = <0x1000000 0x10000 0x1100000 0x100000>; }; };)");
    EXPECT_FALSE(bad.machine.gic);
}

TEST(Parse, ReadsTheInitrdInBothWidths) {
    EXPECT_EQ(
        Parsed(small("chosen { linux,initrd-start = <0x82000000>; linux,initrd-end = <0x82000100>; };")).machine.initrd,
        (PaRange{Pa(0x8200'0000), 0x100}));
    EXPECT_EQ(Parsed(small("chosen { linux,initrd-start = <0 0x82000000>; linux,initrd-end = <0 0x82000100>; };"))
                  .machine.initrd,
              (PaRange{Pa(0x8200'0000), 0x100}));
    EXPECT_FALSE(Parsed(small("chosen { linux,initrd-start = <2>; linux,initrd-end = <1>; };")).machine.initrd);
}

std::string rng_seed(std::size_t cells, const std::string& cell = "0x5a5a5a5a ") {
    std::string text = "rng-seed = <";
    for (std::size_t i = 0; i < cells; ++i) {
        text += cell;
    }
    return text + ">; ";
}

TEST(Parse, TakesTheSeed) {
    const Parsed p(small("chosen { " + rng_seed(8) + "kaslr-seed = <1 2>; };"));
    ASSERT_TRUE(p.machine.seed);
    EXPECT_EQ(p.machine.seed->rng.size(), 32U);
    EXPECT_EQ(p.machine.seed->rng[31], 0x5a);
    EXPECT_EQ(p.machine.seed->kaslr.size(), 8U);
    EXPECT_EQ(p.machine.seed->kaslr[7], 2);
    EXPECT_EQ(Parsed(small("chosen { " + rng_seed(256) + "};")).machine.seed->rng.size(), max_rng_seed);
}

TEST(Parse, FindsNoSeedInWhatIsNone) {
    EXPECT_FALSE(Parsed(small("")).machine.seed);
    EXPECT_FALSE(Parsed(small("chosen { kaslr-seed = <1 2>; };")).machine.seed) << "too short to draw from";
    EXPECT_FALSE(Parsed(small("chosen { " + rng_seed(8, "0 ") + "};")).machine.seed) << "erased";
    const Parsed p(small("chosen { " + rng_seed(7) + "};"));
    EXPECT_FALSE(p.machine.seed);
    EXPECT_THAT(p.all_problems(), HasSubstr("rng-seed: expected at least 32 bytes"));
}

TEST(Parse, TakesNoKaslrSeedOfAnotherSize) {
    const Parsed p(small("chosen { " + rng_seed(8) + "kaslr-seed = <1>; };"));
    ASSERT_TRUE(p.machine.seed);
    EXPECT_TRUE(p.machine.seed->kaslr.empty());
    EXPECT_THAT(p.all_problems(), HasSubstr("kaslr-seed: expected 8 bytes"));
}

} // namespace
} // namespace trv::machine
