// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/readers/vm_disk_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <vector>

namespace trv::tool::machine {

namespace {

constexpr std::array<std::string_view, 7> vm_disk_keys{"image", "nbd",       "export",   "format",
                                                       "key",   "read_only", plugged_key};
constexpr std::array<std::string_view, 3> format_words{name_of(DiskFormat::Raw), name_of(DiskFormat::Qcow2),
                                                       name_of(DiskFormat::Luks)};
constexpr std::string_view hint =
    "Write the path of an image, raw or qcow2 (relative to this file), of a block device, "
    "or the name of a disk that `trivisorctl disk create` made.";

constexpr std::string_view nbd_hint =
    "Write \"ADDRESS:PORT\" of the server, in numbers, or \"unix:PATH\" of its socket; its name goes into export.";
constexpr unsigned nbd_port = 10809; // [NBD, doc/uri.md]

constexpr std::size_t header_size = 8;
std::string header_of(const std::filesystem::path& image) {
    std::string header(header_size, '\0');
    std::ifstream{image, std::ios::binary}.read(header.data(), header_size);
    return header;
}
bool has_qcow2_header(const std::filesystem::path& image) {
    return header_of(image).starts_with("QFI\xfb");
}

/// What is written about an image, beside its name.
struct AboutImage {
    std::filesystem::path folder{}; ///< to which it is relative
    std::optional<std::size_t> format{};
    bool may_be_gone = false;
};

/// QEMU's programs and systemd's units take paths and names on their command lines.
Result<void> expect_plain(const TableReader& reader, std::string_view key, const std::string& text,
                          std::string_view remedy) {
    if (!is_plain(text)) {
        return reader.wrong(key, fmt::format("'{}' has a space, a comma or the like", text), std::string{remedy});
    }
    return {};
}

Result<std::filesystem::path> find_image(const TableReader& reader, std::string_view key, const std::string& written,
                                         const AboutImage& about) {
    std::error_code ignored;
    const auto is_disk = [&](const std::filesystem::path& path) {
        return std::filesystem::is_regular_file(path, ignored) || std::filesystem::is_block_file(path, ignored);
    };
    std::vector<std::filesystem::path> places{
        std::filesystem::absolute(about.folder / written, ignored).lexically_normal()};
    const bool is_named = contract::is_label(written);
    if (is_named) {
        places.push_back(named_disk(written, DiskFormat::Raw));
        places.push_back(named_disk(written, DiskFormat::Qcow2));
    }
    const auto found = std::ranges::find_if(places, is_disk);
    if (found == places.end() && (!about.may_be_gone || std::filesystem::exists(places.front(), ignored))) {
        return reader.wrong(key, fmt::format("no such image: {}", places.front().string()), std::string{hint});
    }
    const auto later =
        is_named ? named_disk(written, static_cast<DiskFormat>(about.format.value_or(0))) : places.front();
    auto image = found != places.end() ? *found : later;
    TRY(expect_plain(reader, key, image.string(), "Rename the image, or name a link to it."));
    return image;
}

/// With the version of LUKS that the storage daemon knows [LUKS1, 2.1].
Result<void> check_luks(const TableReader& reader, const std::filesystem::path& image) {
    constexpr std::string_view magic = "LUKS\xba\xbe";
    const std::string header = header_of(image);
    if (!header.starts_with(magic)) {
        return reader.wrong("format", fmt::format("{} is not a LUKS image", image.string()),
                            "Make one: qemu-img create -f luks, or cryptsetup luksFormat --type luks1.");
    }
    if (header.substr(magic.size()) != std::string_view{"\0\1", 2}) {
        return reader.wrong("format", fmt::format("{} is not of LUKS' version 1", image.string()),
                            "Open it in the host with cryptsetup, and name its device, /dev/mapper/….");
    }
    return {};
}

/// The format is written, or follows from the file's name, but never from its contents: the VM writes those, and a qcow2 header
/// can name any file of the host's.
Result<DiskFormat> find_format(const TableReader& reader, std::string_view key, const std::filesystem::path& image,
                               std::optional<std::size_t> written) {
    const auto from_name = image.extension() == ".qcow2" ? DiskFormat::Qcow2 : DiskFormat::Raw;
    const DiskFormat format = written ? static_cast<DiskFormat>(*written) : from_name;
    std::error_code ignored;
    if (!std::filesystem::exists(image, ignored)) {
        return format;
    }
    if (format == DiskFormat::Luks) {
        TRY(check_luks(reader, image));
    }
    if (format == DiskFormat::Qcow2 && !has_qcow2_header(image)) {
        return reader.wrong(key, fmt::format("{} is not a qcow2 image", image.string()), "Write format = \"raw\".");
    }
    if (!written && format == DiskFormat::Raw && has_qcow2_header(image)) {
        return reader.wrong(
            key, fmt::format("{} looks like a qcow2 image, but is not called .qcow2", image.string()),
            "Write { image = \"…\", format = \"qcow2\" }, or format = \"raw\" if a VM wrote that there.");
    }
    return format;
}

Result<VmDisk> read_plain(const TableReader& vm, const std::string& written, const AboutImage& about) {
    VmDisk disk{.image = TRY(find_image(vm, vm_disk_key, written, about)), .place = vm.place(vm_disk_key)};
    disk.format = TRY(find_format(vm, vm_disk_key, disk.image, std::nullopt));
    return disk;
}

Result<NbdExport> read_nbd(const TableReader& reader, const std::string& written) {
    NbdExport nbd{.name = TRY(reader.text("export")).value_or("")};
    if (written.starts_with(unix_prefix)) {
        nbd.socket = std::filesystem::path{written.substr(unix_prefix.size())}.lexically_normal();
        if (!nbd.socket.is_absolute() || !is_plain(nbd.socket.string())) {
            return reader.wrong("nbd", fmt::format("'{}' is not the path of a socket", nbd.socket.string()),
                                std::string{nbd_hint});
        }
    } else if (const auto server = parse_endpoint(written, nbd_port)) {
        nbd.server = *server;
    } else {
        return reader.wrong("nbd", fmt::format("'{}' is not a server", written), std::string{nbd_hint});
    }
    TRY(expect_plain(reader, "export", nbd.name, "Give the server's export another name."));
    return nbd;
}

Result<VmDisk> read_nbd_disk(const TableReader& reader, const std::string& written, std::optional<std::size_t> format) {
    if (reader.has("image")) {
        return reader.wrong("image", "is given beside nbd", "Omit one of the two keys.");
    }
    VmDisk disk{.nbd = TRY(read_nbd(reader, written)), .place = reader.place("nbd")};
    disk.format = static_cast<DiskFormat>(format.value_or(0));
    if (disk.format == DiskFormat::Qcow2) {
        return reader.wrong("format", "is the server's business: it serves what is in the image",
                            "Omit the key, or write \"luks\" if the disk is encrypted.");
    }
    return disk;
}

Result<VmDisk> read_image_disk(const TableReader& reader, const AboutImage& about) {
    const auto written = TRY(reader.text("image"));
    if (!written || written->empty()) {
        return reader.wrong("image", "is missing", std::string{hint});
    }
    if (reader.has("export")) {
        return reader.wrong("export", "is given without nbd, the server", "Omit the key.");
    }
    VmDisk disk{.image = TRY(find_image(reader, "image", *written, about)), .place = reader.place("image")};
    disk.format = TRY(find_format(reader, "image", disk.image, about.format));
    return disk;
}

Result<std::filesystem::path> read_key(const TableReader& reader, DiskFormat format, const AboutImage& about) {
    constexpr const char* key_hint = "Name a file that has the passphrase, and no line end.";
    const auto written = TRY(reader.text("key"));
    if (format != DiskFormat::Luks) {
        return written ? reader.wrong("key", "is for a disk of the format \"luks\"", "Omit the key.")
                       : Result<std::filesystem::path>{};
    }
    if (!written) {
        return reader.wrong("key", "is missing: the disk is encrypted", key_hint);
    }
    std::error_code ignored;
    auto key = std::filesystem::absolute(about.folder / *written, ignored).lexically_normal();
    if (!about.may_be_gone && !std::filesystem::is_regular_file(key, ignored)) {
        return reader.wrong("key", fmt::format("no such file: {}", key.string()), key_hint);
    }
    TRY(expect_plain(reader, "key", key.string(), "Rename the file."));
    return key;
}

Result<VmDisk> read_table(const TableReader& reader, AboutImage about) {
    TRY(reader.expect_only(vm_disk_keys));
    const bool plugged = TRY(reader.truth(plugged_key)).value_or(true);
    about.format = TRY(reader.choice("format", format_words));
    about.may_be_gone = about.may_be_gone || !plugged;
    const auto nbd = TRY(reader.text("nbd"));
    VmDisk disk = nbd ? TRY(read_nbd_disk(reader, *nbd, about.format)) : TRY(read_image_disk(reader, about));
    disk.key = TRY(read_key(reader, disk.format, about));
    disk.read_only = TRY(reader.truth("read_only")).value_or(false);
    disk.plugged = plugged;
    return disk;
}

} // namespace

bool is_plain(const std::string& text) {
    return std::ranges::none_of(text, [](unsigned char letter) {
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
        const auto same = [&](const VmDisk& other) { return other.image == disk->image && other.nbd == disk->nbd; };
        if (std::find_if(disks.begin(), disk, same) != disk) {
            return wrong_at(disk->place, fmt::format("{} is the image of two disks", where_is(*disk)),
                            "Two disks that write to one image destroy it: give each its own.");
        }
    }
    return disks;
}

} // namespace trv::tool::machine
