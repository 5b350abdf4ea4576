// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/machine_description.hpp"
#include "tool/support/error.hpp"

#include <toml++/toml.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::machine {

/// Reads typed keys from one table of a TOML file. Every mistake is an error that names file, line, column and key.
class TableReader {
  public:
    /// @param name  the table's full name, e.g. "vm.alpha"; keys are named below it
    TableReader(const toml::table& table, std::string file, std::string name)
        : table_{table}, file_{std::move(file)}, name_{std::move(name)} {}

    /// Rejects any key that is not in `known`, and suggests a similar one.
    [[nodiscard]] Result<void> expect_only(std::span<const std::string_view> known) const;

    [[nodiscard]] bool has(std::string_view key) const { return table_.contains(key); }
    [[nodiscard]] Result<std::optional<std::string>> text(std::string_view key) const;
    [[nodiscard]] Result<std::optional<bool>> truth(std::string_view key) const;
    [[nodiscard]] Result<std::optional<std::uint64_t>> size(std::string_view key) const;
    [[nodiscard]] Result<std::optional<unsigned>> number(std::string_view key, unsigned least, unsigned most) const;
    [[nodiscard]] Result<std::vector<unsigned>> numbers(std::string_view key, unsigned least, unsigned most) const;
    [[nodiscard]] Result<std::vector<std::string>> texts(std::string_view key) const;
    /// A reader for the key's table; nothing if the key has none.
    [[nodiscard]] std::optional<TableReader> table(std::string_view key) const;
    /// A reader for each table of the key's list.
    [[nodiscard]] Result<std::vector<TableReader>> tables(std::string_view key) const;
    /// What stands behind the key: one string or table, or a list of them.
    struct TextOrTable;
    [[nodiscard]] Result<std::vector<TextOrTable>> texts_and_tables(std::string_view key) const;
    /// The absolute path of an existing file that the key names, relative to `folder`.
    [[nodiscard]] Result<std::string> existing_file(std::string_view key, const std::string& written,
                                                    const std::filesystem::path& folder, std::string_view hint) const;
    /// The index of the key's value within `words`.
    [[nodiscard]] Result<std::optional<std::size_t>> choice(std::string_view key,
                                                            std::span<const std::string_view> words) const;

    /// Reads a row of contract/machine_tree.hpp into its member, which stays as it is if the key is missing.
    template <typename Settings, typename Value>
    [[nodiscard]] Result<void> read(const contract::Number<Settings, Value>& row, Settings& settings) const {
        if (const auto value = TRY(number(row.property.key, row.least, row.most))) {
            settings.*row.member = *value;
        }
        return {};
    }
    template <typename Settings, typename Value, std::size_t count>
    [[nodiscard]] Result<void> read(const contract::Choice<Settings, Value, count>& row, Settings& settings) const {
        if (const auto word = TRY(choice(row.property.key, row.words))) {
            row.set(settings, *word);
        }
        return {};
    }

    /// The place of a key, or of the table itself if the key is missing.
    [[nodiscard]] KeyPlace place(std::string_view key) const;
    [[nodiscard]] std::unexpected<Error> wrong(std::string_view key, std::string what, std::string hint) const;

  private:
    const toml::table& table_;
    std::string file_;
    std::string name_;
};

struct TableReader::TextOrTable {
    std::string text{};
    std::optional<TableReader> table{};
};

/// Reads all rows of a table of contract/machine_tree.hpp.
template <const auto& rows, typename Settings>
[[nodiscard]] Result<void> read_each(const TableReader& reader, Settings& settings) {
    for (const auto& row : rows) {
        TRY(reader.read(row, settings));
    }
    return {};
}

/// The keys of the rows that `for_each` visits.
template <typename ForEach>
[[nodiscard]] std::vector<std::string_view> keys_of(ForEach for_each) {
    std::vector<std::string_view> keys;
    for_each([&keys](const auto& row) {
        if (const std::string_view key = contract::property_of(row).key; !key.empty()) {
            keys.push_back(key);
        }
    });
    return keys;
}

/// "file:line:col" of a node, or "file" when it has none.
[[nodiscard]] std::string place_of(const std::string& file, const toml::source_region& source);

/// An error at a place that was recorded while reading.
[[nodiscard]] std::unexpected<Error> wrong_at(const KeyPlace& at, std::string what, std::string hint);

} // namespace trv::tool::machine
