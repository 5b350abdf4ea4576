// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/testing/case_checks.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <regex>

namespace trv::tool::dev::testing {

namespace {

using nlohmann::json;

/// Line by line: a whole log at once would be too long for the recursion of std::regex.
std::string first_match(const std::string& text, const std::string& pattern) {
    const std::regex wanted{pattern};
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string line = text.substr(at, end - at);
        if (!line.empty() && line.back() == '\r') {
            line.pop_back();
        }
        if (std::regex_search(line, wanted)) {
            return line.empty() ? "(an empty line)" : line;
        }
        at = end + 1;
    }
    return "";
}

bool equal(const json& value, const JsonCheck& check) {
    if (check.at_most) {
        return value.is_number() && value.get<double>() <= *check.at_most;
    }
    if (const auto* text = std::get_if<std::string>(&check.equals)) {
        return value.is_string() ? value.get<std::string>() == *text : value.is_null() && *text == "null";
    }
    if (const auto* number = std::get_if<double>(&check.equals)) {
        return value.is_number() && std::fabs(value.get<double>() - *number) < 1e-9;
    }
    return value.is_boolean() && value.get<bool>() == std::get<bool>(check.equals);
}

} // namespace

std::string check_text(std::string_view what, const std::string& text, const TextCheck& check) {
    std::string problems;
    for (const auto& pattern : check.has) {
        if (first_match(text, pattern).empty()) {
            problems += fmt::format("{}: no line matches /{}/\n", what, pattern);
        }
    }
    for (const auto& pattern : check.lacks) {
        if (const auto line = first_match(text, pattern); !line.empty()) {
            problems += fmt::format("{}: a line matches /{}/: {}\n", what, pattern, line);
        }
    }
    return problems;
}

std::string check_json(const std::string& text, const std::vector<JsonCheck>& checks) {
    const json object = json::parse(text, nullptr, false);
    std::string problems;
    for (const auto& check : checks) {
        const json::json_pointer pointer{check.pointer};
        if (object.is_discarded() || !object.contains(pointer)) {
            problems += fmt::format("JSON: {} is missing\n", check.pointer);
        } else if (!equal(object.at(pointer), check)) {
            problems += fmt::format("JSON: {} is {}\n", check.pointer, object.at(pointer).dump());
        }
    }
    return problems;
}

std::string logs_folder(const std::string& text) {
    const json object = json::parse(text, nullptr, false);
    return object.is_object() ? object.value("logs", "") : "";
}

} // namespace trv::tool::dev::testing
