// SPDX-License-Identifier: Apache-2.0
#include "arch/cpu/nospec.hpp"
#include "irqchip/gicv3/layout.hpp"
#include "vdev/gic/list_registers.hpp"
#include "vdev/gic/registers.hpp"
#include "vdev/gic/vgic_v2.hpp"

#include <bit>

namespace trv::vdev {
namespace {

namespace gicd = irqchip::gicd_v2;
namespace reg = irqchip::gic_bank;

constexpr u32 sgi_mask = (u32{1} << SgiSenders::sgis) - 1;
constexpr u32 no_vcpu = ~u32{0};

/// No Security Extensions.
[[nodiscard]] u32 type_of(const VGicState& state) {
    return (state.words - 1) | (state.vcpus - 1) << gicd::typer_cpus_shift;
}

[[nodiscard]] u32 everyone(const VGicState& state) {
    return (u32{1} << state.vcpus) - 1;
}

[[nodiscard]] u32 read_control(const VGicState& state) {
    return (state.groups.group0 != 0 ? gicd::ctlr_enable_group0 : 0) |
           (state.groups.group1 != 0 ? gicd::ctlr_enable_group1 : 0);
}

void write_control(VGicState& state, u32 value) {
    const GroupMasks groups{(value & gicd::ctlr_enable_group0) != 0 ? ~u32{0} : 0,
                            (value & gicd::ctlr_enable_group1) != 0 ? ~u32{0} : 0};
    if (groups != state.groups) {
        state.groups = groups;
        state.touch_all();
    }
}

/// Whether a register of an array holds private interrupts, which each vCPU has for itself.
[[nodiscard]] bool is_private(u64 offset) {
    if (offset < reg::ipriorityr) {
        return offset % reg::bits_array_size < 4;
    }
    return offset < reg::ipriorityr_end ? offset - reg::ipriorityr < 32 : offset - reg::icfgr < 8;
}

[[nodiscard]] VGicBankAccess bank_access(const MmioAccess& access) {
    return {access.offset, access.size, is_private(access.offset) ? VGicFrame::Redistributor : VGicFrame::Distributor,
            access.vcpu, access.vcpu};
}

/// Registers with a byte for each interrupt: one of them, or four.
[[nodiscard]] bool has_byte_size(const MmioAccess& access) {
    return access.size == 4 || access.size == 1;
}

/// Calls use(byte's index, SPI) for those that an access of ITARGETSR concerns.
template <typename Use>
void for_each_target(const VGicState& state, const MmioAccess& access, Use use) {
    for (unsigned i = 0; i < access.size; ++i) {
        const u32 number = static_cast<u32>(access.offset - gicd::itargetsr) + i;
        if (number >= first_spi && number < state.interrupts()) {
            use(i, IntId(first_spi + arch::nospec_index(number - first_spi, state.interrupts() - first_spi)));
        }
    }
}

/// Private interrupts have the vCPU that looks for their target. With one vCPU all read as zero [GICv2 4.3.12].
[[nodiscard]] u32 read_targets(const VGicState& state, const MmioAccess& access) {
    if (state.vcpus == 1) {
        return 0;
    }
    u32 value = 0;
    if (access.offset < gicd::itargetsr + first_spi) {
        for (unsigned i = 0; i < access.size; ++i) {
            value |= u32{1} << (8 * i + access.vcpu);
        }
        return value;
    }
    for_each_target(state, access, [&](unsigned i, IntId spi) {
        value |= state.spi_word(spi.word()).affinity[spi.value % 32] << (8 * i);
    });
    return value;
}

void write_targets(VGicState& state, const MmioAccess& access, u32 value) {
    if (state.vcpus == 1) {
        return;
    }
    for_each_target(state, access, [&](unsigned i, IntId spi) {
        const u32 targets = (value >> (8 * i)) & everyone(state);
        state.route(spi, targets != 0 ? static_cast<u32>(std::countr_zero(targets)) : no_vcpu);
        state.spi_word(spi.word()).affinity[spi.value % 32] = targets;
    });
}

void send(VGicState& state, IntId sgi, unsigned from, unsigned to) {
    state.v2->senders[to].add(sgi, static_cast<u8>(1U << from));
    state.cpus[to].own.set_pending(sgi.bit());
    state.touch_own(sgi.bit(), to);
}

void send_sgi(VGicState& state, unsigned from, u32 value) {
    u32 targets = 0;
    switch ((value >> gicd::sgir_filter_shift) & gicd::sgir_filter_mask) {
    case gicd::sgir_to_list:
        targets = (value >> gicd::sgir_targets_shift) & gicd::sgir_targets_mask & everyone(state);
        break;
    case gicd::sgir_to_others:
        targets = everyone(state) & ~(u32{1} << from);
        break;
    case gicd::sgir_to_self:
        targets = u32{1} << from;
        break;
    default: // reserved
        break;
    }
    for (u32 left = targets; left != 0; left &= left - 1) {
        send(state, IntId(value & gicd::sgir_intid_mask), from, static_cast<unsigned>(std::countr_zero(left)));
    }
}

/// Brings the senders of the accessing vCPU's SGIs up to date. It is loaded, and flushed before it enters the guest.
SgiSenders& collected_senders(VGicState& state, unsigned vcpu) {
    if (state.cpus[vcpu].listed != 0) {
        collect(state, vcpu);
        state.mark(vcpu);
    }
    return state.v2->senders[vcpu];
}

/// CPENDSGIR and SPENDSGIR: of which both read the same.
[[nodiscard]] bool is_sgi_pending_register(u64 offset) {
    return offset >= gicd::cpendsgir && offset < gicd::spendsgir_end;
}

[[nodiscard]] u32 read_senders(VGicState& state, const MmioAccess& access) {
    const SgiSenders& senders = collected_senders(state, access.vcpu);
    u32 value = 0;
    for (unsigned i = 0; i < access.size; ++i) {
        value |= u32{senders.waiting(IntId(static_cast<u32>(access.offset % SgiSenders::sgis) + i))} << (8 * i);
    }
    return value;
}

void write_senders(VGicState& state, const MmioAccess& access, u32 value) {
    SgiSenders& senders = collected_senders(state, access.vcpu);
    InterruptBank& own = state.cpus[access.vcpu].own;
    for (unsigned i = 0; i < access.size; ++i) {
        const IntId sgi(static_cast<u32>(access.offset % SgiSenders::sgis) + i);
        const u8 mask = static_cast<u8>((value >> (8 * i)) & everyone(state));
        if (access.offset >= gicd::spendsgir) {
            senders.add(sgi, mask);
        } else {
            senders.remove(sgi, mask);
        }
        if (senders.waiting(sgi) != 0) {
            own.set_pending(sgi.bit());
        } else {
            own.clear_pending(sgi.bit());
        }
        state.touch_own(sgi.bit(), access.vcpu);
    }
}

[[nodiscard]] bool is_targets(u64 offset) {
    return offset >= gicd::itargetsr && offset < gicd::itargetsr_end;
}

[[nodiscard]] u32 read_register(VGicState& state, const MmioAccess& access) {
    if (is_targets(access.offset)) {
        return has_byte_size(access) ? read_targets(state, access) : 0;
    }
    if (is_sgi_pending_register(access.offset)) {
        return has_byte_size(access) ? read_senders(state, access) : 0;
    }
    if (access.offset == gicd::ctlr) {
        return access.size == 4 ? read_control(state) : 0;
    }
    return read_bank(state, bank_access(access));
}

/// The arrays that all GICs have. Only SPENDSGIR and CPENDSGIR change the pending state of SGIs [GICv2 4.3.7, 4.3.8].
void write_array(VGicState& state, const MmioAccess& access, u32 value) {
    const bool pending = access.offset == reg::ispendr || access.offset == reg::icpendr;
    write_bank(state, bank_access(access), pending ? value & ~sgi_mask : value);
}

void write_register(VGicState& state, const MmioAccess& access, u32 value) {
    if (is_targets(access.offset)) {
        if (has_byte_size(access)) {
            write_targets(state, access, value);
        }
    } else if (is_sgi_pending_register(access.offset)) {
        if (has_byte_size(access)) {
            write_senders(state, access, value);
        }
    } else if (access.offset == gicd::sgir || access.offset == gicd::ctlr) {
        if (access.size == 4) {
            access.offset == gicd::sgir ? send_sgi(state, access.vcpu, value) : write_control(state, value);
        }
    } else {
        write_array(state, access, value);
    }
}

} // namespace

MmioRead VGicV2::Distributor::read(const MmioAccess& access) {
    const Update update(gic_, access.vcpu);
    if (access.size == 4) {
        switch (access.offset) {
        case gicd::typer:
            return type_of(gic_.state_);
        case gicd::iidr:
            return vgic_iidr;
        case gicd::icpidr2:
            return gicd::icpidr2_gicv2;
        default:
            break;
        }
    }
    return read_register(gic_.state_, access);
}

MmioOutcome VGicV2::Distributor::write(const MmioAccess& access, u64 value) {
    const Update update(gic_, access.vcpu);
    write_register(gic_.state_, access, static_cast<u32>(value));
    return MmioOutcome::Done;
}

} // namespace trv::vdev
