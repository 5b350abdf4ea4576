// SPDX-License-Identifier: Apache-2.0
#include "host/devices/variables/variables_file.hpp"

#include "contract/manager.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <thread>

namespace trv::host::devices {

namespace {

using contract::manager::variables_size;
using tool::machine::KeyPlace;
using tool::machine::wrong_at;

constexpr mode_t mode = 0600;
/// A program that was killed may be about to end.
constexpr std::chrono::milliseconds lock_interval{50};
constexpr unsigned lock_attempts = 60;

bool lock(int file) {
    for (unsigned attempt = 0; ::flock(file, LOCK_EX | LOCK_NB) != 0; ++attempt) {
        if (attempt == lock_attempts) {
            return false;
        }
        std::this_thread::sleep_for(lock_interval);
    }
    return true;
}

} // namespace

Result<VariablesFile> VariablesFile::open(const std::filesystem::path& path, const KeyPlace& place) {
    tool::FileDescriptor folder{::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!folder) {
        return wrong_at(place, fmt::format("no such folder, or not for this user: {}", path.parent_path().string()),
                        "Make it, or name a file elsewhere.");
    }
    VariablesFile file{std::move(folder), path};
    while (!TRY(file.take(place))) {
    }
    return file;
}

/// @return false if it has another file now, or none yet
Result<bool> VariablesFile::take(const KeyPlace& place) {
    const std::string name = path_.filename();
    file_.reset(::openat(folder_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file_ && errno == ENOENT) {
        TRY(save(std::string(variables_size, '\xff')));
        return true;
    }
    struct stat status{};
    if (!file_ || ::fstat(file_.get(), &status) != 0) {
        return errno == ELOOP ? wrong_at(place, path_.string() + " is a link", "Name the file that it leads to.")
                              : tool::system_failure(path_.string(), "cannot be opened");
    }
    if (!S_ISREG(status.st_mode) || status.st_size != static_cast<off_t>(variables_size)) {
        return wrong_at(place,
                        S_ISREG(status.st_mode) ? fmt::format("{} has {} bytes, and the flash of a VM {}",
                                                              path_.string(), status.st_size, variables_size)
                                                : path_.string() + " is not an ordinary file",
                        "Name another file: one that does not exist is made, as erased flash.");
    }
    if (!lock(file_.get())) {
        return wrong_at(place, path_.string() + " is in use: another VM has its variables there",
                        "Name a file of its own for each VM.");
    }
    struct stat now{};
    return ::fstatat(folder_.get(), name.c_str(), &now, AT_SYMLINK_NOFOLLOW) == 0 && now.st_ino == status.st_ino &&
           now.st_dev == status.st_dev;
}

Result<std::string> VariablesFile::content() const {
    std::string content(variables_size, '\0');
    for (std::size_t at = 0; at < content.size();) {
        const ssize_t got = ::pread(file_.get(), content.data() + at, content.size() - at, static_cast<off_t>(at));
        if (got == 0 || (got < 0 && errno != EINTR)) {
            return tool::system_failure(path_.string(), "cannot be read");
        }
        at += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    return content;
}

Result<void> VariablesFile::save(std::string_view content) {
    const std::string beside = fmt::format(".{}.new", path_.filename().string());
    (void)::unlinkat(folder_.get(), beside.c_str(), 0); // of a program that was killed
    auto written = write_beside(beside, content);
    if (!written) {
        (void)::unlinkat(folder_.get(), beside.c_str(), 0);
    }
    return written;
}

Result<void> VariablesFile::write_beside(const std::string& beside, std::string_view content) {
    const auto failed = [this] {
        return tool::system_failure(path_.string(), "cannot be written",
                                    "The VM's variables are kept once it can: make room, or correct its folder.");
    };
    // Not through a link that another user may have put there meanwhile.
    tool::FileDescriptor next{
        ::openat(folder_.get(), beside.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)};
    if (!next || !lock(next.get())) {
        return failed();
    }
    while (!content.empty()) {
        const ssize_t put = ::write(next.get(), content.data(), content.size());
        if (put <= 0 && errno != EINTR) {
            return failed();
        }
        content.remove_prefix(put > 0 ? static_cast<std::size_t>(put) : 0);
    }
    // The content is on the disk before the name leads to it, and then so is the name.
    if (::fsync(next.get()) != 0 ||
        ::renameat(folder_.get(), beside.c_str(), folder_.get(), path_.filename().c_str()) != 0 ||
        ::fsync(folder_.get()) != 0) {
        return failed();
    }
    file_ = std::move(next);
    return {};
}

} // namespace trv::host::devices
