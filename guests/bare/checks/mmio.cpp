// SPDX-License-Identifier: Apache-2.0
// Device accesses: every size and extension that can be emulated, and a clean abort for those that cannot.

#include "guests/bare/lib/hardware/mmio.hpp"

#include "guest/layout.hpp"
#include "guests/bare/checks/checks.hpp"
#include "guests/bare/lib/gic.hpp"
#include "guests/bare/lib/hardware/uart.hpp"
#include "guests/bare/lib/report.hpp"
#include "irqchip/gicv2/layout.hpp"
#include "irqchip/gicv3/layout.hpp"

namespace trv::bare::checks {
namespace {

constexpr u64 distributor = guest::gicd_base.value;
constexpr u64 redistributor = guest::gicr_base.value;
constexpr u64 uart = guest::console_base.value;
constexpr u64 priorities = distributor + irqchip::gic_bank::ipriorityr + 96;
constexpr u64 baud = uart + pl011::integer_baud;

#define LOAD(instruction, address)                                                                                     \
    [] {                                                                                                               \
        u64 loaded_;                                                                                                   \
        asm volatile(instruction : "=r"(loaded_) : "r"(address) : "memory");                                           \
        return loaded_;                                                                                                \
    }()

void check_bytes() {
    mmio_write<u32>(priorities, 0xf048'50f8);
    check_equal("LDR W", LOAD("ldr %w0, [%1]", priorities), 0xf048'50f8);
    check_equal("LDRSW", LOAD("ldrsw %0, [%1]", priorities), 0xffff'ffff'f048'50f8);
    check_equal("LDRB", LOAD("ldrb %w0, [%1]", priorities), 0xf8);
    check_equal("LDRB of another byte", LOAD("ldrb %w0, [%1, #2]", priorities), 0x48);
    check_equal("LDRSB W", LOAD("ldrsb %w0, [%1]", priorities), 0xffff'fff8);
    check_equal("LDRSB X", LOAD("ldrsb %0, [%1]", priorities), 0xffff'ffff'ffff'fff8);
    check_equal("LDRSB X of a positive byte", LOAD("ldrsb %0, [%1, #1]", priorities), 0x50);
    check_equal("LDAR W", LOAD("ldar %w0, [%1]", priorities), 0xf048'50f8);
    asm volatile("strb %w0, [%1, #1]" : : "r"(u64{0xabcd'ef88}), "r"(priorities) : "memory");
    check_equal("STRB changes one byte", mmio_read<u32>(priorities), 0xf048'88f8);
    asm volatile("str wzr, [%0]" : : "r"(priorities) : "memory");
    check_equal("STR WZR", mmio_read<u32>(priorities), 0);
    asm volatile("stlr %w0, [%1]" : : "r"(u64{0x5050'5050}), "r"(priorities) : "memory");
    check_equal("STLR W", mmio_read<u32>(priorities), 0x5050'5050);
}

void check_half_words() {
    mmio_write<u16>(baud, 0x8123);
    check_equal("LDRH", LOAD("ldrh %w0, [%1]", baud), 0x8123);
    check_equal("LDRSH W", LOAD("ldrsh %w0, [%1]", baud), 0xffff'8123);
    check_equal("LDRSH X", LOAD("ldrsh %0, [%1]", baud), 0xffff'ffff'ffff'8123);
    check_equal("LDR W of a 16-bit register", LOAD("ldr %w0, [%1]", baud), 0x8123);
}

void check_double_words() {
    const u64 router = distributor + irqchip::gicd::irouter + u64{8} * 100;
    mmio_write<u64>(router, 0x1'0203);
    check_equal("STR X, LDR X", mmio_read<u64>(router), 0x1'0203);
    check_equal("LDR W of a double word", mmio_read<u32>(router), 0x1'0203);
    const u64 type = mmio_read<u64>(redistributor + irqchip::gicr::typer);
    check_equal("both halves of a double word",
                mmio_read<u32>(redistributor + irqchip::gicr::typer) |
                    u64{mmio_read<u32>(redistributor + irqchip::gicr::typer + 4)} << 32,
                type);
}

/// The syndrome names the register by number: the first, the link register, and none.
void check_registers() {
    const u64 address = distributor + (gic::is_v2() ? irqchip::gicd_v2::icpidr2 : irqchip::gicd::pidr2);
    const u64 identity = gic::is_v2() ? irqchip::gicd_v2::icpidr2_gicv2 : irqchip::pidr2_gicv3;
    u64 first;
    u64 link;
    asm volatile("ldr w0, [%2]\n\tmov %0, x0\n\tmov x9, x30\n\tldr w30, [%2]\n\tmov %1, x30\n\tmov x30, x9\n\t"
                 "ldr wzr, [%2]"
                 : "=&r"(first), "=&r"(link)
                 : "r"(address)
                 : "x0", "x9", "memory");
    check_equal("LDR W0", first, identity);
    check_equal("LDR W30", link, identity);
    check_equal("reserved registers read as zero", mmio_read<u32>(distributor + 0xe40), 0);
    check_equal("a width that a register does not have reads as zero",
                mmio_read<u16>(distributor + irqchip::gicd::typer), 0);
}

/// Forms that change the base register have no valid syndrome.
void check_write_back() {
    u64 base = priorities;
    u64 value = 0xf048'50f8;
    asm volatile("str %w1, [%0], #-4" : "+&r"(base) : "r"(value) : "memory");
    check_equal("STR with post-index", mmio_read<u32>(priorities), value);
    check_equal("changes its base", base, priorities - 4);
    asm volatile("ldrsb %1, [%0, #7]!" : "+&r"(base), "=&r"(value) : : "memory");
    check_equal("LDRSB with pre-index", value, 0xffff'ffff'ffff'fff0);
    check_equal("changes its base first", base, priorities + 3);
    asm volatile("ldrb %w1, [%0], #255" : "+&r"(base = priorities), "=&r"(value) : : "memory");
    check_equal("LDRB with post-index", value, 0xf8);
    asm volatile("str wzr, [%0, #0]!" : "+&r"(base = priorities) : : "memory");
    check_equal("STR WZR with pre-index", mmio_read<u32>(priorities), 0);
    mmio_write<u32>(priorities, 0x5050'5050);
}

/// The address is the base register's, which a refused instruction leaves as it was.
template <typename Instruction>
void check_refused(std::string_view name, Instruction instruction) {
    u64 base = priorities;
    const auto fault = attempt([&] { instruction(base); });
    check_external_abort(name, fault, priorities);
    if (base != priorities) {
        fail_because(name, "the base register changed");
    }
}

void check_refusals() {
    check_refused("LDP aborts", [](u64& base) { asm volatile("ldp xzr, x9, [%0]" : "+r"(base) : : "x9", "memory"); });
    check_refused("STP aborts", [](u64& base) { asm volatile("stp xzr, xzr, [%0]" : "+r"(base) : : "memory"); });
    check_refused("LDXR aborts", [](u64& base) { asm volatile("ldxr w9, [%0]" : "+r"(base) : : "x9", "memory"); });
    check_refused("LDAXR aborts", [](u64& base) { asm volatile("ldaxr w9, [%0]" : "+r"(base) : : "x9", "memory"); });
    check_refused("LDP with post-index aborts", [](u64& base) {
        asm volatile("ldp wzr, w9, [%0], #8" : "+r"(base) : : "x9", "memory");
    });
    check_refused("LDR S (floating point) aborts", [](u64& base) {
        asm volatile(".arch_extension fp\n\tldr s0, [%0]\n\t.arch_extension nofp" : "+r"(base) : : "memory");
    });
    const auto misaligned = attempt([] { (void)LOAD("ldr %w0, [%1, #1]", priorities); });
    check("a misaligned access aborts",
          misaligned && misaligned->exception_class() == arch::ExceptionClass::DataAbortSame, "ESR {}",
          hex(misaligned ? misaligned->syndrome : 0));
    check_equal("after all of them the register is as it was", mmio_read<u32>(priorities), 0x5050'5050);
}

#undef LOAD

} // namespace

void mmio(std::string_view) {
    // Floating point, for one of the refused forms.
    constexpr u64 fp_enabled = 3 << 20;
    arch::CpacrEl1::write(fp_enabled);
    isb();
    check_bytes();
    check_half_words();
    if (!gic::is_v2()) { // it has none
        check_double_words();
    }
    check_registers();
    check_write_back();
    check_refusals();
    gic::reset();
}

} // namespace trv::bare::checks
