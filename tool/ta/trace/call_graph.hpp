// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/ta/build/build_project.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::ta {

/// The files in a text of Base64: each one's lines, ended by an empty line.
/// @return Error if a line is not Base64
[[nodiscard]] Result<std::vector<std::string>> files_of_base64(std::string_view text);

/// What a trusted application has recorded, with the names of its functions, as the scripts of OP-TEE's development kit
/// print it. It is kept beside the application that was built.
/// @param recorded  the files of the VM in Base64, as for files_of_base64()
[[nodiscard]] Result<std::string> call_graphs(const BuiltProject& built, const std::filesystem::path& kit,
                                              const Paths& paths, std::string_view recorded);

} // namespace trv::tool::ta
