// SPDX-License-Identifier: Apache-2.0
#include "trap/hypercall.hpp"

#include "arch/smccc.hpp"
#include "sched/per_cpu.hpp"
#include "tee/tenant.hpp"
#include "trap/guest_psci.hpp"
#include "trap/secure_call.hpp"
#include "vm/vm.hpp"

namespace trv::trap {
namespace {

using namespace arch;

/// "5e1f9a3c-…": identifies this hypervisor to guests that ask [SMCCC 6.2].
constexpr u32 vendor_uid[4] = {0x3c9a1f5e, 0x4b7d40d2, 0x9c0e8ea6, 0x76697274};
constexpr u32 vendor_revision_major = 1;
constexpr u32 vendor_calls = 3;

void answer(vm::Vcpu& vcpu, u64 x0) {
    vcpu.registers().x[0] = x0;
}

void answer_not_supported(vm::Vcpu& vcpu) {
    answer(vcpu, ~u64{0});
}

/// Sign-extended, because callers check w0 or x0 [SMCCC 5.1].
void answer_signed(vm::Vcpu& vcpu, i32 value) {
    answer(vcpu, static_cast<u64>(i64{value}));
}

/// Of the physical CPU that the vCPU always runs on: CPUs of one machine may need different ones.
i32 feature(const CpuFacts& cpu, u32 function) {
    switch (function) {
    case smccc::Version:
    case smccc::ArchFeatures:
    case smccc::PvTimeFeatures:
        return 0;
    case smccc::ArchWorkaround1:
        return cpu.workaround1;
    case smccc::ArchWorkaround2:
        return workaround2_for_guests(cpu);
    case smccc::ArchWorkaround3:
        return cpu.workaround3;
    default:
        return -1;
    }
}

/// Calls the firmware's mitigation for this very CPU. No argument of the guest's goes along. Out of line, so that other
/// calls need no frame for the arguments.
[[gnu::noinline]] void forward_workaround(vm::Vcpu& vcpu, u32 function) {
    if (feature(vcpu.home().facts, function) < 0) {
        answer_not_supported(vcpu);
        return;
    }
    smc({{function}});
}

/// WORKAROUND_2 switches a mitigation of the CPU, not of the caller: it stays on for EL2 and all guests, and the
/// guest's switch changes nothing but its speed.
void switch_store_bypass(vm::Vcpu& vcpu) {
    if (vcpu.home().facts.workaround2 < 0) {
        answer_not_supported(vcpu);
    }
}

void handle_arch_call(vm::Vcpu& vcpu, u32 function) {
    switch (function) {
    case smccc::Version:
        answer(vcpu, smccc::version_1_2);
        return;
    case smccc::ArchFeatures:
        answer_signed(vcpu, feature(vcpu.home().facts, static_cast<u32>(vcpu.registers().x[1])));
        return;
    case smccc::ArchWorkaround1:
    case smccc::ArchWorkaround3:
        forward_workaround(vcpu, function);
        return;
    case smccc::ArchWorkaround2:
        switch_store_bypass(vcpu);
        return;
    default:
        answer_not_supported(vcpu);
        return;
    }
}

/// Stolen time [DEN0057A 3.2].
void handle_time_call(vm::Vcpu& vcpu, u32 function) {
    switch (function) {
    case smccc::PvTimeFeatures: {
        const u32 asked = static_cast<u32>(vcpu.registers().x[1]);
        answer_signed(vcpu, asked == smccc::PvTimeFeatures || asked == smccc::PvTimeStolen ? 0 : -1);
        return;
    }
    case smccc::PvTimeStolen:
        answer(vcpu, vm::StolenTime::address_of(vcpu.index()).value);
        return;
    default:
        answer_not_supported(vcpu);
        return;
    }
}

void handle_vendor_call(vm::Vcpu& vcpu, u32 function) {
    auto& x = vcpu.registers().x;
    switch (function) {
    case smccc::VendorCallCount:
        x[0] = vendor_calls;
        return;
    case smccc::VendorUid:
        for (unsigned i = 0; i < 4; ++i) {
            x[i] = vendor_uid[i];
        }
        return;
    case smccc::VendorRevision:
        x[0] = vendor_revision_major;
        x[1] = 0;
        return;
    default:
        answer_not_supported(vcpu);
        return;
    }
}

} // namespace

void handle_hypercall(vm::Vcpu& vcpu) {
    const u32 function = static_cast<u32>(vcpu.registers().x[0]); // a function identifier is 32 bits wide [SMCCC 2.5]
    if (tee::Tenant::is_for_tee(function)) {
        handle_secure_call(vcpu);
        return;
    }
    if (!smccc::is_fast(function)) {
        answer_not_supported(vcpu);
        return;
    }
    switch (static_cast<smccc::Owner>(smccc::owner(function))) {
    case smccc::Owner::Arch:
        handle_arch_call(vcpu, function);
        return;
    case smccc::Owner::Standard:
        handle_psci_call(vcpu, function);
        return;
    case smccc::Owner::Hypervisor:
        handle_time_call(vcpu, function);
        return;
    case smccc::Owner::VendorHypervisor:
        handle_vendor_call(vcpu, function);
        return;
    default:
        answer_not_supported(vcpu);
        return;
    }
}

void refuse_hypercall(vm::Vcpu& vcpu) {
    answer_not_supported(vcpu);
}

} // namespace trv::trap
