// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/project/new_project.hpp"

#include "tool/support/files.hpp"
#include "tool/ta/project/project.hpp"
#include "tool/ta/project/project_name.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/random.h>

#include <array>
#include <span>
#include <utility>

namespace trv::tool::ta {
namespace {

/// The UUID as an initializer of C's TEE_UUID and TEEC_UUID.
std::string initializer(const machine::Uuid& uuid) {
    const std::span bytes(uuid);
    return fmt::format("{{ 0x{:02x}, 0x{:02x}, 0x{:02x}, {{ 0x{:02x} }} }}", fmt::join(bytes.first(4), ""),
                       fmt::join(bytes.subspan(4, 2), ""), fmt::join(bytes.subspan(6, 2), ""),
                       fmt::join(bytes.subspan(8), ", 0x"));
}

} // namespace

std::string fill_in(std::string_view text, const std::string& name, const machine::Uuid& uuid) {
    const std::array<std::pair<std::string_view, std::string>, 5> marks{{{"@NAME@", name},
                                                                         {"@IDENTIFIER@", identifier(name)},
                                                                         {"@MACRO@", macro_name(name)},
                                                                         {"@UUID@", machine::to_text(uuid)},
                                                                         {"@UUID_BYTES@", initializer(uuid)}}};
    std::string result(text);
    for (const auto& [mark, value] : marks) {
        for (std::size_t at = result.find(mark); at != std::string::npos; at = result.find(mark, at + value.size())) {
            result.replace(at, mark.size(), value);
        }
    }
    return result;
}

Result<machine::Uuid> random_uuid() {
    machine::Uuid uuid{};
    if (::getrandom(uuid.data(), uuid.size(), 0) != static_cast<ssize_t>(uuid.size())) {
        return system_failure("getrandom", "cannot get random bytes for a UUID");
    }
    uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0fU) | 0x40U); // version 4: random
    uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3fU) | 0x80U); // the RFC's variant
    return uuid;
}

Result<void> make_project(const Paths& paths, const std::filesystem::path& where) {
    const std::string name = where.filename().string();
    TRY(check_project_name(name));
    std::error_code ignored;
    if (std::filesystem::exists(where, ignored)) {
        return usage_error(where.string(), {}, "already exists", "Choose another name, or remove it first.");
    }
    const auto templates = paths.root() / "tool" / "ta" / "project" / "template";
    const machine::Uuid uuid = TRY(random_uuid());
    return make_whole(where, [&](const std::filesystem::path& beside) -> Result<void> {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(templates)) {
            if (entry.is_regular_file()) {
                const std::string relative = entry.path().lexically_relative(templates).string();
                TRY(write_file(beside / fill_in(relative, name, uuid),
                               fill_in(TRY(read_file(entry.path())), name, uuid)));
            }
        }
        return {};
    });
}

} // namespace trv::tool::ta
