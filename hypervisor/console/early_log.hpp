// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/types.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace trv::console {

/// Lines logged before the console is up. It keeps the first ones, which say where the hypervisor was entered and what
/// it found, and counts later ones that do not fit.
class EarlyLog {
  public:
    static constexpr std::size_t size = 4 * KiB;

    /// @param line with its line end
    void append(std::string_view line) {
        if (line.size() > size - used_) {
            ++dropped_;
            return;
        }
        used_ += line.copy(text_.data() + used_, line.size());
    }
    [[nodiscard]] std::string_view text() const { return {text_.data(), used_}; }
    [[nodiscard]] unsigned dropped() const { return dropped_; }
    void clear() {
        used_ = 0;
        dropped_ = 0;
    }

  private:
    std::array<char, size> text_{};
    std::size_t used_ = 0;
    unsigned dropped_ = 0;
};

} // namespace trv::console
