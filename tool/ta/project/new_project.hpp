// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/values/uuid.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace trv::tool::ta {

/// Creates a project from the template in tool/ta/project/template, with its own UUID.
/// @param where  the new folder; its last component is the project's name
[[nodiscard]] Result<void> make_project(const Paths& paths, const std::filesystem::path& where);

/// Replaces the template's marks: @NAME@, @IDENTIFIER@, @MACRO@, @UUID@ and @UUID_BYTES@.
[[nodiscard]] std::string fill_in(std::string_view text, const std::string& name, const machine::Uuid& uuid);

/// A random UUID [RFC 9562 5.4].
[[nodiscard]] Result<machine::Uuid> random_uuid();

} // namespace trv::tool::ta
