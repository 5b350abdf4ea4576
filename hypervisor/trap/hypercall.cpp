// SPDX-License-Identifier: Apache-2.0
#include "sched/per_cpu.hpp"
#include "trap/handlers.hpp"
#include "trap/smc_service.hpp"
#include "vm/vm.hpp"

namespace trv::trap {
namespace {

using namespace arch;

/// "5e1f9a3c-…": identifies this hypervisor to guests that ask [SMCCC 6.2].
constexpr u32 vendor_uid[4] = {0x3c9a1f5e, 0x4b7d40d2, 0x9c0e8ea6, 0x76697274};
constexpr u32 vendor_revision_major = 1;
constexpr u32 vendor_calls = 3;

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

/// Arm architecture calls [SMCCC 7].
struct ArchCalls {
    static constexpr bool claims(u32 function) { return is_fast_call_of(smccc::Owner::Arch, function); }

    static void handle(vm::Vcpu& vcpu, u32 function) {
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
};

/// Stolen time [DEN0057A 3.2].
struct StolenTimeCalls {
    static constexpr bool claims(u32 function) { return is_fast_call_of(smccc::Owner::Hypervisor, function); }

    static void handle(vm::Vcpu& vcpu, u32 function) {
        switch (function) {
        case smccc::PvTimeFeatures: {
            const u32 asked = static_cast<u32>(vcpu.registers().x[1]);
            answer_signed(vcpu, asked == smccc::PvTimeFeatures || asked == smccc::PvTimeStolen ? 0 : -1);
            return;
        }
        case smccc::PvTimeStolen:
            answer(vcpu, vcpu.vm().stolen_time().address_of(vcpu.index()).value);
            return;
        default:
            answer_not_supported(vcpu);
            return;
        }
    }
};

/// Who this hypervisor is [SMCCC 6.2].
struct VendorCalls {
    static constexpr bool claims(u32 function) { return is_fast_call_of(smccc::Owner::VendorHypervisor, function); }

    static void handle(vm::Vcpu& vcpu, u32 function) {
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
};

/// Has the one that claims the function handle it. Static, so that a call costs a few comparisons and no indirect branch.
template <SmcService... Services>
struct ServiceList {
    static void handle(vm::Vcpu& vcpu, u32 function) {
        const bool handled = ((Services::claims(function) && (Services::handle(vcpu, function), true)) || ...);
        if (!handled) {
            answer_not_supported(vcpu);
        }
    }
};

/// The most frequent ones first.
using Services = ServiceList<ArchCalls, SecureCalls, PsciCalls, StolenTimeCalls, VendorCalls>;

} // namespace

void handle_hypercall(vm::Vcpu& vcpu) {
    // A function identifier is 32 bits wide [SMCCC 2.5].
    Services::handle(vcpu, static_cast<u32>(vcpu.registers().x[0]));
}

void refuse_hypercall(vm::Vcpu& vcpu) {
    answer_not_supported(vcpu);
}

} // namespace trv::trap
