// SPDX-License-Identifier: Apache-2.0
#pragma once
// Device registers on the host are plain memory: a test hands out the address of its own buffer.

#include "lib/types.hpp"

#include <vector>

namespace trv::arch {

struct FakeMmioStep {
    enum class Kind { Read, Write, Wait };
    Kind kind;
    u64 address = 0;
    u32 value = 0;
    bool operator==(const FakeMmioStep&) const = default;
};
/// The order of 32-bit accesses and of waits for them, for tests that look at it.
inline std::vector<FakeMmioStep> fake_mmio_steps;

template <typename T>
[[nodiscard]] inline volatile T* register_at(Va address) {
    return reinterpret_cast<volatile T*>(address.value);
}

[[nodiscard]] inline u32 read32(Va address) {
    fake_mmio_steps.push_back({FakeMmioStep::Kind::Read, address.value});
    return *register_at<u32>(address);
}
[[nodiscard]] inline u64 read64(Va address) {
    return *register_at<u64>(address);
}
inline void write32(Va address, u32 value) {
    fake_mmio_steps.push_back({FakeMmioStep::Kind::Write, address.value, value});
    *register_at<u32>(address) = value;
}
inline void write64(Va address, u64 value) {
    *register_at<u64>(address) = value;
}

inline void wait_for_accesses() {
    fake_mmio_steps.push_back({FakeMmioStep::Kind::Wait});
}

} // namespace trv::arch
