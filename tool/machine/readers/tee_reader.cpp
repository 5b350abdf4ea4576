// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/readers/tee_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trv::tool::machine {

namespace {

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
    if (rules.size() > contract::max_tee_rules) {
        return reader.wrong(key, fmt::format("has {} UUIDs", rules.size()),
                            fmt::format("Name at most {}; `default` covers the others.", contract::max_tee_rules));
    }
    return rules;
}

Result<void> check_contradictions(const TableReader& reader, const TeeDescription& tee) {
    for (const auto& uuid : tee.allow) {
        if (std::ranges::find(tee.deny, uuid) != tee.deny.end()) {
            return reader.wrong(contract::tee_allow_property.key, "a UUID is also in `deny`",
                                "Name each trusted application in only one list.");
        }
    }
    return {};
}

Result<TeeDescription> read_table(const TableReader& reader) {
    TRY(reader.expect_only(keys_of([](const auto& visit) { contract::for_each_tee_row(visit); })));
    TeeDescription tee;
    tee.allow = TRY(read_rules(reader, contract::tee_allow_property.key));
    tee.deny = TRY(read_rules(reader, contract::tee_deny_property.key));
    TRY(check_contradictions(reader, tee));
    contract::TeeSettings& settings = tee;
    TRY(reader.read(contract::tee_default, settings));
    TRY(read_each<contract::tee_numbers>(reader, settings));
    return tee;
}

} // namespace

Result<std::optional<TeeDescription>> read_tee(const TableReader& vm) {
    if (const auto table = vm.table(contract::tee_property.key)) {
        return TRY(read_table(*table));
    }
    const auto written = vm.truth(contract::tee_property.key);
    if (!written) {
        return vm.wrong(contract::tee_property.key, "must be true, false or a table",
                        "Write tee = true, without quotes, or tee = { allow = […] }.");
    }
    return written->value_or(false) ? std::optional{TeeDescription{}} : std::nullopt;
}

} // namespace trv::tool::machine
