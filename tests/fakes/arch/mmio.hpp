#pragma once
// Device registers on the host are plain memory: a test hands out the address of its own buffer.

#include "lib/types.hpp"

namespace trv::arch {

template <typename T>
[[nodiscard]] inline volatile T* register_at(Va address) {
    return reinterpret_cast<volatile T*>(address.value);
}

[[nodiscard]] inline u32 read32(Va address) {
    return *register_at<u32>(address);
}
[[nodiscard]] inline u64 read64(Va address) {
    return *register_at<u64>(address);
}
inline void write32(Va address, u32 value) {
    *register_at<u32>(address) = value;
}
inline void write64(Va address, u64 value) {
    *register_at<u64>(address) = value;
}

} // namespace trv::arch
