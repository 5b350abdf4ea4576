// SPDX-License-Identifier: Apache-2.0
#pragma once
// Memory as a few Arm CPUs share it, small enough for all its behaviours to be looked at. Each variable is one bit.
//
// A CPU's stores wait in its buffer and become visible in any order, except that
// - stores to one variable keep their order;
// - a store-release (STLR) becomes visible after all stores before it.
// A CPU's loads are made in program order, and see its own stores at once. A load-acquire (LDAR) also waits until the CPU's
// earlier store-releases are visible [Arm ARM B2.3.3]: a plain load does not, which is what loses wake-ups.
// An exchange reads and writes memory in one step, which the architecture's exclusive and atomic instructions come to. It
// orders no other store of its CPU unless it has release semantics. If the CPU's own store to the variable is still
// buffered, the exchange may take its value from there (LDAXR forwards from plain stores) and become visible with it.
//
// Not modelled: loads that overtake loads. Where that matters, the code has a lock or an acquire in front of the second.

#include "lib/types.hpp"

#include <array>

namespace trv::model {

enum class Order : u8 { Relaxed, Release };

template <unsigned cpu_count, unsigned variable_count>
class WeakMemory {
  public:
    [[nodiscard]] bool load(unsigned cpu, unsigned variable) const {
        const unsigned store = newest_store(cpu, variable);
        return store != none ? value_of(buffers_[cpu][store]) : memory_[variable] != 0;
    }
    [[nodiscard]] bool can_load_acquire(unsigned cpu) const {
        for (unsigned i = 0; i < counts_[cpu]; ++i) {
            if (is_release(buffers_[cpu][i])) {
                return false;
            }
        }
        return true;
    }
    [[nodiscard]] bool can_store(unsigned cpu) const { return counts_[cpu] < depth; }
    void store(unsigned cpu, unsigned variable, bool value, Order order = Order::Relaxed) {
        buffers_[cpu][counts_[cpu]++] =
            static_cast<u8>(variable << 2 | (order == Order::Release ? 2 : 0) | (value ? 1 : 0));
    }

    /// With release semantics it waits for all its CPU's stores, relaxed for those to its variable.
    [[nodiscard]] bool can_exchange(unsigned cpu, unsigned variable, Order order) const {
        return order == Order::Release ? counts_[cpu] == 0 : newest_store(cpu, variable) == none;
    }
    bool exchange(unsigned variable, bool value) {
        const bool old = memory_[variable] != 0;
        memory_[variable] = value ? 1 : 0;
        return old;
    }
    /// Whether an exchange may take its value from the CPU's own plain store, the only one in its buffer.
    [[nodiscard]] bool can_forward(unsigned cpu, unsigned variable) const {
        return counts_[cpu] == 1 && newest_store(cpu, variable) == 0;
    }
    bool exchange_forwarded(unsigned cpu, unsigned variable, bool value) {
        const bool old = value_of(buffers_[cpu][0]);
        buffers_[cpu][0] = static_cast<u8>(variable << 2 | 2 | (value ? 1 : 0));
        return old;
    }

    /// DSB: all stores are visible.
    [[nodiscard]] bool is_drained(unsigned cpu) const { return counts_[cpu] == 0; }

    /// A lock is a variable: SpinLock::lock() as one step, whose LDAR waits as any does.
    [[nodiscard]] bool can_lock(unsigned cpu, unsigned lock) const {
        return memory_[lock] == 0 && newest_store(cpu, lock) == none && can_load_acquire(cpu);
    }
    void lock(unsigned lock) { memory_[lock] = 1; }
    void unlock(unsigned cpu, unsigned lock) { store(cpu, lock, false, Order::Release); }

    /// Calls emit(next) for each store that can become visible now.
    template <typename Emit>
    void drain(unsigned cpu, Emit emit) const {
        for (unsigned i = 0; i < counts_[cpu]; ++i) {
            const u8 store = buffers_[cpu][i];
            bool waits = is_release(store) && i != 0;
            for (unsigned earlier = 0; earlier < i; ++earlier) {
                waits = waits || variable_of(buffers_[cpu][earlier]) == variable_of(store);
            }
            if (waits) {
                continue;
            }
            WeakMemory next = *this;
            next.memory_[variable_of(store)] = value_of(store) ? 1 : 0;
            for (unsigned j = i; j + 1 < counts_[cpu]; ++j) {
                next.buffers_[cpu][j] = buffers_[cpu][j + 1];
            }
            next.buffers_[cpu][--next.counts_[cpu]] = 0;
            emit(next);
        }
    }

  private:
    static constexpr unsigned depth = 5;
    static constexpr unsigned none = depth;

    static bool value_of(u8 store) { return (store & 1) != 0; }
    static bool is_release(u8 store) { return (store & 2) != 0; }
    static unsigned variable_of(u8 store) { return store >> 2; }
    [[nodiscard]] unsigned newest_store(unsigned cpu, unsigned variable) const {
        for (unsigned i = counts_[cpu]; i-- > 0;) {
            if (variable_of(buffers_[cpu][i]) == variable) {
                return i;
            }
        }
        return none;
    }

    std::array<u8, variable_count> memory_{};
    std::array<std::array<u8, depth>, cpu_count> buffers_{};
    std::array<u8, cpu_count> counts_{};
};

} // namespace trv::model
