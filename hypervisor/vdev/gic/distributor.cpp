// SPDX-License-Identifier: Apache-2.0
#include "arch/cpu/nospec.hpp"
#include "vdev/gic/registers.hpp"
#include "vdev/gic/vgic_v3.hpp"

namespace trv::vdev {
namespace {

namespace gicd = irqchip::gicd;

// No Security Extensions, message-based interrupts, LPIs or third affinity level, and no 1-of-N routing.
[[nodiscard]] constexpr u32 type_of(unsigned words) {
    return (words - 1) | (vgic_id_bits - 1) << gicd::typer_id_bits_shift | gicd::typer_no_one_of_n;
}

constexpr u64 irouter_first = gicd::irouter + 8ull * first_spi;
constexpr u32 irouter_mask = 0xff'ffff; ///< Aff2, Aff1, Aff0; A3V is 0 and IRM not implemented

[[nodiscard]] bool is_irouter(const VGicState& state, u64 offset) {
    return offset >= irouter_first && offset < gicd::irouter + 8ull * state.interrupts();
}

/// Which SPI's, after is_irouter().
[[nodiscard]] IntId spi_of(const VGicState& state, u64 offset) {
    const u64 index = (offset - irouter_first) / 8;
    return IntId(first_spi + static_cast<u32>(arch::nospec_index(index, state.interrupts() - first_spi)));
}

[[nodiscard]] u32 read_control(const VGicState& state) {
    return gicd::ctlr_disable_security | gicd::ctlr_affinity_routing |
           (state.groups.group0 != 0 ? gicd::ctlr_enable_group0 : 0) |
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

[[nodiscard]] VGicBankAccess bank_access(const MmioAccess& access) {
    return {access.offset, access.size, VGicFrame::Distributor, access.vcpu, access.vcpu};
}

[[nodiscard]] u64 read_register(VGicState& state, const MmioAccess& access) {
    if (is_irouter(state, access.offset)) {
        const bool low = access.offset % 8 == 0 && access.size >= 4;
        const IntId spi = spi_of(state, access.offset);
        return low ? state.spi_word(spi.word()).affinity[spi.value % 32] : 0;
    }
    if (access.offset == gicd::ctlr) {
        return access.size == 4 ? read_control(state) : 0;
    }
    return read_bank(state, bank_access(access));
}

void write_register(VGicState& state, const MmioAccess& access, u64 value) {
    if (is_irouter(state, access.offset)) {
        if (access.offset % 8 == 0 && access.size >= 4) {
            state.route(spi_of(state, access.offset), static_cast<u32>(value & irouter_mask));
        }
    } else if (access.offset == gicd::ctlr) {
        if (access.size == 4) {
            write_control(state, static_cast<u32>(value));
        }
    } else {
        write_bank(state, bank_access(access), static_cast<u32>(value));
    }
}

} // namespace

[[gnu::cold]] VGicV3::Distributor::Distributor(VGicV3& gic, unsigned words) : gic_(gic), type_(type_of(words)) {}

MmioRead VGicV3::Distributor::read(const MmioAccess& access) {
    if (access.size == 4) {
        switch (access.offset) { // constants need no lock
        case gicd::typer:
            return type_;
        case gicd::iidr:
            return vgic_iidr;
        case gicd::pidr2:
            return irqchip::pidr2_gicv3;
        default:
            break;
        }
    }
    return read_state(access);
}

MmioRead VGicV3::Distributor::read_state(const MmioAccess& access) {
    const Update update(gic_, access.vcpu);
    return read_register(gic_.state_, access);
}

MmioOutcome VGicV3::Distributor::write(const MmioAccess& access, u64 value) {
    const Update update(gic_, access.vcpu);
    write_register(gic_.state_, access, value);
    return MmioOutcome::Done;
}

} // namespace trv::vdev
