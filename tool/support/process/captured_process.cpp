// SPDX-License-Identifier: Apache-2.0
#include "tool/support/process/captured_process.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace trv::tool {
namespace {

Result<FileDescriptor> memory_file() {
    FileDescriptor file(::memfd_create("output", MFD_CLOEXEC));
    if (!file) {
        return system_failure("memfd_create", "cannot create an in-memory file");
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

} // namespace

Result<CapturedProcess> CapturedProcess::start(std::string step, Command command) {
    FileDescriptor output = TRY(memory_file());
    FileDescriptor error_output = TRY(memory_file());
    command.output = output.get();
    if (command.log.empty()) {
        command.error_output = error_output.get();
    }
    Process process = TRY(Process::start(command));
    return CapturedProcess(std::move(step), command.name(), std::move(output), std::move(error_output),
                           std::move(process));
}

Result<std::string> CapturedProcess::output() {
    if (const ExitStatus status = process_.wait(); !status.good()) {
        std::string said = content_of(error_output_);
        said.erase(said.find_last_not_of(" \n") + 1);
        return failure(step_, name_ + " ended with exit code " + std::to_string(status.code), said);
    }
    return content_of(output_);
}

} // namespace trv::tool
