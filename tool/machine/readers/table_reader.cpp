// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/readers/table_reader.hpp"

#include "tool/machine/values/byte_size.hpp"
#include "tool/machine/values/spelling.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace trv::tool::machine {

std::string place_of(const std::string& file, const toml::source_region& source) {
    return source.begin ? fmt::format("{}:{}:{}", file, source.begin.line, source.begin.column) : file;
}

std::unexpected<Error> wrong_at(const KeyPlace& at, std::string what, std::string hint) {
    return usage_error(at.place, at.key, std::move(what), std::move(hint));
}

KeyPlace TableReader::place(std::string_view key) const {
    const toml::node* node = table_.get(key);
    const std::string full = name_.empty() ? std::string{key} : key.empty() ? name_ : fmt::format("{}.{}", name_, key);
    return {.place = place_of(file_, node != nullptr ? node->source() : table_.source()), .key = full};
}

std::unexpected<Error> TableReader::wrong(std::string_view key, std::string what, std::string hint) const {
    return wrong_at(place(key), std::move(what), std::move(hint));
}

Result<void> TableReader::expect_only(std::span<const std::string_view> known) const {
    for (const auto& [key, node] : table_) {
        if (std::ranges::find(known, key.str()) != known.end()) {
            continue;
        }
        const auto meant = nearest(key.str(), known);
        const std::string full = name_.empty() ? std::string{key.str()} : fmt::format("{}.{}", name_, key.str());
        return usage_error(place_of(file_, key.source()), full, "unknown key",
                           meant ? fmt::format("Did you mean '{}'?", *meant)
                                 : fmt::format("Valid keys are {}.", fmt::join(known, ", ")));
    }
    return {};
}

Result<std::optional<std::string>> TableReader::text(std::string_view key) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    const auto value = node->value_exact<std::string>();
    if (!value) {
        return wrong(key, "must be a string", fmt::format("Write it in quotes: {} = \"…\".", key));
    }
    return value;
}

Result<std::optional<bool>> TableReader::truth(std::string_view key) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    const auto value = node->value_exact<bool>();
    if (!value) {
        return wrong(key, "must be true or false", fmt::format("Write {} = true, without quotes.", key));
    }
    return value;
}

Result<std::optional<std::uint64_t>> TableReader::size(std::string_view key) const {
    const auto written = TRY(text(key));
    if (!written) {
        return std::nullopt;
    }
    const auto bytes = parse_size(*written);
    if (!bytes) {
        return wrong(key, fmt::format("'{}' is not a size", *written),
                     "Write a number and KiB, MiB or GiB: \"512MiB\".");
    }
    return bytes;
}

Result<std::optional<unsigned>> TableReader::number(std::string_view key, unsigned least, unsigned most) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < least || *value > most) {
        return wrong(key, fmt::format("must be an integer from {0} to {1}", least, most),
                     fmt::format("Write {} = {}, for example.", key, least));
    }
    return static_cast<unsigned>(*value);
}

Result<std::vector<unsigned>> TableReader::numbers(std::string_view key, unsigned least, unsigned most) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) {
        return std::vector<unsigned>{};
    }
    const auto bad = [&] {
        return wrong(key, fmt::format("must be a list of integers from {} to {}", least, most),
                     fmt::format("Write it like {} = [{}].", key, least));
    };
    const toml::array* list = node->as_array();
    if (list == nullptr) {
        return bad();
    }
    std::vector<unsigned> values;
    for (const auto& item : *list) {
        const auto value = item.value_exact<std::int64_t>();
        if (!value || *value < least || *value > most) {
            return bad();
        }
        values.push_back(static_cast<unsigned>(*value));
    }
    return values;
}

Result<std::vector<std::string>> TableReader::texts(std::string_view key) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) {
        return std::vector<std::string>{};
    }
    const toml::array* list = node->as_array();
    std::vector<std::string> values;
    for (std::size_t index = 0; list != nullptr && index < list->size(); ++index) {
        if (const auto* item = list->get_as<std::string>(index)) {
            values.push_back(item->get());
        }
    }
    if (list == nullptr || values.size() != list->size()) {
        return wrong(key, "must be a list of strings", fmt::format("Write it like {} = [\"…\", \"…\"].", key));
    }
    return values;
}

std::optional<TableReader> TableReader::table(std::string_view key) const {
    const toml::node* node = table_.get(key);
    const toml::table* inner = node == nullptr ? nullptr : node->as_table();
    if (inner == nullptr) {
        return std::nullopt;
    }
    return TableReader{*inner, file_, place(key).key};
}

Result<std::vector<TableReader>> TableReader::tables(std::string_view key) const {
    std::vector<TableReader> inner;
    const toml::node* node = table_.get(key);
    if (node == nullptr) {
        return inner;
    }
    const toml::array* list = node->as_array();
    for (std::size_t index = 0; list != nullptr && index < list->size(); ++index) {
        if (const auto* item = list->get_as<toml::table>(index)) {
            inner.emplace_back(*item, file_, place(key).key);
        }
    }
    if (list == nullptr || inner.size() != list->size()) {
        return wrong(key, "must be a list of tables", fmt::format("Write it like {} = [{{ … }}].", key));
    }
    return inner;
}

Result<std::vector<TableReader::TextOrTable>> TableReader::texts_and_tables(std::string_view key) const {
    std::vector<TextOrTable> items;
    const toml::node* node = table_.get(key);
    const auto take = [&](const toml::node& item) {
        if (const auto* inner = item.as_table()) {
            items.push_back({.text = {}, .table = TableReader{*inner, file_, place(key).key}});
        } else if (const auto text = item.value_exact<std::string>()) {
            items.push_back({.text = *text, .table = std::nullopt});
        } else {
            return false;
        }
        return true;
    };
    if (node == nullptr) {
        return items;
    }
    const toml::array* list = node->as_array();
    const bool good = list == nullptr ? take(*node) : std::ranges::all_of(*list, take);
    if (!good) {
        return wrong(key, "must be a string or a table, or a list of them",
                     fmt::format("Write it like {} = \"…\" or {} = [\"…\", {{ … }}].", key, key));
    }
    return items;
}

Result<std::string> TableReader::existing_file(std::string_view key, const std::string& written,
                                               const std::filesystem::path& folder, std::string_view hint) const {
    const std::filesystem::path file = folder / written;
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored)) {
        return wrong(key, fmt::format("no such file: {}", file.lexically_normal().string()), std::string{hint});
    }
    return std::filesystem::absolute(file).lexically_normal().string();
}

Result<std::optional<std::size_t>> TableReader::choice(std::string_view key,
                                                       std::span<const std::string_view> words) const {
    const auto written = TRY(text(key));
    if (!written) {
        return std::nullopt;
    }
    const auto found = std::ranges::find(words, *written);
    if (found == words.end()) {
        return wrong(key, fmt::format("'{}' is not one of {}", *written, fmt::join(words, ", ")),
                     "Use one of these values.");
    }
    return static_cast<std::size_t>(found - words.begin());
}

} // namespace trv::tool::machine
