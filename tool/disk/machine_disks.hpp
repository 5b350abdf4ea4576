// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/machine_description.hpp"
#include "tool/support/context.hpp"
#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::disk {

/// A machine's disks, which no other run can use meanwhile.
struct MachineDisks {
    std::vector<platform::Disk> disks{};
    std::vector<FileDescriptor> locks{};
};

/// Where the tool keeps the disk of an image that it makes, from one run to the next.
[[nodiscard]] std::filesystem::path kept_disk(const Paths& paths, const std::string& image);

struct DiskOptions {
    bool fresh = false;                            ///< make those that the tool makes anew, whatever is on them
    std::vector<std::filesystem::path> packages{}; ///< in Debian's format, for the systems on these
};

/// Opens them; makes those that the tool makes, if they are not there, and puts packages on them.
[[nodiscard]] Result<MachineDisks> open_disks(Context& context, const machine::MachineDescription& machine,
                                              const DiskOptions& options);

} // namespace trv::tool::disk
