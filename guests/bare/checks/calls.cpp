// SPDX-License-Identifier: Apache-2.0
// SMCCC and PSCI: what is answered, and that nothing else is [SMCCC, PSCI].

#include "guests/bare/lib/hardware/calls.hpp"

#include "guests/bare/checks/checks.hpp"
#include "guests/bare/lib/report.hpp"
#include "lib/psci.hpp"

namespace trv::bare::checks {
namespace {

constexpr u64 not_supported = ~u64{0};
constexpr u32 smccc_version = 0x8000'0000;
constexpr u32 smccc_arch_features = 0x8000'0001;
constexpr u32 vendor_uid = 0x8600'ff01;

/// x1 to x17 come back as they went: no argument is lost, and nothing of the hypervisor's leaks [SMCCC 2.6].
void check_unknown(Conduit conduit, u32 function) {
    CallRegisters before{};
    for (unsigned i = 1; i < before.size(); ++i) {
        before[i] = 0x1111'1111'1111'1111U * i;
    }
    before[0] = function;
    const CallRegisters after = call(conduit, before);
    unsigned changed = 0;
    for (unsigned i = 1; i < after.size(); ++i) {
        changed += after[i] != before[i] ? 1 : 0;
    }
    std::array<char, 64> name;
    check(format_to(name, "{} {} is not supported", conduit == Conduit::Hvc ? "HVC" : "SMC", hex(function)),
          after[0] == not_supported && changed == 0, "x0 {}, {} other registers changed", hex(after[0]), changed);
}

void check_refusals() {
    constexpr u32 functions[] = {
        0x0000'0000, // an old yielding call
        0x3200'0003, // OP-TEE: a yielding call
        0x3f00'0000, // trusted OS, last range
        0x8000'00ff, // Arm architecture
        0x8100'0000, // CPU service
        0x8200'0000, // SiP
        0xc200'0001, // SiP, SMC64
        0x8300'0000, // OEM
        0x8400'001f, // PSCI: no such function
        0x8400'0012, // PSCI: SYSTEM_RESET2
        0x8400'0060, // FF-A
        0x8400'00ff, // standard secure service
        0x8500'0000, // standard hypervisor service
        0x8600'0000, // vendor hypervisor service
        0xb000'0000, // trusted application
        0xb200'0005, // OP-TEE: a fast call
        0xbf00'ff01, // trusted OS: UID
        0xffff'ffff,
    };
    for (const u32 function : functions) {
        check_unknown(Conduit::Hvc, function);
        check_unknown(Conduit::Smc, function);
    }
}

/// Immediates other than 0 are reserved [SMCCC 2.9]: whatever x0 holds, it is no call, and an unknown one is answered.
void check_immediates() {
    struct {
        std::string_view name;
        void (*instruction)(u64*);
    } constexpr forms[] = {{"HVC #0xea1", bare_hvc_xen}, {"SMC #0x123", bare_smc_reserved}};
    for (const auto& form : forms) {
        for (const u32 function : {u32{psci::Version}, u32{psci::SystemOff}, vendor_uid}) {
            CallRegisters registers{function, 1, 2, 3};
            form.instruction(registers.data());
            std::array<char, 64> name;
            check(format_to(name, "{} is not a call of {}", form.name, hex(function)),
                  registers[0] == not_supported && registers[1] == 1 && registers[2] == 2 && registers[3] == 3,
                  "x0 {} x1 {} x2 {} x3 {}", hex(registers[0]), hex(registers[1]), hex(registers[2]),
                  hex(registers[3]));
        }
    }
}

void check_smccc(Conduit conduit) {
    constexpr u64 version_1_2 = 0x1'0002;
    check_equal("SMCCC_VERSION is 1.2", call(conduit, smccc_version), version_1_2);
    check_equal("SMCCC_ARCH_FEATURES knows SMCCC_VERSION", call(conduit, smccc_arch_features, smccc_version), 0);
    check_equal("SMCCC_ARCH_FEATURES rejects unknown functions", call(conduit, smccc_arch_features, 0x8000'00ff),
                not_supported);
    check_equal("the upper half of x0 means nothing", call(conduit, u64{0xdead'beef} << 32 | smccc_version),
                version_1_2);
    const CallRegisters uid = call(conduit, CallRegisters{vendor_uid});
    check("the hypervisor has a UID", static_cast<u32>(uid[0]) != ~u32{0} && (uid[1] | uid[2] | uid[3]) != 0,
          "{} {} {} {}", hex(uid[0]), hex(uid[1]), hex(uid[2]), hex(uid[3]));
}

void check_psci(Conduit conduit) {
    constexpr u32 known[] = {psci::Version,         psci::CpuSuspend32,    psci::CpuSuspend64,   psci::CpuOff,
                             psci::CpuOn32,         psci::CpuOn64,         psci::AffinityInfo32, psci::AffinityInfo64,
                             psci::MigrateInfoType, psci::SystemOff,       psci::SystemReset,    psci::Features,
                             psci::SystemSuspend32, psci::SystemSuspend64, smccc_version};
    check_equal("PSCI_VERSION is 1.1", call(conduit, psci::Version), psci::version_1_1);
    for (const u32 function : known) {
        std::array<char, 48> name;
        check_equal(format_to(name, "PSCI_FEATURES knows {}", hex(function)), call(conduit, psci::Features, function),
                    0);
    }
    check_equal("PSCI_FEATURES rejects unknown functions", call(conduit, psci::Features, 0x8400'001f), not_supported);
    constexpr u64 nothing_to_migrate = 2;
    check_equal("MIGRATE_INFO_TYPE: nothing to migrate", call(conduit, psci::MigrateInfoType), nothing_to_migrate);
}

} // namespace

void calls(std::string_view) {
    check_refusals();
    check_immediates();
    for (const Conduit conduit : {Conduit::Hvc, Conduit::Smc}) {
        check_smccc(conduit);
        check_psci(conduit);
    }
}

} // namespace trv::bare::checks
