// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/readers/table_reader.hpp"
#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace trv::host::devices {

using tool::Result;

/// The file with the variables of a VM's firmware: what its flash holds. The VM decides on the bytes, which nothing here
/// looks at.
class VariablesFile {
  public:
    /// Opens the file, or makes one of erased flash. It is this object's alone, of all programs that open it here.
    /// @param place  in the description, for mistakes
    [[nodiscard]] static Result<VariablesFile> open(const std::filesystem::path& path,
                                                    const tool::machine::KeyPlace& place);

    [[nodiscard]] Result<std::string> content() const;
    /// Puts another file in its place, which only this program's user may read and write.
    /// @return when it is on the disk; after an error the old one is as it was
    [[nodiscard]] Result<void> save(std::string_view content);

  private:
    VariablesFile(tool::FileDescriptor folder, std::filesystem::path path)
        : folder_{std::move(folder)}, path_{std::move(path)} {}
    [[nodiscard]] Result<bool> take(const tool::machine::KeyPlace& place);
    [[nodiscard]] Result<void> write_beside(const std::string& beside, std::string_view content);

    tool::FileDescriptor folder_; ///< stays the same if folders are moved
    std::filesystem::path path_;
    tool::FileDescriptor file_{}; ///< locked
};

} // namespace trv::host::devices
