// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <string_view>

struct archive;
struct archive_entry;

namespace trv::tool::guest {

/// Writes an initramfs archive (newc). Everything belongs to root and has the same date, so that equal content gives
/// equal bytes. Parent folders are created as needed.
class CpioWriter {
  public:
    [[nodiscard]] static Result<CpioWriter> create(const std::filesystem::path& path);

    [[nodiscard]] Result<void> add_folder(const std::string& name, unsigned permissions = 0755);
    [[nodiscard]] Result<void> add_file(const std::string& name, std::string_view content, unsigned permissions = 0644);
    [[nodiscard]] Result<void> add_link(const std::string& name, const std::string& target);
    [[nodiscard]] Result<void> add_character_device(const std::string& name, unsigned major, unsigned minor,
                                                    unsigned permissions = 0600);

    /// Folders, files and links below `folder`, with their permissions, in the order of their names.
    [[nodiscard]] Result<void> add_tree(const std::filesystem::path& folder);

    /// Writes the trailer; nothing can be added afterwards. Without it the archive is not complete.
    [[nodiscard]] Result<void> finish();

  private:
    struct Close {
        void operator()(archive* writer) const;
    };
    struct Free {
        void operator()(archive_entry* entry) const;
    };
    using Entry = std::unique_ptr<archive_entry, Free>;

    explicit CpioWriter(std::filesystem::path path);
    [[nodiscard]] Entry entry(const std::string& name, unsigned type, unsigned permissions);
    [[nodiscard]] Result<void> write(const Entry& entry, std::string_view content);
    [[nodiscard]] Result<void> add_parents(const std::string& name);
    [[nodiscard]] std::unexpected<Error> failed() const;

    std::filesystem::path path_;
    std::unique_ptr<archive, Close> writer_;
    std::set<std::string> folders_;
    std::int64_t next_inode_ = 1;
};

/// Appends an archive at the next multiple of four bytes, where Linux looks for it.
void append_aligned(std::string& initramfs, std::string_view archive);

} // namespace trv::tool::guest
