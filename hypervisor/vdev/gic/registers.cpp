// SPDX-License-Identifier: Apache-2.0
#include "vdev/gic/registers.hpp"

#include "arch/nospec.hpp"
#include "irqchip/gicv3/layout.hpp"
#include "vdev/gic/list_registers.hpp"

#include <bit>

namespace trv::vdev {
namespace {

namespace reg = irqchip::gic_bank;

[[nodiscard]] constexpr bool has_word(VGicFrame frame, u64 word) {
    return frame == VGicFrame::Redistributor ? word == 0 : word >= 1 && word < vgic_words;
}

/// Which word it is, once has_word() has said that it exists.
[[nodiscard]] unsigned word_index(u64 word) {
    return static_cast<unsigned>(arch::nospec_mask<vgic_words>(word));
}

/// Brings the state of what is listed, and of hardware-mapped wires, up to date as far as this CPU can, and asks the
/// others to.
void refresh(VGicState& state, unsigned word, const VGicBankAccess& access) {
    const VGicCpu& self = state.cpus[access.self];
    if (self.listed != 0 || self.held != 0) {
        collect(state, access.self);
        sample(state, access.self);
        state.mark(access.self);
    }
    const u32 elsewhere = state.bank(word, access.owner).listed;
    if (elsewhere == 0) {
        return;
    }
    for (unsigned vcpu = 0; vcpu < state.vcpus; ++vcpu) {
        const bool has = word == 0 ? vcpu == access.owner : (state.cpus[vcpu].mine[word - 1] & elsewhere) != 0;
        if (has) {
            state.mark(vcpu);
        }
    }
}

/// Hardware-mapped wires of the accessing vCPU that are high. While it handles such an interrupt, only the wire shows
/// whether it is pending again.
[[nodiscard]] u32 asserted_inputs(VGicState& state, unsigned word, const VGicBankAccess& access) {
    u32 asserted = 0;
    if (word == 0 && access.owner == access.self) {
        for (u32 left = state.cpus[access.self].own.hardware; left != 0; left &= left - 1) {
            const IntId ppi(static_cast<u32>(std::countr_zero(left)));
            asserted |= state.inputs.is_asserted(access.self, ppi) ? ppi.bit() : 0;
        }
    }
    return asserted;
}

[[nodiscard]] u32 read_bits(VGicState& state, unsigned word, const VGicBankAccess& access) {
    const InterruptBank& bank = state.bank(word, access.owner);
    switch (access.offset & ~(reg::bits_array_size - 1)) {
    case reg::igroupr:
        return bank.group1;
    case reg::isenabler:
    case reg::icenabler:
        return bank.enabled;
    case reg::ispendr:
    case reg::icpendr:
        refresh(state, word, access);
        return bank.pending() | bank.presented | asserted_inputs(state, word, access);
    case reg::isactiver:
    case reg::icactiver:
        refresh(state, word, access);
        return bank.active;
    default:
        return 0;
    }
}

/// ISACTIVER: an interrupt in no list register becomes active where it is routed to.
void activate(VGicState& state, unsigned word, InterruptBank& bank, u32 mask) {
    if (word != 0) {
        const u32 fresh = mask & ~(bank.active | bank.listed);
        for (unsigned vcpu = 0; vcpu < state.vcpus; ++vcpu) {
            state.cpus[vcpu].mine[word - 1] |= fresh & state.cpus[vcpu].routed[word - 1];
        }
    }
    bank.set_active(mask);
}

void deactivate(VGicState& state, unsigned word, InterruptBank& bank, u32 mask) {
    bank.clear_active(mask);
    if (word != 0) {
        for (unsigned vcpu = 0; vcpu < state.vcpus; ++vcpu) {
            state.cpus[vcpu].mine[word - 1] &= ~(mask & ~bank.listed);
        }
    }
}

void write_bits(VGicState& state, unsigned word, const VGicBankAccess& access, u32 value) {
    InterruptBank& bank = state.bank(word, access.owner);
    u32 changed = value;
    switch (access.offset & ~(reg::bits_array_size - 1)) {
    case reg::igroupr:
        changed = bank.group1 ^ value;
        bank.group1 = value;
        break;
    case reg::isenabler:
        changed = value & ~bank.enabled;
        bank.enabled |= value;
        break;
    case reg::icenabler:
        changed = value & bank.enabled;
        bank.enabled &= ~value;
        break;
    case reg::ispendr:
        bank.set_pending(value);
        bank.forced |= value & bank.hardware;
        break;
    case reg::icpendr:
        bank.clear_pending(value);
        break;
    case reg::isactiver:
        activate(state, word, bank, value);
        break;
    case reg::icactiver:
        deactivate(state, word, bank, value);
        break;
    default:
        return;
    }
    state.touch(word, changed, access.owner);
}

[[nodiscard]] u32 read_priorities(const InterruptBank& bank, unsigned first, unsigned count) {
    u32 value = 0;
    for (unsigned i = 0; i < count; ++i) {
        value |= u32{bank.priority[first + i]} << (8 * i);
    }
    return value;
}

void write_priorities(VGicState& state, unsigned word, const VGicBankAccess& access, u32 value) {
    InterruptBank& bank = state.bank(word, access.owner);
    const unsigned first = access.offset % 32;
    for (unsigned i = 0; i < access.size; ++i) {
        bank.priority[first + i] = static_cast<u8>((value >> (8 * i)) & state.priority_mask);
    }
    state.touch(word, ((u32{1} << access.size) - 1) << first, access.owner);
}

/// The half of a bank that an ICFGR holds.
[[nodiscard]] constexpr unsigned config_shift(u64 offset) {
    return offset % 8 != 0 ? 16 : 0;
}

[[nodiscard]] u32 read_config(const InterruptBank& bank, u64 offset) {
    const u32 half = bank.edge >> config_shift(offset);
    u32 value = 0;
    for (unsigned i = 0; i < 16; ++i) {
        value |= (half >> i & 1) << (2 * i + 1);
    }
    return value;
}

void write_config(VGicState& state, unsigned word, const VGicBankAccess& access, u32 value) {
    const unsigned shift = config_shift(access.offset);
    if (word == 0 && shift == 0) {
        return; // SGIs are edges
    }
    InterruptBank& bank = state.bank(word, access.owner);
    u32 half = 0;
    for (unsigned i = 0; i < 16; ++i) {
        half |= (value >> (2 * i + 1) & 1) << i;
    }
    const u32 mask = u32{0xffff} << shift;
    const u32 old = bank.edge;
    bank.edge = ((old & ~mask) | (half << shift)) & ~bank.hardware;
    state.touch(word, bank.edge ^ old, access.owner);
}

} // namespace

u32 read_bank(VGicState& state, const VGicBankAccess& access) {
    const u64 offset = access.offset;
    if (offset >= reg::ipriorityr && offset < reg::ipriorityr_end) {
        const u64 word = (offset - reg::ipriorityr) / 32;
        if ((access.size == 4 || access.size == 1) && has_word(access.frame, word)) {
            return read_priorities(state.bank(word_index(word), access.owner), offset % 32, access.size);
        }
        return 0;
    }
    if (access.size != 4) {
        return 0;
    }
    if (offset < reg::ipriorityr) {
        const u64 word = offset % reg::bits_array_size / 4;
        return has_word(access.frame, word) ? read_bits(state, word_index(word), access) : 0;
    }
    if (offset >= reg::icfgr && offset < reg::icfgr_end) {
        const u64 word = (offset - reg::icfgr) / 8;
        return has_word(access.frame, word) ? read_config(state.bank(word_index(word), access.owner), offset) : 0;
    }
    return 0;
}

void write_bank(VGicState& state, const VGicBankAccess& access, u32 value) {
    const u64 offset = access.offset;
    if (offset >= reg::ipriorityr && offset < reg::ipriorityr_end) {
        const u64 word = (offset - reg::ipriorityr) / 32;
        if ((access.size == 4 || access.size == 1) && has_word(access.frame, word)) {
            write_priorities(state, word_index(word), access, value);
        }
        return;
    }
    if (access.size != 4) {
        return;
    }
    if (offset < reg::ipriorityr) {
        const u64 word = offset % reg::bits_array_size / 4;
        if (has_word(access.frame, word)) {
            write_bits(state, word_index(word), access, value);
        }
    } else if (offset >= reg::icfgr && offset < reg::icfgr_end) {
        const u64 word = (offset - reg::icfgr) / 8;
        if (has_word(access.frame, word)) {
            write_config(state, word_index(word), access, value);
        }
    }
}

} // namespace trv::vdev
