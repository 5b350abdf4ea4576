// SPDX-License-Identifier: Apache-2.0
#include "tool/console/line_splitter.hpp"

#include <utility>

namespace trv::tool::console {

std::optional<std::string> LineSplitter::next() {
    const std::size_t end = pending_.find('\n');
    const bool complete = end != std::string::npos && end <= longest_line;
    if (!complete && pending_.size() <= longest_line) {
        return std::nullopt;
    }
    std::string line = pending_.substr(0, complete ? end : longest_line);
    pending_.erase(0, line.size() + (complete ? 1 : 0));
    while (complete && !line.empty() && line.back() == '\r') {
        line.pop_back();
    }
    return line;
}

std::optional<std::string> LineSplitter::rest() {
    if (pending_.empty()) {
        return std::nullopt;
    }
    std::string line = std::exchange(pending_, {});
    while (!line.empty() && line.back() == '\r') {
        line.pop_back();
    }
    return line;
}

} // namespace trv::tool::console
