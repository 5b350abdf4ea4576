// SPDX-License-Identifier: Apache-2.0
#include "tool/tee/tee_log.hpp"

#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>

namespace trv::tool::tee {

TeeLog TeeLog::from_now(const std::filesystem::path& file) {
    FileDescriptor log(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    FileDescriptor changes(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    ::lseek(log.get(), 0, SEEK_END);
    if (changes && ::inotify_add_watch(changes.get(), file.c_str(), IN_MODIFY) < 0) {
        changes.reset();
    }
    return {std::move(log), std::move(changes)};
}

TeeLog TeeLog::from_start(const std::filesystem::path& file) {
    constexpr mode_t readable = 0644;
    return {FileDescriptor(::open(file.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, readable)), FileDescriptor()};
}

std::vector<std::string> TeeLog::new_lines() {
    std::array<char, 4096> bytes;
    while (changes_ && ::read(changes_.get(), bytes.data(), bytes.size()) > 0) {
    }
    for (ssize_t got = 0; (got = ::read(file_.get(), bytes.data(), bytes.size())) > 0;) {
        lines_.feed({bytes.data(), static_cast<std::size_t>(got)});
    }
    std::vector<std::string> lines;
    while (auto line = lines_.next()) {
        lines.push_back(*std::move(line));
    }
    return lines;
}

} // namespace trv::tool::tee
