// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/build/client_libraries.hpp"

#include "tool/support/files.hpp"
#include "tool/support/hash.hpp"
#include "tool/support/process/process.hpp"
#include "tool/support/stamps.hpp"

#include <algorithm>
#include <regex>
#include <sstream>

namespace trv::tool::ta {
namespace {

constexpr const char* triplet = "aarch64-linux-gnu";

std::vector<std::filesystem::path> those_that_exist(std::vector<std::filesystem::path> folders) {
    std::error_code ignored;
    std::erase_if(folders, [&](const auto& folder) { return !std::filesystem::is_directory(folder, ignored); });
    return folders;
}

Result<DynamicSection> dynamic_section(const std::filesystem::path& file) {
    return parse_dynamic_section(TRY(capture("client", {.arguments = {"aarch64-linux-gnu-readelf", "-dW", file}})));
}

/// A package's link to an absolute path means its own tree, not this computer's.
void turn_links_inwards(const std::filesystem::path& root) {
    std::error_code ignored;
    std::vector<std::filesystem::path> links;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root, ignored)) {
        if (entry.is_symlink(ignored)) {
            links.push_back(entry.path());
        }
    }
    for (const auto& link : links) {
        const auto target = std::filesystem::read_symlink(link, ignored);
        if (target.is_absolute() && !target.string().starts_with(root.string())) {
            std::filesystem::remove(link, ignored);
            std::filesystem::create_symlink(root / target.relative_path(), link, ignored);
        }
    }
}

} // namespace

std::vector<std::filesystem::path> Sysroot::include() const {
    return folder.empty() ? std::vector<std::filesystem::path>{}
                          : those_that_exist({folder / "usr/include", folder / "usr/include" / triplet});
}

std::vector<std::filesystem::path> Sysroot::libraries() const {
    return folder.empty() ? std::vector<std::filesystem::path>{}
                          : those_that_exist({folder / "usr/lib" / triplet, folder / "lib" / triplet});
}

Result<Sysroot> make_sysroot(const packages::PackageStore& store, const Project& project,
                             const std::filesystem::path& output) {
    if (project.client.packages.empty()) {
        return Sysroot{};
    }
    const Sysroot sysroot{.folder = output / "sysroot"};
    Sha256 hash;
    for (const auto& id : project.client.packages) {
        hash.add_field(store.version(id));
    }
    const std::string inputs = hash.finish();
    const Stamps stamps(output);
    if (stamps.fresh("sysroot.stamp", inputs, {sysroot.folder})) {
        return sysroot;
    }
    std::error_code ignored;
    std::filesystem::remove_all(sysroot.folder, ignored);
    TRY(make_folder(sysroot.folder));
    for (const auto& id : project.client.packages) {
        TRY(copy_folder(store.tree(id), sysroot.folder));
    }
    turn_links_inwards(sysroot.folder);
    TRY(stamps.record("sysroot.stamp", inputs));
    return sysroot;
}

DynamicSection parse_dynamic_section(std::string_view text) {
    static const std::regex entry(R"(\((NEEDED|SONAME)\).*\[([^\]]+)\])");
    DynamicSection section;
    std::istringstream lines{std::string{text}};
    for (std::string line; std::getline(lines, line);) {
        if (std::smatch match; std::regex_search(line, match, entry)) {
            if (match[1] == "SONAME") {
                section.name = match[2];
            } else {
                section.needed.push_back(match[2]);
            }
        }
    }
    return section;
}

Result<std::vector<SharedLibrary>> needed_libraries(const std::filesystem::path& program,
                                                    const std::vector<std::filesystem::path>& folders,
                                                    const std::vector<std::filesystem::path>& files) {
    std::vector<SharedLibrary> offered;
    for (const auto& file : files) {
        const auto section = TRY(dynamic_section(file));
        offered.push_back({.file = file, .name = section.name.empty() ? file.filename().string() : section.name});
    }
    const auto find = [&](const std::string& name) -> std::optional<SharedLibrary> {
        if (const auto named = std::ranges::find(offered, name, &SharedLibrary::name); named != offered.end()) {
            return *named;
        }
        std::error_code ignored;
        for (const auto& folder : folders) {
            if (std::filesystem::is_regular_file(folder / name, ignored)) {
                return SharedLibrary{.file = folder / name, .name = name};
            }
        }
        return std::nullopt;
    };
    std::vector<SharedLibrary> found;
    std::vector<std::string> wanted = TRY(dynamic_section(program)).needed;
    while (!wanted.empty()) {
        const std::string name = wanted.back();
        wanted.pop_back();
        const bool known = std::ranges::find(found, name, &SharedLibrary::name) != found.end();
        if (auto library = known ? std::nullopt : find(name)) {
            const auto needed = TRY(dynamic_section(library->file)).needed;
            wanted.insert(wanted.end(), needed.begin(), needed.end());
            found.push_back(*std::move(library));
        }
    }
    return found;
}

} // namespace trv::tool::ta
