// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/machine_description.hpp"
#include "tool/machine/readers/table_reader.hpp"

#include <string_view>

namespace trv::tool::machine {

inline constexpr std::string_view optee_key = "optee"; ///< of [machine]

/// Reads a machine's key `optee`: "debian", "source" or a table with options of a build of the source; the default is
/// the source, if VMs with a TEE are possible. Plans the build, and where its memory is.
/// @param reader   the table of the machine
/// @param machine  read but for this key
[[nodiscard]] Result<firmware::Optee> read_optee(const TableReader& reader, const MachineDescription& machine);

/// The build of most machines: in RAM, for four VMs with a TEE, or more.
/// @param users VMs with a TEE, 1 to 16
[[nodiscard]] firmware::OpteeBuild usual_optee(const platform::Platform& platform, unsigned users = 1);
/// The one beside a host: in secure memory, for two.
[[nodiscard]] firmware::OpteeBuild secure_optee(const platform::Platform& platform);

} // namespace trv::tool::machine
