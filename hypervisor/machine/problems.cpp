// SPDX-License-Identifier: Apache-2.0
#include "machine/problems.hpp"

namespace trv::machine {

void Problems::add_line(std::string_view line) {
    if (line.size() + 1 > text_.size() - used_) {
        ++dropped_;
        return;
    }
    for (const char c : line) {
        // Names in the tree are foreign: make sure that one problem is one line of printable text.
        text_[used_++] = c >= ' ' && c <= '~' ? c : '?';
    }
    text_[used_++] = '\n';
}

} // namespace trv::machine
