// SPDX-License-Identifier: Apache-2.0
// Guests that end badly, or never: each command is one way. What the hypervisor makes of it is for the test that runs
// it to judge, by its events and by what becomes of the neighbours.

#include "guests/bare/lib/console.hpp"
#include "guests/bare/lib/cpu.hpp"
#include "guests/bare/lib/hardware/power.hpp"
#include "guests/bare/lib/hardware/sysreg.hpp"
#include "guests/bare/lib/payload.hpp"
#include "guests/bare/lib/words.hpp"

namespace trv::bare {
namespace {

/// The hypervisor's image, and behind the memory of any VM that these machines have.
constexpr u64 not_ours = 0x6000'0000;

[[noreturn]] void sleep_forever() {
    for (;;) {
        wfi();
    }
}

void sleep_with(void*) {
    sleep_forever();
}

/// Executes where the VM has no memory.
void jump(std::string_view) {
    reinterpret_cast<void (*)()>(not_ours)();
}

/// Reads the hypervisor's memory, with exception vectors that lie there, too.
void read_without_handler(std::string_view) {
    arch::VbarEl1::write(not_ours);
    isb();
    (void)*reinterpret_cast<const volatile u64*>(not_ours + 0x1000);
}

/// Every exception handler's first instruction is the next exception: never leaves EL1, never gets anywhere.
void exception_loop(std::string_view) {
    asm volatile("adr x0, 1f\n\tmsr vbar_el1, x0\n\tisb\n\tudf #0\n\t"
                 ".balign 2048\n\t1:\n\t.rept 512\n\tudf #0\n\t.endr" ::
                     : "x0", "memory");
}

/// The same with the hypervisor in between: each round is an abort that it injects.
void abort_loop(std::string_view) {
    asm volatile("adr x0, 1f\n\tmsr vbar_el1, x0\n\tmov x1, %0\n\tisb\n\tldr x2, [x1]\n\t"
                 ".balign 2048\n\t1:\n\t.rept 512\n\tldr x2, [x1]\n\t.endr"
                 :
                 : "r"(not_ours)
                 : "x0", "x1", "x2", "memory");
}

void reset(std::string_view) {
    power::system_reset();
}

void off(std::string_view) {
    power::system_off();
}

/// Switches every vCPU off, by CPU_OFF alone.
void cpus_off(std::string_view) {
    for (unsigned i = 1; i < cpu_count(); ++i) {
        (void)start_cpu(i, [](void*) {}, nullptr); // which ends in CPU_OFF
        (void)wait_until_off(i);
    }
    power::cpu_off();
}

/// So many lines, numbered, as fast as they go; for ever without a number.
void flood(std::string_view arguments) {
    const auto lines = parse_number(take_word(arguments));
    for (u32 i = 0; !lines || i < *lines; ++i) {
        print("flood {} 0123456789abcdefghijklmnopqrstuvwxyz\n", i);
    }
}

/// Nothing is ever going to wake these vCPUs.
void sleep(std::string_view) {
    for (unsigned i = 1; i < cpu_count(); ++i) {
        (void)start_cpu(i, sleep_with, nullptr);
    }
    sleep_forever();
}

/// Never leaves the CPU by itself.
void spin(std::string_view) {
    for (;;) {
        asm volatile("");
    }
}

constexpr Command ways[] = {
    {"jump", jump},
    {"read", read_without_handler},
    {"exceptions", exception_loop},
    {"aborts", abort_loop},
    {"reset", reset},
    {"off", off},
    {"cpus-off", cpus_off},
    {"flood", flood},
    {"sleep", sleep},
    {"spin", spin},
};

} // namespace

constinit const Payload payload{.name = "crash", .suite = {}, .others = ways};

} // namespace trv::bare
