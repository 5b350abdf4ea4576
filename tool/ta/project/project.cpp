// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/project/project.hpp"

#include "tool/machine/values/uuid.hpp"
#include "tool/support/files.hpp"
#include "tool/ta/project/project_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <sstream>

namespace trv::tool::ta {
namespace {

struct Found {
    std::string text;
    unsigned line = 0;
};

/// The value of BINARY in a makefile.
Found find_binary(const std::string& makefile) {
    static const std::regex assignment(R"(^\s*(?:override\s+)?BINARY\s*[:?]?=\s*(\S*)\s*$)");
    std::istringstream lines(makefile);
    std::string line;
    for (unsigned number = 1; std::getline(lines, line); ++number) {
        if (std::smatch match; std::regex_match(line, match, assignment)) {
            return {match[1], number};
        }
    }
    return {};
}

} // namespace

Result<Project> read_project(const Paths& paths, const std::filesystem::path& folder) {
    std::error_code ignored;
    const auto whole = std::filesystem::weakly_canonical(std::filesystem::absolute(folder), ignored);
    const auto makefile = whole / "ta" / "Makefile";
    if (!std::filesystem::is_directory(whole, ignored)) {
        return usage_error(
            folder.string(), {}, "no such folder",
            "Name a project's folder, such as examples/hello_world, or create one: ./trivisor ta new NAME.");
    }
    if (!std::filesystem::exists(makefile, ignored)) {
        return usage_error(paths.shown(whole), {}, "is not a trusted application's project: it has no ta/Makefile",
                           "Create a project with ./trivisor ta new NAME.");
    }
    Project project{.folder = whole, .name = whole.filename().string(), .uuid = {}, .uuid_place = {}};
    TRY(check_project_name(project.name));
    const Found binary = find_binary(TRY(read_file(makefile)));
    project.uuid_place = fmt::format("{}:{}", paths.shown(makefile), std::max(binary.line, 1U));
    const auto uuid = machine::parse_uuid(binary.text);
    if (!uuid) {
        return usage_error(project.uuid_place, "BINARY",
                           binary.line == 0 ? "is not set" : fmt::format("'{}' is not a UUID", binary.text),
                           "Write the trusted application's UUID: BINARY = xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx.");
    }
    project.uuid = machine::to_text(*uuid);
    if (project.uuid != binary.text) {
        return usage_error(project.uuid_place, "BINARY", fmt::format("'{}' contains upper-case letters", binary.text),
                           fmt::format("OP-TEE looks up files in lower case: write {}.", project.uuid));
    }
    project.client = TRY(read_client_options(paths, whole));
    return project;
}

} // namespace trv::tool::ta
