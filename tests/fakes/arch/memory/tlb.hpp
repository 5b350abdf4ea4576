// SPDX-License-Identifier: Apache-2.0
#pragma once
// Records what was invalidated, in order.

#include "lib/types.hpp"

#include <atomic>
#include <functional>
#include <vector>

namespace trv::arch {

inline constexpr u64 tlb_range_limit = 64;
inline constinit std::atomic<bool> tlbi_twice = false;

struct TlbOperation {
    enum class Kind { Vm, Stage2, Host };
    Kind kind;
    u64 vttbr = 0;
    u64 base = 0;
    u64 size = 0;
    bool operator==(const TlbOperation&) const = default;
};

struct FakeTlb {
    std::vector<TlbOperation> operations;
    std::function<void(const TlbOperation&)> on_operation; ///< sees the tables as they are at that moment

    void record(const TlbOperation& operation) {
        operations.push_back(operation);
        if (on_operation) {
            on_operation(operation);
        }
    }
    /// Forgets all operations and the observer.
    void reset() {
        operations.clear();
        on_operation = nullptr;
    }
    static FakeTlb& instance() {
        static FakeTlb tlb;
        return tlb;
    }
};

// Not recorded: it comes with each store, and tests would drown in it.
inline void publish_tables() {}

inline void invalidate_vm(u64 vttbr) {
    FakeTlb::instance().record({TlbOperation::Kind::Vm, vttbr});
}
inline void invalidate_stage2(u64 vttbr, Ipa base, u64 size) {
    FakeTlb::instance().record({TlbOperation::Kind::Stage2, vttbr, base.value, size});
}
inline void invalidate_host(Va base, u64 size) {
    FakeTlb::instance().record({TlbOperation::Kind::Host, 0, base.value, size});
}

} // namespace trv::arch
