// SPDX-License-Identifier: Apache-2.0
#include "vdev/gic/candidates.hpp"

#include <algorithm>
#include <bit>

namespace trv::vdev {
namespace {

// Orders interrupts: a smaller key is served first.
constexpr unsigned key_priority_shift = 16;
constexpr u32 key_waiting = 1u << 10; ///< pending, not active
constexpr u32 key_intid_mask = 0x3ff;
constexpr u32 no_key = ~u32{0};
static_assert(end_of_spis - 1 <= key_intid_mask);

[[nodiscard]] constexpr u32 make_key(u8 priority, bool waiting, unsigned intid) {
    return (u32{priority} << key_priority_shift) | (waiting ? key_waiting : 0) | intid;
}

[[nodiscard]] constexpr bool is_waiting(u32 key) {
    return (key & key_waiting) != 0;
}

/// The smallest keys seen, in order.
class BestKeys {
  public:
    explicit BestKeys(unsigned room) : room_(room) {}

    void offer(u32 key) {
        if (count_ == room_) {
            if (key > keys_[room_ - 1]) {
                return;
            }
            --count_;
        }
        unsigned position = count_;
        for (; position > 0 && keys_[position - 1] > key; --position) {
            keys_[position] = keys_[position - 1];
        }
        keys_[position] = key;
        ++count_;
    }
    void replace_last(u32 key) { keys_[count_ - 1] = key; }

    [[nodiscard]] unsigned count() const { return count_; }
    [[nodiscard]] u32 operator[](unsigned i) const { return keys_[i]; }
    [[nodiscard]] u32 last() const { return keys_[count_ - 1]; }

  private:
    std::array<u32, irqchip::max_list_registers> keys_{};
    unsigned room_;
    unsigned count_ = 0;
};

} // namespace

bool VGicCandidates::more_than(unsigned room) const {
    // Bit by bit: few are set as a rule, and a population count without SIMD registers is long.
    unsigned count = 0;
    for (u32 rest = words; rest != 0; rest &= rest - 1) {
        for (u32 left = any(static_cast<unsigned>(std::countr_zero(rest))); left != 0; left &= left - 1) {
            if (++count > room) {
                return true;
            }
        }
    }
    return false;
}

void find_candidates(VGicState& state, unsigned vcpu, VGicCandidates& found) {
    const VGicCpu& cpu = state.cpus[vcpu];
    found.deliverable[0] = cpu.own.deliverable(state.groups);
    found.active[0] = cpu.own.active;
    found.words = found.any(0) != 0 ? 1 : 0;
    for (u32 rest = state.busy; rest != 0; rest &= rest - 1) {
        const unsigned word = static_cast<unsigned>(std::countr_zero(rest));
        const VGicSpiWord& spis = state.spi_word(word);
        const InterruptBank& bank = spis.bank;
        if ((bank.latch | bank.line | bank.active | bank.listed) == 0) {
            state.busy &= ~(u32{1} << word);
            continue;
        }
        const u32 elsewhere = (bank.listed | bank.active) & ~spis.mine[vcpu];
        found.deliverable[word] = bank.deliverable(state.groups) & spis.routed[vcpu] & ~elsewhere;
        found.active[word] = bank.active & spis.mine[vcpu];
        found.words |= found.any(word) != 0 ? u32{1} << word : 0;
    }
}

VGicChoice choose(VGicState& state, unsigned vcpu, const VGicCandidates& candidates, unsigned room) {
    BestKeys best(room);
    u32 first_waiting = no_key;
    unsigned waiting = 0;
    unsigned active = 0;
    for (u32 rest = candidates.words; rest != 0; rest &= rest - 1) {
        const unsigned word = static_cast<unsigned>(std::countr_zero(rest));
        const InterruptBank& bank = state.bank(word, vcpu);
        for (u32 left = candidates.any(word); left != 0; left &= left - 1) {
            const unsigned index = static_cast<unsigned>(std::countr_zero(left));
            const bool waits = (candidates.active[word] >> index & 1) == 0;
            const u32 key = make_key(bank.priority[index], waits, 32 * word + index);
            ++(waits ? waiting : active);
            if (waits) {
                first_waiting = std::min(first_waiting, key);
            }
            best.offer(key);
        }
    }
    if (first_waiting != no_key && first_waiting > best.last()) {
        best.replace_last(first_waiting);
    }
    VGicChoice choice;
    choice.count = best.count();
    for (unsigned i = 0; i < best.count(); ++i) {
        choice.chosen[i] = IntId(best[i] & key_intid_mask);
        --(is_waiting(best[i]) ? waiting : active);
    }
    choice.pending_outside = waiting != 0;
    choice.active_outside = active != 0;
    return choice;
}

IntId most_urgent_unlisted_active(VGicState& state, unsigned vcpu) {
    u32 best = no_key;
    for (u32 rest = state.busy | 1; rest != 0; rest &= rest - 1) {
        const unsigned word = static_cast<unsigned>(std::countr_zero(rest));
        const InterruptBank& bank = state.bank(word, vcpu);
        const u32 own = word == 0 ? ~u32{0} : state.spi_word(word).mine[vcpu];
        for (u32 left = bank.active & ~bank.listed & own; left != 0; left &= left - 1) {
            const unsigned index = static_cast<unsigned>(std::countr_zero(left));
            best = std::min(best, make_key(bank.priority[index], false, 32 * word + index));
        }
    }
    constexpr IntId none(1023);
    return best == no_key ? none : IntId(best & key_intid_mask);
}

} // namespace trv::vdev
