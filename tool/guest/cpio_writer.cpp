// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/cpio_writer.hpp"

#include "tool/support/files.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <vector>

namespace trv::tool::guest {

void CpioWriter::Close::operator()(archive* writer) const {
    archive_write_free(writer);
}

void CpioWriter::Free::operator()(archive_entry* entry) const {
    archive_entry_free(entry);
}

CpioWriter::CpioWriter(std::filesystem::path path) : path_(std::move(path)), writer_(archive_write_new()) {}

Result<CpioWriter> CpioWriter::create(const std::filesystem::path& path) {
    CpioWriter writer(path);
    archive_write_set_format_cpio_newc(writer.writer_.get());
    archive_write_set_bytes_in_last_block(writer.writer_.get(), 4); // archives are joined at multiples of 4
    if (archive_write_open_filename(writer.writer_.get(), path.c_str()) != ARCHIVE_OK) {
        return writer.failed();
    }
    return writer;
}

std::unexpected<Error> CpioWriter::failed() const {
    const char* reason = archive_error_string(writer_.get());
    return failure(path_, std::string("cannot be written: ") + (reason != nullptr ? reason : "no reason given"));
}

CpioWriter::Entry CpioWriter::entry(const std::string& name, unsigned type, unsigned permissions) {
    Entry made(archive_entry_new());
    archive_entry_set_pathname(made.get(), name.c_str());
    archive_entry_set_filetype(made.get(), type);
    archive_entry_set_perm(made.get(), permissions);
    archive_entry_set_nlink(made.get(), type == AE_IFDIR ? 2 : 1);
    archive_entry_set_ino64(made.get(), next_inode_++);
    archive_entry_set_mtime(made.get(), 0, 0);
    archive_entry_set_size(made.get(), 0);
    return made;
}

Result<void> CpioWriter::write(const Entry& entry, std::string_view content) {
    TRY(add_parents(archive_entry_pathname(entry.get())));
    if (archive_write_header(writer_.get(), entry.get()) != ARCHIVE_OK) {
        return failed();
    }
    while (!content.empty()) {
        const la_ssize_t written = archive_write_data(writer_.get(), content.data(), content.size());
        if (written <= 0) {
            return failed();
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> CpioWriter::add_parents(const std::string& name) {
    const std::string parent = std::filesystem::path(name).parent_path().string();
    return parent.empty() ? Result<void>() : add_folder(parent);
}

Result<void> CpioWriter::add_folder(const std::string& name, unsigned permissions) {
    if (!folders_.insert(name).second) {
        return {};
    }
    return write(entry(name, AE_IFDIR, permissions), {});
}

Result<void> CpioWriter::add_file(const std::string& name, std::string_view content, unsigned permissions) {
    const Entry file = entry(name, AE_IFREG, permissions);
    archive_entry_set_size(file.get(), static_cast<la_int64_t>(content.size()));
    return write(file, content);
}

Result<void> CpioWriter::add_link(const std::string& name, const std::string& target) {
    const Entry link = entry(name, AE_IFLNK, 0777);
    archive_entry_set_symlink(link.get(), target.c_str());
    return write(link, {});
}

Result<void> CpioWriter::add_character_device(const std::string& name, unsigned major, unsigned minor,
                                              unsigned permissions) {
    const Entry device = entry(name, AE_IFCHR, permissions);
    archive_entry_set_rdevmajor(device.get(), major);
    archive_entry_set_rdevminor(device.get(), minor);
    return write(device, {});
}

Result<void> CpioWriter::add_tree(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> found;
    std::error_code error;
    for (std::filesystem::recursive_directory_iterator item(folder, error), end; !error && item != end;
         item.increment(error)) {
        found.push_back(item->path());
    }
    if (error) {
        return usage_error(folder, {}, "cannot be read: " + error.message(), "Name a folder that exists.");
    }
    std::ranges::sort(found); // a folder precedes its contents
    for (const std::filesystem::path& item : found) {
        const std::string name = item.lexically_relative(folder).string();
        const std::filesystem::file_status status = std::filesystem::symlink_status(item, error);
        const auto permissions = static_cast<unsigned>(status.permissions() & std::filesystem::perms::mask);
        if (std::filesystem::is_symlink(status)) {
            TRY(add_link(name, std::filesystem::read_symlink(item, error).string()));
        } else if (std::filesystem::is_directory(status)) {
            TRY(add_folder(name, permissions));
        } else if (std::filesystem::is_regular_file(status)) {
            TRY(add_file(name, TRY(read_file(item)), permissions));
        } else {
            return usage_error(item, {}, "is not a file, folder or symbolic link", "Remove it from the tree.");
        }
    }
    return {};
}

Result<void> CpioWriter::finish() {
    return archive_write_close(writer_.get()) == ARCHIVE_OK ? Result<void>() : failed();
}

void append_aligned(std::string& initramfs, std::string_view archive) {
    constexpr std::size_t alignment = 4;
    initramfs.resize((initramfs.size() + alignment - 1) / alignment * alignment, '\0');
    initramfs += archive;
}

} // namespace trv::tool::guest
