// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace trv::tool {

[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path);

/// Creates missing parent folders as well. The empty path is the current folder.
[[nodiscard]] Result<void> make_folder(const std::filesystem::path& path);

/// Copies a folder with all that is in it; symbolic links stay links, and files that are there already stay as well.
[[nodiscard]] Result<void> copy_folder(const std::filesystem::path& from, const std::filesystem::path& to);

/// Writes a file atomically: beside its place, then renamed.
[[nodiscard]] Result<void> write_file(const std::filesystem::path& path, std::string_view content);

/// Sets who may do what with a file or folder, whatever this program's umask.
/// @param mode  the bits of chmod(2), in octal
[[nodiscard]] Result<void> set_mode(const std::filesystem::path& path, unsigned mode);

/// Lets `make` write to a path beside `path`, and renames that to `path` when it succeeds. For files and folders.
[[nodiscard]] Result<void> make_whole(const std::filesystem::path& path,
                                      const std::function<Result<void>(const std::filesystem::path&)>& make);

/// Removes leftovers of interrupted commands in a folder and three levels below it: incomplete files and folders, and
/// temporary folders. Those of running commands stay; those of commands whose process ids mean nothing here, in another
/// container, for a day.
void remove_leftovers(const std::filesystem::path& folder);

/// The last lines of a file, for messages; empty when there is none.
[[nodiscard]] std::string last_lines(const std::filesystem::path& path, std::size_t count);

/// A temporary folder in `parent`, removed with its contents at the end of its scope.
class TemporaryFolder {
  public:
    [[nodiscard]] static Result<TemporaryFolder> create(const std::filesystem::path& parent,
                                                        std::string_view prefix = "tmp");
    TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    TemporaryFolder& operator=(TemporaryFolder&& other) noexcept;
    ~TemporaryFolder() { remove(); }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {}
    void remove() noexcept;

    std::filesystem::path path_;
};

} // namespace trv::tool
