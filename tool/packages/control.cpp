// SPDX-License-Identifier: Apache-2.0
#include "tool/packages/control.hpp"

namespace trv::tool::packages {
namespace {

constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Removes and returns the part of `text` before the next `separator`.
std::string_view take(std::string_view& text, char separator) {
    const std::size_t end = text.find(separator);
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return taken;
}

} // namespace

std::vector<ControlParagraph> parse_control(std::string_view text) {
    std::vector<ControlParagraph> paragraphs;
    ControlParagraph current;
    std::string* value = nullptr;
    const auto close = [&] {
        if (!current.empty()) {
            paragraphs.push_back(std::move(current));
        }
        current = {};
        value = nullptr;
    };
    while (!text.empty()) {
        const std::string_view line = take(text, '\n');
        if (trimmed(line).empty()) {
            close();
        } else if (blanks.contains(line.front())) {
            if (value != nullptr) {
                *value += '\n';
                *value += trimmed(line);
            }
        } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
            value = &current[std::string(line.substr(0, colon))];
            *value = trimmed(line.substr(colon + 1));
        }
    }
    close();
    return paragraphs;
}

std::string first_dependency(std::string_view depends, std::string_view prefix) {
    while (!depends.empty()) {
        std::string_view alternative = trimmed(take(depends, ','));
        const std::string_view name = take(alternative, ' ');
        if (name.starts_with(prefix)) {
            return std::string(name);
        }
    }
    return {};
}

} // namespace trv::tool::packages
