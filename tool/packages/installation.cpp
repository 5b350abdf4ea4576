// SPDX-License-Identifier: Apache-2.0
#include "tool/packages/installation.hpp"

#include <algorithm>
#include <sstream>

namespace trv::tool::packages {

std::vector<std::string> installed_files(std::string_view simulation) {
    // "Inst NAME (VERSION ARCHIVE… [ARCHITECTURE])", in some lines with more behind it.
    std::vector<std::string> files;
    std::istringstream lines{std::string{simulation}};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};
        std::string verb;
        std::string name;
        std::string version;
        words >> verb >> name >> version;
        const std::size_t begin = line.find('[');
        const std::size_t end = line.find("])");
        if (verb == "Inst" && version.starts_with('(') && begin < end && end != std::string::npos) {
            files.push_back(archive_name(name, version.substr(1), line.substr(begin + 1, end - begin - 1)));
        }
    }
    std::ranges::sort(files);
    return files;
}

std::string archive_name(const std::string& package, std::string version, const std::string& architecture) {
    if (const std::size_t colon = version.find(':'); colon != std::string::npos) {
        version.replace(colon, 1, "%3a");
    }
    return package + "_" + version + "_" + architecture + ".deb";
}

} // namespace trv::tool::packages
