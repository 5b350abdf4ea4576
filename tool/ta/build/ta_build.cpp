// SPDX-License-Identifier: Apache-2.0
#include "tool/support/files.hpp"
#include "tool/ta/build/build_project.hpp"
#include "tool/ta/build/compiler_output.hpp"
#include "tool/ta/build/signed_ta.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

namespace trv::tool::ta {
namespace {

/// The first place of a text in a folder's files: "file:line"; empty if it does not occur.
std::string find_text(const Paths& paths, const std::vector<std::filesystem::path>& files, std::string_view text) {
    for (const auto& file : files) {
        const std::string content = read_file(file).value_or("");
        if (const std::size_t at = content.find(text); at != std::string::npos) {
            const auto line = 1 + std::count(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(at), '\n');
            return fmt::format("{}:{}", paths.shown(file), line);
        }
    }
    return "";
}

Result<void> check_uuid(const Paths& paths, const Project& project, const std::filesystem::path& elf) {
    const auto uuid = header_uuid(TRY(read_file(elf)));
    if (!uuid) {
        return failure(paths.shown(elf), "has no trusted application header");
    }
    const std::string text = machine::to_text(*uuid);
    if (text == project.uuid) {
        return {};
    }
    auto files = files_of(project.folder / "include", {".h", ".hpp"});
    const auto own = files_of(project.folder / "ta", {".h", ".hpp", ".c", ".cpp"});
    files.insert(files.end(), own.begin(), own.end());
    const std::string place = find_text(paths, files, "0x" + text.substr(0, 8));
    return usage_error(place.empty() ? paths.shown(project.folder / "ta") : place, "TA_UUID",
                       fmt::format("is {}, but the file is named {}.ta ({})", text, project.uuid, project.uuid_place),
                       "OP-TEE would refuse to load it: use the same UUID in both places.");
}

Result<void> check_key(const Paths& paths, const devkit::Kit& kit, const Project& project,
                       const std::filesystem::path& file) {
    const Signature signature = TRY(check_signature(TRY(read_file(file)), kit.key()));
    if (signature != Signature::WrongKey) {
        return {};
    }
    std::error_code ignored;
    std::filesystem::remove(file, ignored); // make would not sign it again if only the key's name changed
    const char* environment = std::getenv("TA_SIGN_KEY");
    std::string place = find_text(paths, {project.folder / "ta" / "Makefile"}, "TA_SIGN_KEY");
    if (place.empty()) {
        place = environment == nullptr ? paths.shown(file) : "the environment";
    }
    return usage_error(place, "TA_SIGN_KEY", "the trusted application is signed with a key that OP-TEE does not trust",
                       "OP-TEE would refuse to load it (TEE_ERROR_SECURITY): sign with the kit's key by not setting "
                       "TA_SIGN_KEY.");
}

/// The kit's makefiles would split such a path.
Result<void> check_checkout(const Paths& paths) {
    if (paths.root().string().find_first_of(" \t:#$%") == std::string::npos) {
        return {};
    }
    return usage_error(paths.root().string(), {}, "contains a character that make cannot handle",
                       "Move the checkout to a path without spaces and : # $ %.");
}

std::vector<std::string> make_arguments(const devkit::Kit& kit, const Project& project,
                                        const std::filesystem::path& output) {
    std::vector<std::string> arguments = {"make",
                                          "--no-print-directory",
                                          fmt::format("-j{}", std::max(1U, std::thread::hardware_concurrency())),
                                          "CROSS_COMPILE=aarch64-linux-gnu-",
                                          "PYTHON3=/usr/bin/python3", // the one with Debian's Python modules
                                          "TA_DEV_KIT_DIR=" + kit.folder.string(),
                                          "O=" + output.string(),
                                          "CFG_WERROR=y",
                                          "CXXFLAGS=-Wall -Wextra -Werror"};
    if (project.kind == BuildKind::Debug) {
        // Behind the kit's -Os [mk/ta_dev_kit.mk]: variables are in memory, and lines in their order.
        arguments.insert(arguments.end(), {"CFLAGS_ta_arm64=-O0", "CXXFLAGS_ta_arm64=-O0"});
    }
    if (project.kind == BuildKind::Tracing) {
        // For 8192 calls and returns in one entry; the kit's own 2 KiB hold 256 [ta/arch/arm/ta.ld.S].
        arguments.emplace_back("CPPFLAGS_ta_arm64=-DCFG_FTRACE_BUF_SIZE=65536");
    }
    return arguments;
}

} // namespace

Result<TaFiles> build_ta(const Paths& paths, const devkit::Kit& kit, const Project& project) {
    TRY(check_checkout(paths));
    const auto output = project.output(paths) / "ta";
    TRY(make_folder(output));
    TRY(run_build_step(paths, {.arguments = make_arguments(kit, project, output),
                               .folder = project.folder / "ta",
                               .log = project.output(paths) / "ta.log"}));
    const TaFiles files{.signed_file = output / (project.uuid + ".ta"), .elf = output / (project.uuid + ".elf")};
    TRY(check_uuid(paths, project, files.elf));
    TRY(check_key(paths, kit, project, files.signed_file));
    return files;
}

} // namespace trv::tool::ta
