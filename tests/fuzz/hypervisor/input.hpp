// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/types.hpp"

#include <cstddef>

namespace trv::test {

/// A fuzzer's input, byte by byte; zeros behind its end.
class Input {
  public:
    Input(const u8* data, std::size_t size) : data_(data), size_(size) {}
    [[nodiscard]] bool empty() const { return at_ >= size_; }
    u64 byte() { return empty() ? 0 : data_[at_++]; }
    u64 below(u64 limit) { return byte() % limit; }
    u64 word() {
        u64 value = 0;
        for (int i = 0; i < 8; ++i) {
            value = value << 8 | byte();
        }
        return value;
    }

  private:
    const u8* data_;
    std::size_t size_;
    std::size_t at_ = 0;
};

} // namespace trv::test
