// SPDX-License-Identifier: Apache-2.0
// What a vCPU has in its registers stays there while another one runs: worth most where two share one CPU.

#include "guests/bare/checks/checks.hpp"
#include "guests/bare/lib/cpu.hpp"
#include "guests/bare/lib/gic.hpp"
#include "guests/bare/lib/hardware/timer.hpp"
#include "guests/bare/lib/report.hpp"

namespace trv::bare::checks {
namespace {

constexpr unsigned rounds = 500;

struct alignas(16) Vectors {
    u64 half[64];
};

/// Sleeping gives the CPU away, surely and at once; the timer ends it.
void begin_nap() {
    VirtualTimer::set_in(static_cast<i32>(microseconds(20)));
}

void end_nap() {
    VirtualTimer::stop();
    const u32 intid = gic::acknowledge();
    if (intid != gic::nothing_pending) {
        gic::complete(intid);
    }
}

/// Loads q0 to q31, sleeps, and stores them.
void keep_across_sleep(Vectors& vectors) {
    asm volatile(".arch_extension fp\n\t.arch_extension simd\n\t"
                 "ldp q0, q1, [%0, #0x000]\n\tldp q2, q3, [%0, #0x020]\n\tldp q4, q5, [%0, #0x040]\n\t"
                 "ldp q6, q7, [%0, #0x060]\n\tldp q8, q9, [%0, #0x080]\n\tldp q10, q11, [%0, #0x0a0]\n\t"
                 "ldp q12, q13, [%0, #0x0c0]\n\tldp q14, q15, [%0, #0x0e0]\n\tldp q16, q17, [%0, #0x100]\n\t"
                 "ldp q18, q19, [%0, #0x120]\n\tldp q20, q21, [%0, #0x140]\n\tldp q22, q23, [%0, #0x160]\n\t"
                 "ldp q24, q25, [%0, #0x180]\n\tldp q26, q27, [%0, #0x1a0]\n\tldp q28, q29, [%0, #0x1c0]\n\t"
                 "ldp q30, q31, [%0, #0x1e0]\n\twfi\n\t"
                 "stp q0, q1, [%0, #0x000]\n\tstp q2, q3, [%0, #0x020]\n\tstp q4, q5, [%0, #0x040]\n\t"
                 "stp q6, q7, [%0, #0x060]\n\tstp q8, q9, [%0, #0x080]\n\tstp q10, q11, [%0, #0x0a0]\n\t"
                 "stp q12, q13, [%0, #0x0c0]\n\tstp q14, q15, [%0, #0x0e0]\n\tstp q16, q17, [%0, #0x100]\n\t"
                 "stp q18, q19, [%0, #0x120]\n\tstp q20, q21, [%0, #0x140]\n\tstp q22, q23, [%0, #0x160]\n\t"
                 "stp q24, q25, [%0, #0x180]\n\tstp q26, q27, [%0, #0x1a0]\n\tstp q28, q29, [%0, #0x1c0]\n\t"
                 "stp q30, q31, [%0, #0x1e0]\n\t.arch_extension nosimd\n\t.arch_extension nofp"
                 :
                 : "r"(vectors.half)
                 : "memory");
}

/// EL1's registers that a kernel sets once and believes in ever after, as far as nothing here uses them.
bool keep_system_registers(u64 seed) {
    arch::TpidrEl0::write(seed);
    arch::TpidrroEl0::write(seed + 1);
    arch::ContextidrEl1::write(seed + 2);
    arch::ParEl1::write(0x1000 * seed);
    arch::Ttbr1El1::write(0x1000 * seed);
    arch::SpEl0::write(seed + 3);
    begin_nap();
    wfi();
    end_nap();
    return arch::TpidrEl0::read() == seed && arch::TpidrroEl0::read() == seed + 1 &&
           arch::ContextidrEl1::read() == seed + 2 && (arch::ParEl1::read() & 0xffff'f000) == 0x1000 * seed &&
           arch::Ttbr1El1::read() == 0x1000 * seed && arch::SpEl0::read() == seed + 3;
}

u32 count_lost(u64 seed) {
    constexpr u64 fp_enabled = 3 << 20;
    arch::CpacrEl1::write(fp_enabled);
    gic::reset_cpu();
    gic::enable(VirtualTimer::intid);
    u32 lost = 0;
    for (u64 round = 0; round < rounds; ++round) {
        Vectors vectors{};
        for (u64 i = 0; i < 64; ++i) {
            vectors.half[i] = seed * (round + 1) * (i + 1);
        }
        begin_nap();
        keep_across_sleep(vectors);
        end_nap();
        for (u64 i = 0; i < 64; ++i) {
            lost += vectors.half[i] != seed * (round + 1) * (i + 1) ? 1 : 0;
        }
        lost += keep_system_registers(seed) ? 0 : 1;
    }
    return lost;
}

void run_beside(void* object) {
    static_cast<std::atomic<u32>*>(object)->store(count_lost(0x77));
}

} // namespace

void context(std::string_view) {
    std::atomic<u32> lost_beside = 0;
    const bool two = cpu_count() > 1;
    if (two && start_cpu(1, run_beside, &lost_beside) != psci::Status::Success) {
        fail_because("context", "vCPU 1 does not start");
        return;
    }
    check_equal("the boot vCPU keeps its registers", count_lost(0x33), 0);
    if (two) {
        check("vCPU 1 leaves", wait_until_off(1), "still on");
        check_equal("vCPU 1 keeps its registers", lost_beside.load(), 0);
    }
}

} // namespace trv::bare::checks
