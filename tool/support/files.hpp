#pragma once

#include "tool/support/error.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace trv::tool {

[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path);

/// Creates missing folders, too. The empty path is the folder we run in, which is there.
[[nodiscard]] Result<void> make_folder(const std::filesystem::path& path);

/// The file has its old or its new content, never a part: it is written beside its place and renamed.
[[nodiscard]] Result<void> write_file(const std::filesystem::path& path, std::string_view content);

/// Lets `make` write to a path beside `path`, and renames that to `path` when it succeeds. For files and folders.
[[nodiscard]] Result<void> make_whole(const std::filesystem::path& path,
                                      const std::function<Result<void>(const std::filesystem::path&)>& make);

/// Removes what commands that were interrupted left in a folder and three levels of folders below it: files and folders
/// that were not whole yet, and temporary folders. Those of commands that still run stay.
void remove_leftovers(const std::filesystem::path& folder);

/// The last lines of a file, for messages; empty when there is none.
[[nodiscard]] std::string last_lines(const std::filesystem::path& path, std::size_t count);

/// A folder of its own below `parent`, removed with all it holds at the end of its scope.
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
