// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the log keeps: its last lines, and its first ones until there is a console.

#include "lib/types.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace trv::console {

/// The last lines of a log, as many as fit.
class LogHistory {
  public:
    static constexpr std::size_t size = 6 * KiB;

    /// @param line with its line end, at most `size` long
    constexpr void append(std::string_view line) {
        while (size - used_ < line.size()) {
            drop_first();
        }
        for (const char c : line) {
            text_[(begin_ + used_++) % size] = c;
        }
    }

    /// Calls visit(std::string_view) with each of the last `most` lines, oldest first, without its line end.
    template <typename Visit>
    constexpr void for_each_of_last(std::size_t most, Visit visit) const {
        const std::size_t there = lines();
        std::size_t at = 0;
        for (std::size_t skip = there > most ? there - most : 0; skip > 0; --skip) {
            at += line_size(at) + 1;
        }
        std::array<char, longest_line> line;
        while (at < used_) {
            const std::size_t length = line_size(at);
            const std::size_t shown = std::min(length, line.size());
            for (std::size_t i = 0; i < shown; ++i) {
                line[i] = text_[(begin_ + at + i) % size];
            }
            visit(std::string_view(line.data(), shown));
            at += length + 1;
        }
    }

  private:
    static constexpr std::size_t longest_line = 288;

    /// The length of the line that begins at `at`, without its line end.
    [[nodiscard]] constexpr std::size_t line_size(std::size_t at) const {
        std::size_t length = 0;
        while (at + length < used_ && text_[(begin_ + at + length) % size] != '\n') {
            ++length;
        }
        return length;
    }
    [[nodiscard]] constexpr std::size_t lines() const {
        std::size_t count = 0;
        for (std::size_t i = 0; i < used_; ++i) {
            count += text_[(begin_ + i) % size] == '\n' ? 1 : 0;
        }
        return count;
    }
    constexpr void drop_first() {
        const std::size_t dropped = line_size(0) + 1;
        begin_ = (begin_ + dropped) % size;
        used_ -= dropped;
    }

    std::array<char, size> text_{};
    std::size_t begin_ = 0;
    std::size_t used_ = 0;
};

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
