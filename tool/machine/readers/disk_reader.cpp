// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/readers/disk_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace trv::tool::machine {

namespace {

constexpr std::array<std::string_view, 2> disk_keys{"image", "bus"};
constexpr std::array<std::string_view, 1> made_images{"debian:trixie"};
constexpr std::size_t most_disks = 8;

Result<std::string> read_image(const TableReader& reader, const std::filesystem::path& folder) {
    const std::string hint = fmt::format("Name {}, or the path of a disk image, raw or qcow2 (relative to this file).",
                                         fmt::join(made_images, ", "));
    const auto written = TRY(reader.text("image"));
    if (!written || written->empty()) {
        return reader.wrong("image", "is missing", hint);
    }
    if (is_made_image(*written)) {
        return *written;
    }
    if (written->starts_with("debian:")) {
        return reader.wrong("image", fmt::format("{}: no such image", *written), hint);
    }
    return reader.existing_file("image", *written, folder, hint);
}

Result<DiskDescription> read_disk(const TableReader& reader, const std::filesystem::path& folder) {
    TRY(reader.expect_only(disk_keys));
    DiskDescription disk{.image = TRY(read_image(reader, folder)), .place = reader.place("image")};
    if (const auto bus = TRY(reader.choice("bus", platform::disk_bus_words))) {
        disk.bus = static_cast<platform::DiskBus>(*bus);
    }
    return disk;
}

} // namespace

bool is_made_image(std::string_view image) {
    return std::ranges::find(made_images, image) != made_images.end();
}

Result<std::vector<DiskDescription>> read_disks(const TableReader& machine, const std::filesystem::path& folder) {
    std::vector<DiskDescription> disks;
    for (const auto& reader : TRY(machine.tables("disks"))) {
        DiskDescription disk = TRY(read_disk(reader, folder));
        if (std::ranges::find(disks, disk.image, &DiskDescription::image) != disks.end()) {
            return reader.wrong("image", fmt::format("{} is the image of two disks", disk.image),
                                "Two disks that write to one file destroy it: give each its own.");
        }
        disks.push_back(std::move(disk));
    }
    if (disks.size() > most_disks) {
        return machine.wrong("disks", fmt::format("has {} disks", disks.size()),
                             fmt::format("Give the machine at most {}.", most_disks));
    }
    return disks;
}

} // namespace trv::tool::machine
