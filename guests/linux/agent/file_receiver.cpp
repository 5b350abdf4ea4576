// SPDX-License-Identifier: Apache-2.0
#include "guests/linux/agent/file_receiver.hpp"

#include "contract/agent.hpp"
#include "guests/linux/agent/md5.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>

namespace trv::guest {
namespace {

using contract::agent::largest_file;

/// The folders above a file, which need not exist yet.
void make_folders(const std::string& path) {
    for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
        ::mkdir(path.substr(0, at).c_str(), 0755); // a failure shows when the file is opened
    }
}

bool write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        bytes.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return true;
}

std::optional<std::string> md5_of(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return std::nullopt;
    }
    Md5 md5;
    char buffer[4096];
    ssize_t got = 0;
    while ((got = ::read(file, buffer, sizeof(buffer))) > 0) {
        md5.add({buffer, static_cast<std::size_t>(got)});
    }
    const int problem = errno;
    ::close(file);
    errno = problem;
    return got == 0 ? std::optional(md5.finish()) : std::nullopt;
}

std::string because(std::string_view what) {
    return std::string(what) + ": " + std::strerror(errno);
}

} // namespace

std::string FileReceiver::begin(const PutRequest& request) {
    abandon();
    request_ = request;
    received_ = 0;
    const std::string& path = request_.path;
    if (!path.starts_with('/') || path.ends_with('/') || path.find('\0') != std::string::npos) {
        return failed_line(request_.id, "the path is not an absolute path to a file");
    }
    if (request_.size > largest_file) {
        return failed_line(request_.id, "the file is larger than " + std::to_string(largest_file) + " bytes");
    }
    make_folders(path);
    file_ = ::open(beside().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file_ < 0) {
        return fail("cannot write " + beside());
    }
    return request_.size == 0 ? complete() : ack_line(request_.id, 0);
}

std::string FileReceiver::take(const DataRequest& request) {
    return append(request.id, request.bytes);
}

std::string FileReceiver::take(const CopyRequest& request) {
    const int old = ::open(request_.path.c_str(), O_RDONLY | O_CLOEXEC);
    std::string bytes(static_cast<std::size_t>(std::min(request.size, largest_file)), '\0');
    const ssize_t got = old < 0 ? 0 : ::pread(old, bytes.data(), bytes.size(), static_cast<off_t>(request.offset));
    if (old >= 0) {
        ::close(old);
    }
    if (got < 0 || static_cast<std::uint64_t>(got) != request.size) {
        abandon();
        return failed_line(request.id, "the existing file has no such range");
    }
    return append(request.id, bytes);
}

std::string FileReceiver::append(std::uint64_t id, std::string_view bytes) {
    if (file_ < 0 || id != request_.id) {
        return failed_line(id, "no transfer with this number has started");
    }
    if (bytes.size() > request_.size - received_) {
        abandon();
        return failed_line(id, "more data than the announced file size");
    }
    if (!write_all(file_, bytes)) {
        return fail("cannot write " + beside());
    }
    received_ += bytes.size();
    return received_ == request_.size ? complete() : ack_line(request_.id, received_);
}

/// The sum is read back from the final file: it covers what programs will read.
std::string FileReceiver::complete() {
    if (::fchmod(file_, request_.mode) != 0 || ::rename(beside().c_str(), request_.path.c_str()) != 0) {
        return fail("cannot complete " + request_.path);
    }
    ::close(std::exchange(file_, -1));
    return answer(SumRequest{request_.id, request_.path});
}

std::string FileReceiver::fail(std::string_view what) {
    std::string line = failed_line(request_.id, because(what));
    abandon();
    return line;
}

void FileReceiver::abandon() {
    if (file_ >= 0) {
        ::close(std::exchange(file_, -1));
        ::unlink(beside().c_str());
    }
}

std::string answer(const SumRequest& request) {
    const std::optional<std::string> md5 = md5_of(request.path);
    return md5 ? sum_line(request.id, *md5) : failed_line(request.id, because("cannot read " + request.path));
}

} // namespace trv::guest
