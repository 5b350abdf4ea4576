// SPDX-License-Identifier: Apache-2.0
#include "arch/guest/guest_debug.hpp"

#include "arch/registers/registers.hpp"
#include "arch/registers/sysreg.hpp"

namespace trv::arch {
namespace {

using Points = std::array<DebugRegisters::Point, DebugRegisters::most>;

// The register's number is part of the instruction, so each one needs an MSR of its own.
#define CASES(kind)                                                                                                    \
    FOUR(kind, 15, 14, 13, 12)                                                                                         \
    FOUR(kind, 11, 10, 9, 8)                                                                                           \
    FOUR(kind, 7, 6, 5, 4)                                                                                             \
    FOUR(kind, 3, 2, 1, 0)
#define FOUR(kind, a, b, c, d) CASE(kind, a) CASE(kind, b) CASE(kind, c) CASE(kind, d)
#define CASE(kind, n)                                                                                                  \
    case n:                                                                                                            \
        asm volatile("msr dbg" kind "vr" #n "_el1, %0\n\tmsr dbg" kind "cr" #n "_el1, %1"                              \
                     :                                                                                                 \
                     : "r"(points[n].value), "r"(points[n].control));                                                  \
        [[fallthrough]];

/// From the last one down.
void write_breakpoints(const Points& points, unsigned count) {
    switch (count - 1) {
        CASES("b")
    default:
        break;
    }
}

void write_watchpoints(const Points& points, unsigned count) {
    switch (count - 1) {
        CASES("w")
    default:
        break;
    }
}

} // namespace

DebugPoints debug_points() {
    const u64 features = IdAa64dfr0El1::read();
    return {static_cast<unsigned>(field(features, 15, 12)) + 1, static_cast<unsigned>(field(features, 23, 20)) + 1};
}

void load_debug(const DebugRegisters& registers) {
    const DebugPoints points = debug_points();
    write_breakpoints(registers.breakpoints, points.breakpoints);
    write_watchpoints(registers.watchpoints, points.watchpoints);
    MdscrEl1::write(registers.control);
}

void silence_debug() {
    MdscrEl1::write(0);
}

} // namespace trv::arch
