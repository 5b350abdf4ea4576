// SPDX-License-Identifier: Apache-2.0
// Paravirtualized time: how long this vCPU waited for a CPU [DEN0057A].

#include "guests/bare/checks/checks.hpp"
#include "guests/bare/lib/hardware/calls.hpp"
#include "guests/bare/lib/hardware/mmio.hpp"
#include "guests/bare/lib/report.hpp"

namespace trv::bare::checks {
namespace {

constexpr u32 smccc_arch_features = 0x8000'0001;
constexpr u32 pv_time_features = 0xc500'0020;
constexpr u32 pv_time_st = 0xc500'0021;
constexpr u64 not_supported = ~u64{0};

/// The structure that PV_TIME_ST names: revision and attributes, 32 bits each, and the nanoseconds.
constexpr u64 stolen_offset = 8;

} // namespace

void stolen_time(std::string_view) {
    check_equal("SMCCC_ARCH_FEATURES knows PV_TIME_FEATURES", call(Conduit::Hvc, smccc_arch_features, pv_time_features),
                0);
    check_equal("PV_TIME_FEATURES knows PV_TIME_ST", call(Conduit::Hvc, pv_time_features, pv_time_st), 0);
    check_equal("PV_TIME_FEATURES rejects unknown functions", call(Conduit::Hvc, pv_time_features, 0xc500'0022),
                not_supported);
    const u64 address = call(Conduit::Hvc, pv_time_st);
    const auto fault = probe_read<u64>(address);
    check_no_fault("the structure can be read", fault);
    if (fault) {
        return;
    }
    check_equal("it has revision 0 and no attributes", mmio_read<u64>(address), 0);
    const u64 before = mmio_read<u64>(address + stolen_offset);
    check("stolen time does not run backwards", mmio_read<u64>(address + stolen_offset) >= before, "it does");
    check_external_abort("the structure cannot be written", probe_write<u64>(address, 1), address);
}

} // namespace trv::bare::checks
