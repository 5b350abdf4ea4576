// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"

#include <filesystem>

namespace trv::tool::ta {

/// Detects when a file below a folder is saved, created, renamed or removed.
class ChangeWatch {
  public:
    [[nodiscard]] static Result<ChangeWatch> create(const std::filesystem::path& folder);

    /// For an EventLoop: readable when something has changed since take().
    [[nodiscard]] int descriptor() const { return inotify_.get(); }

    /// Clears the changes, and watches new folders. Returns when editors, which save in several steps, are quiet.
    void take();

  private:
    ChangeWatch(FileDescriptor inotify, std::filesystem::path folder)
        : inotify_(std::move(inotify)), folder_(std::move(folder)) {}

    void add_folders() const;

    FileDescriptor inotify_;
    std::filesystem::path folder_;
};

} // namespace trv::tool::ta
