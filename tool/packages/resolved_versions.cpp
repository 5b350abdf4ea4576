// SPDX-License-Identifier: Apache-2.0
#include "tool/packages/resolved_versions.hpp"

#include "tool/support/files.hpp"

#include <nlohmann/json.hpp>

namespace trv::tool::packages {

ResolvedVersions ResolvedVersions::load(const std::filesystem::path& path) {
    const Result<std::string> text = read_file(path);
    if (!text) {
        return {};
    }
    try {
        ResolvedVersions versions;
        const nlohmann::json json = nlohmann::json::parse(*text);
        for (const auto& [name, entry] : json.get<std::map<std::string, nlohmann::json>>()) {
            versions.packages_[name] = {.package = entry.at("package").get<std::string>(),
                                        .version = entry.at("version").get<std::string>(),
                                        .files = entry.at("files").get<std::vector<std::string>>()};
        }
        return versions;
    } catch (const nlohmann::json::exception&) {
        return {};
    }
}

Result<void> ResolvedVersions::save(const std::filesystem::path& path) const {
    nlohmann::json json = nlohmann::json::object();
    for (const auto& [name, package] : packages_) {
        json[name] = {{"package", package.package}, {"version", package.version}, {"files", package.files}};
    }
    return write_file(path, json.dump(2) + "\n");
}

const ResolvedPackage* ResolvedVersions::find(const PackageId& id) const {
    const auto found = packages_.find(id.text());
    return found == packages_.end() ? nullptr : &found->second;
}

void ResolvedVersions::set(const PackageId& id, ResolvedPackage package) {
    packages_[id.text()] = std::move(package);
}

} // namespace trv::tool::packages
