// SPDX-License-Identifier: Apache-2.0
#include "arch/cpu/nospec.hpp"
#include "vdev/gic/registers.hpp"
#include "vdev/gic/vgic_v3.hpp"

namespace trv::vdev {
namespace {

namespace gicr = irqchip::gicr;

/// A decoded access: the redistributor, and the offset in it.
struct Target {
    unsigned vcpu;
    u64 offset;
};

[[nodiscard]] constexpr Target target_of(u64 offset) {
    return {static_cast<unsigned>(offset / gicr::frames_size), offset % gicr::frames_size};
}

/// vCPU i has affinity 0.0.0.i; no LPIs.
[[nodiscard]] constexpr u64 type_of(unsigned vcpu, unsigned vcpus) {
    return u64{vcpu} << gicr::typer_affinity_shift | u64{vcpu} << gicr::typer_processor_shift |
           (vcpu + 1 == vcpus ? gicr::typer_last : 0);
}

[[nodiscard]] constexpr VGicBankAccess bank_access(Target target, const MmioAccess& access) {
    return {target.offset - gicr::sgi_base, access.size, VGicFrame::Redistributor, target.vcpu, access.vcpu};
}

/// RD_base. GICR_CTLR and GICR_STATUSR have no field that is implemented here.
[[nodiscard]] u64 read_base(const VGicState& state, Target target, u8 size) {
    const u64 type = type_of(target.vcpu, state.vcpus);
    if (size == 8) {
        return target.offset == gicr::typer ? type : 0;
    }
    if (size != 4) {
        return 0;
    }
    switch (target.offset) {
    case gicr::iidr:
        return vgic_iidr;
    case gicr::typer:
        return static_cast<u32>(type);
    case gicr::typer + 4:
        return type >> 32;
    case gicr::waker:
        return state.cpus[target.vcpu].asleep ? gicr::waker_processor_sleep | gicr::waker_children_asleep : 0;
    case gicr::pidr2:
        return irqchip::pidr2_gicv3;
    default:
        return 0;
    }
}

/// Sleep is stored and acknowledged immediately, but does not block interrupts: a vCPU that is off takes none anyway.
void write_base(VGicState& state, Target target, u8 size, u64 value) {
    if (target.offset == gicr::waker && size == 4) {
        state.cpus[target.vcpu].asleep = (value & gicr::waker_processor_sleep) != 0;
    }
}

} // namespace

MmioRead VGicV3::Redistributors::read(const MmioAccess& access) {
    Target target = target_of(access.offset);
    const Update update(gic_, access.vcpu);
    if (target.vcpu >= gic_.state_.vcpus) {
        return 0;
    }
    target.vcpu = arch::nospec_mask<max_vcpus>(target.vcpu);
    return target.offset < gicr::sgi_base ? read_base(gic_.state_, target, access.size)
                                          : read_bank(gic_.state_, bank_access(target, access));
}

MmioOutcome VGicV3::Redistributors::write(const MmioAccess& access, u64 value) {
    Target target = target_of(access.offset);
    const Update update(gic_, access.vcpu);
    if (target.vcpu >= gic_.state_.vcpus) {
        return MmioOutcome::Done;
    }
    target.vcpu = arch::nospec_mask<max_vcpus>(target.vcpu);
    if (target.offset < gicr::sgi_base) {
        write_base(gic_.state_, target, access.size, value);
    } else {
        write_bank(gic_.state_, bank_access(target, access), static_cast<u32>(value));
    }
    return MmioOutcome::Done;
}

} // namespace trv::vdev
