// SPDX-License-Identifier: Apache-2.0
#pragma once
// Writes archives in cpio's "newc" format for tests, sound or not.

#include "lib/types.hpp"

#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace trv::test {

class CpioArchive {
  public:
    CpioArchive& add(std::string_view name, std::string_view content) {
        return add_header(name.size() + 1, content.size())
            .append(name)
            .append(std::string_view("", 1))
            .align()
            .append(content)
            .align();
    }
    /// With sizes that need not be true, up to the name.
    CpioArchive& add_header(std::size_t name_size, std::size_t file_size) {
        std::array<char, 111> header;
        std::snprintf(header.data(), header.size(), "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", 1U,
                      0100644U, 0U, 0U, 1U, 0U, file_size, 0U, 0U, 0U, 0U, name_size, 0U);
        return append({header.data(), header.size() - 1});
    }
    CpioArchive& finish() { return add("TRAILER!!!", ""); }
    CpioArchive& append(std::string_view text) {
        bytes_.insert(bytes_.end(), text.begin(), text.end());
        return *this;
    }
    CpioArchive& align() {
        bytes_.resize((bytes_.size() + 3) / 4 * 4);
        return *this;
    }
    [[nodiscard]] std::vector<u8> bytes() const { return bytes_; }

  private:
    std::vector<u8> bytes_;
};

} // namespace trv::test
