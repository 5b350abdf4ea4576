// SPDX-License-Identifier: Apache-2.0
#include "tool/platform/qemu_arguments.hpp"

#include <fmt/format.h>

#include <algorithm>

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

std::vector<std::string> hardware_arguments(const Platform& platform, const Shape& shape) {
    std::vector<std::string> line{qemu};
    for (std::string& argument : platform.board(shape.repeatable)) {
        line.push_back(std::move(argument));
    }
    line.insert(line.end(), {"-smp", std::to_string(shape.cpus), "-m", fmt::format("{}M", shape.memory / mib), "-nic",
                             "none", "-display", "none", "-no-reboot"});
    return line;
}

std::vector<std::string> dump_command_line(const Platform& platform, const Shape& shape,
                                           const std::filesystem::path& output) {
    std::vector<std::string> line = hardware_arguments(platform, shape);
    *std::next(std::ranges::find(line, "-M")) += ",dumpdtb=" + escaped(output);
    return line;
}

} // namespace trv::tool::platform
