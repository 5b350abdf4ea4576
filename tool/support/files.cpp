// SPDX-License-Identifier: Apache-2.0
#include "tool/support/files.hpp"

#include "tool/support/file_descriptor.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <vector>

namespace trv::tool {
namespace {

constexpr const char* writing_hint = "Check that the disk has space and that you may write to the folder.";

Result<void> write_all(int descriptor, std::string_view content, const std::filesystem::path& path) {
    while (!content.empty()) {
        const ssize_t written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return system_failure(path, "cannot be written", writing_hint);
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

/// What is not whole yet has its maker's process id in its name, and the name space in which that is one: it keeps two
/// commands that make the same thing apart, and shows whether its command is still running.
constexpr std::string_view part_mark = ".part-";
/// For what a command of another name space makes: containers that share a checkout do not see each other's processes.
constexpr std::chrono::hours longest_making{24};

/// 0 without /proc.
ino_t process_name_space() {
    struct stat status{};
    return ::stat("/proc/self/ns/pid", &status) == 0 ? status.st_ino : 0;
}

std::string part_name(const std::filesystem::path& path) {
    return path.string() + std::string(part_mark) + std::to_string(::getpid()) + "-" +
           std::to_string(process_name_space());
}

bool is_older_than(const std::filesystem::path& path, std::chrono::hours age) {
    std::error_code error;
    const auto written = std::filesystem::last_write_time(path, error);
    return !error && std::filesystem::file_time_type::clock::now() - written > age;
}

bool is_leftover(const std::filesystem::path& path) {
    const std::string name = path.filename().string();
    const std::size_t mark = name.rfind(part_mark);
    if (mark == std::string::npos) {
        return false;
    }
    const char* const end = name.data() + name.size();
    pid_t maker = 0;
    const char* const after = std::from_chars(name.data() + mark + part_mark.size(), end, maker).ptr;
    ino_t name_space = 0;
    if (after != end) {
        std::from_chars(after + 1, end, name_space);
    }
    if (name_space != process_name_space()) {
        return is_older_than(path, longest_making);
    }
    return maker > 0 && ::kill(maker, 0) != 0 && errno == ESRCH;
}

} // namespace

Result<std::string> read_file(const std::filesystem::path& path) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
        return system_failure(path, "cannot be read");
    }
    std::string content;
    struct stat status{};
    if (::fstat(file.get(), &status) == 0 && status.st_size > 0) {
        content.reserve(static_cast<std::size_t>(status.st_size));
    }
    std::array<char, 65536> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init): filled by read
    while (true) {
        const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return system_failure(path, "cannot be read");
        }
        if (got == 0) {
            return content;
        }
        content.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

Result<void> make_folder(const std::filesystem::path& path) {
    if (path.empty()) {
        return {};
    }
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) {
        return failure(path, "the folder cannot be created: " + error.message(), writing_hint);
    }
    return {};
}

Result<void> set_mode(const std::filesystem::path& path, unsigned mode) {
    std::error_code problem;
    std::filesystem::permissions(path, std::filesystem::perms{mode}, problem);
    return problem ? failure(path, "its mode cannot be set: " + problem.message(), writing_hint) : Result<void>{};
}

Result<void> copy_folder(const std::filesystem::path& from, const std::filesystem::path& to) {
    using Options = std::filesystem::copy_options;
    std::error_code problem;
    std::filesystem::copy(from, to, Options::recursive | Options::copy_symlinks | Options::skip_existing, problem);
    return problem ? failure(from, "cannot be copied to " + to.string() + ": " + problem.message(), writing_hint)
                   : Result<void>{};
}

Result<void> write_file(const std::filesystem::path& path, std::string_view content) {
    return make_whole(path, [&](const std::filesystem::path& beside) -> Result<void> {
        const FileDescriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
        if (!file) {
            return system_failure(path, "cannot be written", writing_hint);
        }
        return write_all(file.get(), content, path);
    });
}

Result<void> make_whole(const std::filesystem::path& path,
                        const std::function<Result<void>(const std::filesystem::path&)>& make) {
    TRY(make_folder(path.parent_path()));
    const std::filesystem::path beside =
        part_name(path); // if two commands create it, the last to rename wins with a complete one
    std::error_code error;
    std::filesystem::remove_all(beside, error);
    if (Result<void> made = make(beside); !made) {
        std::filesystem::remove_all(beside, error);
        return made;
    }
    if (std::filesystem::is_directory(path, error)) {
        std::filesystem::remove_all(path, error); // rename replaces a file, but not a folder with contents
    }
    std::filesystem::rename(beside, path, error);
    if (error) {
        return failure(path, "cannot be put in place: " + error.message(), writing_hint);
    }
    return {};
}

void remove_leftovers(const std::filesystem::path& folder) {
    constexpr int deepest = 3;
    std::vector<std::filesystem::path> leftovers;
    std::error_code error;
    auto at = std::filesystem::recursive_directory_iterator(folder, error);
    for (; !error && at != std::filesystem::recursive_directory_iterator(); at.increment(error)) {
        if (is_leftover(at->path())) {
            leftovers.push_back(at->path());
            at.disable_recursion_pending();
        } else if (at.depth() == deepest) {
            at.disable_recursion_pending();
        }
    }
    for (const auto& leftover : leftovers) {
        std::filesystem::remove_all(leftover, error); // leftovers are harmless
    }
}

std::string last_lines(const std::filesystem::path& path, std::size_t count) {
    const Result<std::string> content = read_file(path);
    if (!content || content->empty()) {
        return {};
    }
    std::size_t start = content->size();
    for (std::size_t found = 0; start > 0; --start) {
        if ((*content)[start - 1] == '\n' && start != content->size() && ++found == count) {
            break;
        }
    }
    return content->substr(start);
}

Result<TemporaryFolder> TemporaryFolder::create(const std::filesystem::path& parent, std::string_view prefix) {
    TRY(make_folder(parent));
    std::string name = part_name(parent / prefix) + "-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
        return system_failure(parent, "cannot create a temporary folder", writing_hint);
    }
    return TemporaryFolder(name);
}

TemporaryFolder& TemporaryFolder::operator=(TemporaryFolder&& other) noexcept {
    if (this != &other) {
        remove();
        path_ = std::exchange(other.path_, {});
    }
    return *this;
}

void TemporaryFolder::remove() noexcept {
    if (!path_.empty()) {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
}

} // namespace trv::tool
