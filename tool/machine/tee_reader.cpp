// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/tee_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace trv::tool::machine {

namespace {

constexpr std::size_t max_rules = 32; // in each list; docs/internals/machine-tree.md
constexpr std::array<std::string_view, 8> known_keys{"allow",        "deny",    "default", "max_sessions",
                                                     "pinned_pages", "buffers", "calls",   "mapped_pages"};

// The sizes of the hypervisor's tables.
constexpr unsigned most_sessions = 4096;
constexpr unsigned most_pinned_pages = 1U << 20;
constexpr unsigned most_buffers = 4096;
constexpr unsigned most_calls = 8;
// A larger budget lets a guest make OP-TEE panic, which would take every VM's OP-TEE away.
constexpr unsigned most_mapped_pages = 1280;

Result<std::vector<Uuid>> read_rules(const TableReader& reader, std::string_view key) {
    std::vector<Uuid> rules;
    for (const auto& text : TRY(reader.texts(key))) {
        const auto uuid = parse_uuid(text);
        if (!uuid) {
            return reader.wrong(key, fmt::format("'{}' is not a UUID", text),
                                "Write it like \"8aaaf200-2450-11e4-abe2-0002a5d5c51b\".");
        }
        rules.push_back(*uuid);
    }
    if (rules.size() > max_rules) {
        return reader.wrong(key, fmt::format("has {} UUIDs", rules.size()),
                            fmt::format("Name at most {}; `default` covers the others.", max_rules));
    }
    return rules;
}

Result<void> check_contradictions(const TableReader& reader, const TeeDescription& tee) {
    for (const auto& uuid : tee.allow) {
        if (std::ranges::find(tee.deny, uuid) != tee.deny.end()) {
            return reader.wrong("allow", "a UUID is also in `deny`", "Name each trusted application in only one list.");
        }
    }
    return {};
}

Result<TeeDescription> read_table(const TableReader& reader) {
    static constexpr std::array<std::string_view, 2> verdicts{"allow", "deny"};
    TRY(reader.expect_only(known_keys));
    TeeDescription tee;
    tee.allow = TRY(read_rules(reader, "allow"));
    tee.deny = TRY(read_rules(reader, "deny"));
    TRY(check_contradictions(reader, tee));
    tee.deny_others = TRY(reader.choice("default", verdicts)).value_or(0) == 1;
    tee.max_sessions = TRY(reader.number("max_sessions", 1, most_sessions));
    tee.pinned_pages = TRY(reader.number("pinned_pages", 1, most_pinned_pages));
    tee.buffers = TRY(reader.number("buffers", 1, most_buffers));
    tee.calls = TRY(reader.number("calls", 1, most_calls));
    tee.mapped_pages = TRY(reader.number("mapped_pages", 1, most_mapped_pages));
    return tee;
}

} // namespace

Result<std::optional<TeeDescription>> read_tee(const TableReader& vm) {
    if (const auto table = vm.table("tee")) {
        return TRY(read_table(*table));
    }
    const auto written = vm.truth("tee");
    if (!written) {
        return vm.wrong("tee", "must be true, false or a table",
                        "Write tee = true, without quotes, or tee = { allow = […] }.");
    }
    return written->value_or(false) ? std::optional{TeeDescription{}} : std::nullopt;
}

} // namespace trv::tool::machine
