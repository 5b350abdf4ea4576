// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/testing/system_case.hpp"

#include "tool/machine/readers/table_reader.hpp"
#include "tool/support/files.hpp"

#include <fmt/format.h>

#include <array>
#include <csignal>

namespace trv::tool::dev::testing {

namespace {

using machine::TableReader;

constexpr std::array<std::string_view, 13> known_keys{"name",  "arguments", "terminal", "full",   "alone",
                                                      "limit", "exit_code", "dialogue", "output", "log",
                                                      "json",  "prepare",   "verify"};

std::vector<std::string> texts(const toml::node* node) {
    std::vector<std::string> all;
    if (const auto* list = node == nullptr ? nullptr : node->as_array()) {
        for (const auto& item : *list) {
            all.push_back(item.value_or(std::string{}));
        }
    }
    return all;
}

TextCheck text_check(const toml::table& table) {
    return {.has = texts(table.get("has")), .lacks = texts(table.get("lacks"))};
}

Result<DialogueStep> read_step(const toml::node& node, const std::string& file) {
    if (const auto* table = node.as_table(); table != nullptr && table->size() == 1) {
        if (const auto text = table->get_as<std::string>("expect")) {
            return DialogueStep{.kind = DialogueStep::Kind::Expect, .text = text->get()};
        }
        if (const auto text = table->get_as<std::string>("send")) {
            return DialogueStep{.kind = DialogueStep::Kind::Send, .text = text->get()};
        }
        if (const auto text = table->get_as<std::string>("shell")) {
            return DialogueStep{.kind = DialogueStep::Kind::Run, .text = text->get()};
        }
        if (const auto* list = table->get("run"); list != nullptr && !texts(list).empty()) {
            return DialogueStep{.kind = DialogueStep::Kind::Run, .arguments = texts(list)};
        }
        const auto text = table->get_as<std::string>("signal");
        if (text != nullptr && (text->get() == "INT" || text->get() == "TERM" || text->get() == "KILL")) {
            const int signal = text->get() == "INT" ? SIGINT : text->get() == "TERM" ? SIGTERM : SIGKILL;
            return DialogueStep{.kind = DialogueStep::Kind::Signal, .signal = signal};
        }
    }
    return usage_error(machine::place_of(file, node.source()), "dialogue", "is not a step",
                       "Write { expect = … }, { send = … }, { run = […] }, { shell = … } or { signal = \"INT\" }.");
}

Result<JsonCheck> read_json_check(std::string pointer, const toml::node& node, const std::string& file) {
    JsonCheck check{.pointer = std::move(pointer)};
    if (const auto* table = node.as_table()) {
        check.at_most = (*table)["at_most"].value<double>();
    }
    if (const auto truth = node.value_exact<bool>()) {
        check.equals = *truth;
    } else if (const auto text = node.value_exact<std::string>()) {
        check.equals = *text;
    } else if (const auto number = node.value<double>()) {
        check.equals = *number;
    } else if (!check.at_most) {
        return usage_error(machine::place_of(file, node.source()), check.pointer, "cannot be compared with",
                           "Write a string, a number, true, false or { at_most = NUMBER }.");
    }
    return check;
}

Result<SystemCase> read_case(const toml::table& table, const std::string& file) {
    const TableReader reader{table, file, "case"};
    TRY(reader.expect_only(known_keys));
    SystemCase system_case{.name = TRY(reader.text("name")).value_or(""), .arguments = texts(table.get("arguments"))};
    if (system_case.name.empty() || system_case.arguments.empty()) {
        return reader.wrong("name", "the case has no name or no arguments", "Give it both.");
    }
    system_case.terminal = TRY(reader.truth("terminal")).value_or(false);
    system_case.full = TRY(reader.truth("full")).value_or(false);
    system_case.alone = TRY(reader.truth("alone")).value_or(false);
    system_case.limit = TRY(reader.number("limit", 1, 7200)).value_or(system_case.limit);
    system_case.exit_code = static_cast<int>(TRY(reader.number("exit_code", 0, 255)).value_or(0));
    if (const auto* steps = table["dialogue"].as_array()) {
        for (const auto& step : *steps) {
            system_case.dialogue.push_back(TRY(read_step(step, file)));
        }
    }
    if (const auto* output = table["output"].as_table()) {
        system_case.output = text_check(*output);
    }
    if (const auto* logs = table["log"].as_table()) {
        for (const auto& [name, node] : *logs) {
            system_case.logs[std::string{name.str()}] = node.is_table() ? text_check(*node.as_table()) : TextCheck{};
        }
    }
    if (const auto* checks = table["json"].as_table()) {
        for (const auto& [pointer, node] : *checks) {
            system_case.json.push_back(TRY(read_json_check(std::string{pointer.str()}, node, file)));
        }
    }
    system_case.prepare = TRY(reader.text("prepare")).value_or("");
    system_case.verify = TRY(reader.text("verify")).value_or("");
    return system_case;
}

} // namespace

Result<std::vector<SystemCase>> parse_cases(std::string_view text, const std::string& file) {
    std::vector<SystemCase> cases;
    try {
        const toml::table root = toml::parse(text, file);
        if (const auto* list = root["case"].as_array()) {
            for (const auto& node : *list) {
                if (const auto* table = node.as_table()) {
                    cases.push_back(TRY(read_case(*table, file)));
                }
            }
        }
    } catch (const toml::parse_error& problem) {
        return usage_error(machine::place_of(file, problem.source()), "", std::string{problem.description()},
                           "Correct the TOML syntax.");
    }
    return cases;
}

Result<std::vector<SystemCase>> read_cases(const std::filesystem::path& file) {
    return parse_cases(TRY(read_file(file)), file.string());
}

} // namespace trv::tool::dev::testing
