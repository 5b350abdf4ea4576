// SPDX-License-Identifier: Apache-2.0
#include "tool/options/image_config.hpp"

#include "tool/machine/values/spelling.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace trv::tool::options {

namespace {

constexpr const char* python = "/usr/bin/python3"; // Debian's, which has Debian's kconfiglib

std::filesystem::path chosen_config(const Paths& paths) {
    return paths.root() / ".config";
}

Result<std::string> table_of(const Paths& paths, const std::filesystem::path& config) {
    return capture("options", {.arguments = {python, paths.root() / "cmake" / "make_options.py",
                                             paths.root() / "Kconfig", config}});
}

/// Whether a terminal of this type can place its cursor. A shell without a terminal of its own has the type "dumb", also
/// where a command gets a terminal later.
bool can_show_menus(const char* type) {
    return type != nullptr && *type != '\0' && std::string_view{type} != "dumb";
}

} // namespace

std::vector<std::string> known_configs(const Paths& paths) {
    std::vector<std::string> names;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(paths.root() / "configs", ignored)) {
        names.push_back(entry.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
}

std::filesystem::path config_in_force(const Paths& paths) {
    std::error_code ignored;
    const auto chosen = chosen_config(paths);
    return std::filesystem::exists(chosen, ignored) ? chosen : paths.root() / "configs" / "default";
}

std::vector<std::string> other_configs(const Paths& paths) {
    const std::string in_force = read_file(config_in_force(paths)).value_or("");
    auto names = known_configs(paths);
    std::erase_if(names, [&](const std::string& name) {
        return read_file(paths.root() / "configs" / name).value_or("") == in_force;
    });
    return names;
}

Result<std::filesystem::path> find_config(const Paths& paths, const std::string& name) {
    if (name.empty()) {
        return config_in_force(paths);
    }
    const auto known = known_configs(paths);
    if (std::ranges::find(known, name) != known.end()) {
        return paths.root() / "configs" / name;
    }
    std::error_code ignored;
    if (std::filesystem::is_regular_file(name, ignored)) {
        return std::filesystem::absolute(name);
    }
    const std::vector<std::string_view> views(known.begin(), known.end());
    const auto meant = machine::nearest(name, views);
    return usage_error("configuration", name, "no such configuration or file",
                       meant ? fmt::format("Did you mean '{}'?", *meant)
                             : fmt::format("Name one of {}, or a file.", fmt::join(known, ", ")));
}

Result<void> choose_config(const Paths& paths, const std::string& name) {
    const auto file = TRY(find_config(paths, name));
    if (const auto accepted = table_of(paths, file); !accepted) {
        return usage_error(paths.shown(file), "", accepted.error().what, accepted.error().hint);
    }
    return write_file(chosen_config(paths), TRY(read_file(file)));
}

Result<std::string> options_in_force(const Paths& paths) {
    return table_of(paths, config_in_force(paths));
}

Result<void> open_menus(const Paths& paths, const std::filesystem::path& file) {
    if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) {
        return usage_error("menuconfig", "", "needs a terminal",
                           "Choose a configuration with ./trivisor config NAME, or edit .config.");
    }
    const auto config = file.empty() ? chosen_config(paths) : std::filesystem::absolute(file);
    ::setenv("KCONFIG_CONFIG", config.c_str(), 1);
    if (!can_show_menus(std::getenv("TERM"))) {
        ::setenv("TERM", "vt100", 1); // every terminal supports it
    }
    if (::chdir(paths.root().c_str()) != 0) {
        return system_failure("menuconfig", "the checkout cannot be entered");
    }
    // Not a child: the menus need the terminal's foreground, which this process has.
    ::execl(python, python, "-m", "menuconfig", "Kconfig", nullptr);
    return system_failure("menuconfig", "the menus cannot be opened");
}

} // namespace trv::tool::options
