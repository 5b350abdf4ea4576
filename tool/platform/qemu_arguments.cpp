// SPDX-License-Identifier: Apache-2.0
#include "tool/platform/qemu_arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace trv::tool::platform {

std::string escaped(const std::filesystem::path& path) {
    std::string text;
    for (const char letter : path.string()) {
        text += letter;
        if (letter == ',') {
            text += letter;
        }
    }
    return text;
}

std::string loader(const std::filesystem::path& file, std::uint64_t address) {
    return fmt::format("loader,file={},addr={:#x},force-raw=on", escaped(file), address);
}

namespace {

constexpr std::array<std::string_view, disk_bus_words.size()> disk_devices{"virtio-blk-pci", "nvme",
                                                                           "virtio-blk-device"};

} // namespace

std::vector<std::string> peripheral_arguments(const Peripherals& peripherals) {
    std::vector<std::string> line;
    for (std::size_t index = 0; index < peripherals.disks.size(); ++index) {
        const Disk& disk = peripherals.disks[index];
        const std::string serial = disk.bus == DiskBus::Nvme ? fmt::format(",serial=disk{}", index) : "";
        line.insert(line.end(), {"-drive",
                                 fmt::format("if=none,id=disk{},file={},format={},discard=unmap", index,
                                             escaped(disk.file), disk.raw ? "raw" : "qcow2"),
                                 "-device",
                                 fmt::format("{},drive=disk{}{}", disk_devices[static_cast<std::size_t>(disk.bus)],
                                             index, serial)});
    }
    if (peripherals.network == Network::User) {
        // Without a ROM to boot from, which is a package of its own.
        line.insert(line.end(), {"-netdev", "user,id=net0", "-device", "virtio-net-pci,netdev=net0,romfile="});
    }
    return line;
}

std::vector<std::string> hardware_arguments(const Platform& platform, const Shape& shape) {
    std::vector<std::string> line = shape.emulator;
    for (std::string& argument : platform.board(shape)) {
        line.push_back(std::move(argument));
    }
    line.insert(line.end(), {"-smp", std::to_string(shape.cpus), "-m", fmt::format("{}M", shape.memory / mib), "-nic",
                             "none", "-display", "none"});
    return line;
}

std::vector<std::string> dump_command_line(const Platform& platform, const Shape& shape,
                                           const std::filesystem::path& output) {
    std::vector<std::string> line = hardware_arguments(platform, shape);
    *std::next(std::ranges::find(line, "-M")) += ",dumpdtb=" + escaped(output);
    return line;
}

} // namespace trv::tool::platform
