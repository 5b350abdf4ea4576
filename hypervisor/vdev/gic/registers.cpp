// SPDX-License-Identifier: Apache-2.0
#include "vdev/gic/registers.hpp"

#include "irqchip/gicv3/layout.hpp"
#include "vdev/gic/hardware_spis.hpp"
#include "vdev/gic/list_registers.hpp"

#include <bit>

namespace trv::vdev {
namespace {

namespace reg = irqchip::gic_bank;

enum class Array : u8 { None, Bits, Priorities, Config };

/// What an access concerns: a kind of register, and a word of interrupts that exists.
struct Target {
    Array array = Array::None;
    unsigned word = 0;
};

[[nodiscard]] Target decode(const VGicState& state, const VGicBankAccess& access) {
    const u64 offset = access.offset;
    Array array = Array::None;
    u64 word = 0;
    if (offset < reg::ipriorityr) {
        array = access.size == 4 ? Array::Bits : Array::None;
        word = offset % reg::bits_array_size / 4;
    } else if (offset < reg::ipriorityr_end) {
        array = access.size == 4 || access.size == 1 ? Array::Priorities : Array::None;
        word = (offset - reg::ipriorityr) / 32;
    } else if (access.size == 4 && offset >= reg::icfgr && offset < reg::icfgr_end) {
        array = Array::Config;
        word = (offset - reg::icfgr) / 8;
    }
    const bool exists = access.frame == VGicFrame::Redistributor ? word == 0 : word >= 1 && word < state.words;
    // The number of words is a power of two: so the mask keeps the index below it even where the CPU has guessed.
    return exists ? Target{array, static_cast<unsigned>(word) & (state.words - 1)} : Target{};
}

/// Brings the state of what is listed, and of hardware-mapped wires, up to date as far as this CPU can, and asks the
/// others to.
void refresh(VGicState& state, unsigned word, const VGicBankAccess& access) {
    const VGicCpu& self = state.cpus[access.self];
    if (self.listed != 0 || self.own.held != 0) {
        collect(state, access.self);
        sample(state, access.self);
        state.mark(access.self);
    }
    const u32 elsewhere = state.bank(word, access.owner).listed;
    if (elsewhere == 0) {
        return;
    }
    for (unsigned vcpu = 0; vcpu < state.vcpus; ++vcpu) {
        const bool has = word == 0 ? vcpu == access.owner : (state.spi_word(word).mine[vcpu] & elsewhere) != 0;
        if (has) {
            state.mark(vcpu);
        }
    }
}

/// Hardware-mapped wires that are high; of private ones, the accessing vCPU's. While it handles such an interrupt, only
/// the wire shows whether it is pending again.
[[nodiscard]] u32 asserted_inputs(VGicState& state, unsigned word, const VGicBankAccess& access) {
    if (word != 0) {
        return physically_pending(state, word);
    }
    u32 asserted = 0;
    if (access.owner == access.self) {
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
        VGicSpiWord& spis = state.spi_word(word);
        const u32 fresh = mask & ~(bank.active | bank.listed);
        for (unsigned vcpu = 0; vcpu < state.vcpus; ++vcpu) {
            spis.mine[vcpu] |= fresh & spis.routed[vcpu];
        }
    }
    bank.set_active(mask);
}

void deactivate(VGicState& state, unsigned word, InterruptBank& bank, u32 mask) {
    bank.clear_active(mask);
    if (word != 0) {
        for (unsigned vcpu = 0; vcpu < state.vcpus; ++vcpu) {
            state.spi_word(word).mine[vcpu] &= ~(mask & ~bank.listed);
        }
    }
}

/// ISPENDR of hardware-mapped ones. A list register that was acknowledged before must not end it; where only another CPU
/// can tell, it comes once more rather than not at all.
void force(VGicState& state, unsigned word, const VGicBankAccess& access, u32 mask) {
    InterruptBank& bank = state.bank(word, access.owner);
    if ((bank.presented & mask) != 0) {
        refresh(state, word, access);
        bank.presented &= ~mask;
    }
    bank.forced |= mask;
}

void write_bits(VGicState& state, unsigned word, const VGicBankAccess& access, u32 written) {
    InterruptBank& bank = state.bank(word, access.owner);
    const u32 value = written & VGicState::existing(word);
    const u64 array = access.offset & ~(reg::bits_array_size - 1);
    u32 changed = value;
    switch (array) {
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
        force(state, word, access, value & bank.hardware);
        bank.set_pending(value);
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
    if (changed == 0) {
        return;
    }
    if (word != 0 && (changed & bank.hardware) != 0) [[unlikely]] {
        follow_write(state, word, array, changed);
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
    bank.edge = (old & ~mask) | (half << shift);
    if (word == 0) {
        bank.edge &= ~bank.hardware; // timers are levels
    } else if (((bank.edge ^ old) & bank.hardware) != 0) {
        follow_triggers(state, word, bank.edge ^ old);
    }
    state.touch(word, bank.edge ^ old, access.owner);
}

} // namespace

u32 read_bank(VGicState& state, const VGicBankAccess& access) {
    const auto [array, word] = decode(state, access);
    switch (array) {
    case Array::Bits:
        return read_bits(state, word, access);
    case Array::Priorities:
        return read_priorities(state.bank(word, access.owner), access.offset % 32, access.size);
    case Array::Config:
        return read_config(state.bank(word, access.owner), access.offset);
    case Array::None:
        break;
    }
    return 0;
}

void write_bank(VGicState& state, const VGicBankAccess& access, u32 value) {
    const auto [array, word] = decode(state, access);
    switch (array) {
    case Array::Bits:
        return write_bits(state, word, access, value);
    case Array::Priorities:
        return write_priorities(state, word, access, value);
    case Array::Config:
        return write_config(state, word, access, value);
    case Array::None:
        break;
    }
}

} // namespace trv::vdev
