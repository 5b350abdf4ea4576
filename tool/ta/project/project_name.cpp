// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/project/project_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace trv::tool::ta {
namespace {

constexpr std::size_t longest_name = 48;

/// Programs in the VM's root file system at the client's place, and reserved words of C and C++.
constexpr std::array<std::string_view, 12> taken = {"xtest", "main",  "int",  "char",   "double", "float",
                                                    "long",  "short", "void", "static", "switch", "class"};

bool is_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

bool fits(char letter) {
    return is_letter(letter) || is_digit(letter) || letter == '-' || letter == '_';
}

std::string reason(std::string_view name) {
    if (name.empty()) {
        return "is empty";
    }
    if (name.size() > longest_name) {
        return fmt::format("has {} characters; at most {} are allowed", name.size(), longest_name);
    }
    if (const auto wrong = std::ranges::find_if_not(name, fits); wrong != name.end()) {
        return fmt::format("contains '{}'", *wrong);
    }
    if (!is_letter(name.front())) {
        return "does not start with a letter";
    }
    return std::ranges::find(taken, identifier(name)) != taken.end() ? "is reserved" : "";
}

} // namespace

Result<void> check_project_name(std::string_view name) {
    const std::string why = reason(name);
    if (!why.empty()) {
        return usage_error(fmt::format("the name '{}'", name), {}, why,
                           "Start with a letter and use letters, digits, '-' and '_': My-First-TA.");
    }
    return {};
}

std::string identifier(std::string_view name) {
    std::string text(name);
    for (char& letter : text) {
        if (letter >= 'A' && letter <= 'Z') {
            letter = static_cast<char>(letter - 'A' + 'a');
        } else if (letter == '-') {
            letter = '_';
        }
    }
    return text;
}

std::string macro_name(std::string_view name) {
    std::string text = identifier(name);
    for (char& letter : text) {
        if (letter >= 'a' && letter <= 'z') {
            letter = static_cast<char>(letter - 'a' + 'A');
        }
    }
    return text;
}

} // namespace trv::tool::ta
