#include "tool/support/files.hpp"
#include "tool/support/process.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

namespace trv::tool {
namespace {

constexpr std::size_t shown_log_lines = 20;

/// A file in memory cannot fill up and block the child, as a pipe that nobody reads would.
Result<FileDescriptor> memory_file() {
    FileDescriptor file(::memfd_create("output", MFD_CLOEXEC));
    if (!file) {
        return system_failure("memfd_create", "no file in memory can be made");
    }
    return file;
}

std::string content_of(const FileDescriptor& file) {
    std::string content(static_cast<std::size_t>(::lseek(file.get(), 0, SEEK_END)), '\0');
    std::size_t have = 0;
    while (have < content.size()) {
        const ssize_t got = ::pread(file.get(), content.data() + have, content.size() - have, static_cast<off_t>(have));
        if (got <= 0) {
            break;
        }
        have += static_cast<std::size_t>(got);
    }
    content.resize(have);
    return content;
}

std::string shown(const Command& command) {
    return "'" + std::filesystem::path(command.arguments.front()).filename().string() + "'";
}

std::string trimmed(std::string text) {
    text.erase(text.find_last_not_of(" \n") + 1);
    return text;
}

} // namespace

Result<ExitStatus> run(const Command& command, std::optional<std::chrono::milliseconds> limit) {
    Process process = TRY(Process::start(command));
    if (!limit) {
        return process.wait();
    }
    if (const auto ended = process.wait_for(*limit)) {
        return *ended;
    }
    process.stop();
    return failure(shown(command),
                   "did not end within " + std::to_string(limit->count() / 1000) + " s and was stopped");
}

Result<void> run_checked(const std::string& step, const Command& command,
                         std::optional<std::chrono::milliseconds> limit) {
    const ExitStatus status = TRY(run(command, limit));
    if (status.good()) {
        return {};
    }
    const std::string what = shown(command) + " ended with exit code " + std::to_string(status.code);
    if (command.log.empty()) {
        return failure(step, what);
    }
    return failure(step, what,
                   "The log, " + command.log.string() + ", ends with:\n" +
                       trimmed(last_lines(command.log, shown_log_lines)));
}

Result<std::string> capture(const std::string& step, Command command, std::optional<std::chrono::milliseconds> limit) {
    const FileDescriptor output = TRY(memory_file());
    const FileDescriptor error_output = TRY(memory_file());
    command.output = output.get();
    if (command.log.empty()) {
        command.error_output = error_output.get();
    }
    const ExitStatus status = TRY(run(command, limit));
    if (!status.good()) {
        return failure(step, shown(command) + " ended with exit code " + std::to_string(status.code),
                       trimmed(content_of(error_output)));
    }
    return content_of(output);
}

} // namespace trv::tool
