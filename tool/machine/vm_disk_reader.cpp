// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/vm_disk_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>

namespace trv::tool::machine {

namespace {

constexpr std::array<std::string_view, 4> vm_disk_keys{"image", "format", "read_only", plugged_key};
constexpr std::array<std::string_view, 2> format_words{name_of(DiskFormat::Raw), name_of(DiskFormat::Qcow2)};
constexpr std::string_view hint =
    "Write the path of an image, raw or qcow2 (relative to this file), of a block device, "
    "or the name of a disk that `trivisorctl disk create` made.";

bool has_qcow2_header(const std::filesystem::path& image) {
    std::array<char, 4> magic{};
    std::ifstream{image, std::ios::binary}.read(magic.data(), magic.size());
    return std::string_view{magic.data(), magic.size()} == "QFI\xfb";
}

/// What is written about an image, beside its name.
struct AboutImage {
    std::filesystem::path folder{}; ///< to which it is relative
    std::optional<std::size_t> format{};
    bool may_be_gone = false;
};

Result<std::filesystem::path> find_image(const TableReader& reader, std::string_view key, const std::string& written,
                                         const AboutImage& about) {
    std::error_code ignored;
    const auto is_disk = [&](const std::filesystem::path& path) {
        return std::filesystem::is_regular_file(path, ignored) || std::filesystem::is_block_file(path, ignored);
    };
    auto image = std::filesystem::absolute(about.folder / written, ignored).lexically_normal();
    for (const auto format : {DiskFormat::Raw, DiskFormat::Qcow2}) {
        if (!is_disk(image) && contract::is_label(written) && is_disk(named_disk(written, format))) {
            image = named_disk(written, format);
        }
    }
    if (about.may_be_gone && !std::filesystem::exists(image, ignored)) {
        image = contract::is_label(written) ? named_disk(written, static_cast<DiskFormat>(about.format.value_or(0)))
                                            : image;
    } else if (!is_disk(image)) {
        return reader.wrong(key, fmt::format("no such image: {}", image.string()), std::string{hint});
    }
    if (!is_plain_path(image.string())) {
        return reader.wrong(key, fmt::format("the path {} has a space, a comma or the like", image.string()),
                            "Rename the image, or name a link to it.");
    }
    return image;
}

/// The format is written, or follows from the file's name, but never from its contents: the VM writes those, and a qcow2 header
/// can name any file of the host's.
Result<DiskFormat> find_format(const TableReader& reader, std::string_view key, const std::filesystem::path& image,
                               std::optional<std::size_t> written) {
    const bool qcow2 = written ? static_cast<DiskFormat>(*written) == DiskFormat::Qcow2 : image.extension() == ".qcow2";
    std::error_code ignored;
    if (!std::filesystem::exists(image, ignored)) {
        return qcow2 ? DiskFormat::Qcow2 : DiskFormat::Raw;
    }
    if (qcow2 && !has_qcow2_header(image)) {
        return reader.wrong(key, fmt::format("{} is not a qcow2 image", image.string()), "Write format = \"raw\".");
    }
    if (!qcow2 && !written && has_qcow2_header(image)) {
        return reader.wrong(
            key, fmt::format("{} looks like a qcow2 image, but is not called .qcow2", image.string()),
            "Write { image = \"…\", format = \"qcow2\" }, or format = \"raw\" if a VM wrote that there.");
    }
    return qcow2 ? DiskFormat::Qcow2 : DiskFormat::Raw;
}

Result<VmDisk> read_plain(const TableReader& vm, const std::string& written, const AboutImage& about) {
    VmDisk disk{.image = TRY(find_image(vm, vm_disk_key, written, about)), .place = vm.place(vm_disk_key)};
    disk.format = TRY(find_format(vm, vm_disk_key, disk.image, std::nullopt));
    return disk;
}

Result<VmDisk> read_table(const TableReader& reader, AboutImage about) {
    TRY(reader.expect_only(vm_disk_keys));
    const auto written = TRY(reader.text("image"));
    if (!written || written->empty()) {
        return reader.wrong("image", "is missing", std::string{hint});
    }
    const bool plugged = TRY(reader.truth(plugged_key)).value_or(true);
    about.format = TRY(reader.choice("format", format_words));
    about.may_be_gone = about.may_be_gone || !plugged;
    VmDisk disk{.image = TRY(find_image(reader, "image", *written, about)), .place = reader.place("image")};
    disk.format = TRY(find_format(reader, "image", disk.image, about.format));
    disk.read_only = TRY(reader.truth("read_only")).value_or(false);
    disk.plugged = plugged;
    return disk;
}

} // namespace

bool is_plain_path(const std::string& path) {
    return std::ranges::none_of(path, [](unsigned char letter) {
        return letter <= ' ' || letter == 0x7f || std::string_view{"\"'\\:,;$%"}.contains(static_cast<char>(letter));
    });
}

Result<std::vector<VmDisk>> read_vm_disks(const TableReader& vm, const std::filesystem::path& folder,
                                          bool may_be_gone) {
    const AboutImage about{.folder = folder, .may_be_gone = may_be_gone};
    std::vector<VmDisk> disks;
    for (const auto& item : TRY(vm.texts_and_tables(vm_disk_key))) {
        disks.push_back(item.table ? TRY(read_table(*item.table, about)) : TRY(read_plain(vm, item.text, about)));
    }
    if (disks.size() > most_vm_disks) {
        return vm.wrong(vm_disk_key, fmt::format("has {} disks", disks.size()),
                        fmt::format("Give the VM at most {}.", most_vm_disks));
    }
    for (auto disk = disks.begin(); disk != disks.end(); ++disk) {
        if (std::find_if(disks.begin(), disk, [&](const VmDisk& other) { return other.image == disk->image; }) !=
            disk) {
            return wrong_at(disk->place, fmt::format("{} is the image of two disks", disk->image.string()),
                            "Two disks that write to one image destroy it: give each its own.");
        }
    }
    return disks;
}

} // namespace trv::tool::machine
