// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/readers/vm_share_reader.hpp"

#include "tool/machine/readers/vm_disk_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace trv::tool::machine {

namespace {

constexpr std::array<std::string_view, 4> vm_share_keys{"folder", "tag", "read_only", plugged_key};
constexpr std::string_view hint = "Write the path of a folder (relative to this file).";
constexpr std::size_t longest_tag = 36; // [virtio 1.3, 5.11.4]

bool is_tag(const std::string& text) {
    return !text.empty() && text.size() <= longest_tag && std::ranges::all_of(text, [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' || letter == '.';
    });
}

/// @param key  that has the path
Result<VmShare> read_share(const TableReader& reader, std::string_view key, const std::string& written,
                           std::optional<std::string> tag, const std::filesystem::path& folder, bool may_be_gone) {
    std::error_code ignored;
    const auto path = std::filesystem::absolute(folder / written, ignored).lexically_normal();
    VmShare share{.folder = path.has_filename() ? path : path.parent_path(), .place = reader.place(key)};
    const bool gone = may_be_gone && !std::filesystem::exists(share.folder, ignored);
    if (written.empty() || (!gone && !std::filesystem::is_directory(share.folder, ignored))) {
        return reader.wrong(key, fmt::format("no such folder: {}", share.folder.string()), std::string{hint});
    }
    if (!is_plain(share.folder.string()) || share.folder == share.folder.root_path()) {
        return reader.wrong(
            key,
            fmt::format("the path {} has a space, a comma or the like, or is all of the host", share.folder.string()),
            "Name another folder, or a link to it.");
    }
    share.tag = tag.value_or(share.folder.filename().string());
    if (!is_tag(share.tag)) {
        return reader.wrong(
            tag ? "tag" : key, fmt::format("'{}' is not a name for the VM", share.tag),
            fmt::format("Write tag = \"…\": 1 to {} of the letters a to z and A to Z, digits, '-', '_' and '.'.",
                        longest_tag));
    }
    return share;
}

Result<VmShare> read_table(const TableReader& reader, const std::filesystem::path& folder, bool may_be_gone) {
    TRY(reader.expect_only(vm_share_keys));
    const auto written = TRY(reader.text("folder"));
    if (!written) {
        return reader.wrong("folder", "is missing", std::string{hint});
    }
    const bool plugged = TRY(reader.truth(plugged_key)).value_or(true);
    auto share = TRY(read_share(reader, "folder", *written, TRY(reader.text("tag")), folder, may_be_gone || !plugged));
    share.read_only = TRY(reader.truth("read_only")).value_or(false);
    share.plugged = plugged;
    return share;
}

} // namespace

Result<std::vector<VmShare>> read_vm_shares(const TableReader& vm, const std::filesystem::path& folder,
                                            bool may_be_gone) {
    std::vector<VmShare> shares;
    for (const auto& item : TRY(vm.texts_and_tables(vm_share_key))) {
        shares.push_back(item.table ? TRY(read_table(*item.table, folder, may_be_gone))
                                    : TRY(read_share(vm, vm_share_key, item.text, std::nullopt, folder, may_be_gone)));
    }
    if (shares.size() > most_vm_shares) {
        return vm.wrong(vm_share_key, fmt::format("has {} folders", shares.size()),
                        fmt::format("Give the VM at most {}.", most_vm_shares));
    }
    for (auto share = shares.begin(); share != shares.end(); ++share) {
        if (std::find_if(shares.begin(), share, [&](const VmShare& other) { return other.tag == share->tag; }) !=
            share) {
            return wrong_at(share->place, fmt::format("two folders have the tag '{}'", share->tag),
                            "Write tag = \"…\" for one of them.");
        }
    }
    return shares;
}

} // namespace trv::tool::machine
