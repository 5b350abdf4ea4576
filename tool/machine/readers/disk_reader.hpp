// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/readers/table_reader.hpp"

namespace trv::tool::machine {

/// Whether the tool makes the image of this name itself.
[[nodiscard]] bool is_made_image(std::string_view image);

/// Reads and checks `disks` of [machine].
/// @param machine  the table
/// @param folder   where paths in the file begin
[[nodiscard]] Result<std::vector<DiskDescription>> read_disks(const TableReader& machine,
                                                              const std::filesystem::path& folder);

} // namespace trv::tool::machine
