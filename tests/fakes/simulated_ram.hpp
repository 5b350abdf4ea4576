// SPDX-License-Identifier: Apache-2.0
#pragma once
// A machine's physical address space on the host: pages exist once they are touched, so even gigabytes cost little.

#include "arch/memory/direct_map.hpp"
#include "lib/types.hpp"

#include <sys/mman.h>

#include <cstdlib>

namespace trv::test {

/// One at a time: the direct map has one origin.
class SimulatedRam {
  public:
    explicit SimulatedRam(PaRange range) : size_(range.size) {
        // No reservation: RAM may be larger than the host's.
        memory_ = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory_ == MAP_FAILED || arch::direct_map_offset != 0) {
            std::abort();
        }
        arch::direct_map_offset = reinterpret_cast<u64>(memory_) - range.base.value;
    }
    ~SimulatedRam() {
        munmap(memory_, size_);
        arch::direct_map_offset = 0;
    }
    SimulatedRam(const SimulatedRam&) = delete;
    SimulatedRam& operator=(const SimulatedRam&) = delete;

  private:
    u64 size_;
    void* memory_;
};

} // namespace trv::test
