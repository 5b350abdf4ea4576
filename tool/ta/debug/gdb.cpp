// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/debug/gdb.hpp"

#include "tool/control/unix_socket.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace trv::tool::ta {
namespace {

constexpr const char* program = "gdb-multiarch"; // Debian's gdb knows only the host's instructions
constexpr const char* variable = "TRIVISOR_TA_DEBUG";

std::vector<std::string> arguments(const Paths& paths, const GdbTask& task) {
    std::vector<std::string> all{program, "-q"};
    if (!task.batch.empty()) {
        all.insert(all.end(), {"-nx", "-batch"}); // without the user's settings: the result depends on the file only
    }
    all.insert(all.end(), {"-x", (paths.root() / "scripts" / "gdb" / "ta.py").string()});
    return all;
}

} // namespace

std::string Gdb::settings(const GdbTask& task, int folder, int channel) {
    return nlohmann::json{// gdb can only connect to a short path.
                          {"socket", fmt::format("/proc/self/fd/{}/{}", folder, control::gdb_socket_name)},
                          {"channel", channel},
                          {"core", task.optee.core.string()},
                          {"loader", task.optee.loader.string()},
                          {"source", task.optee.source.string()},
                          {"ta", task.ta.string()},
                          {"uuid", task.uuid},
                          {"guest", task.guest},
                          {"batch", task.batch.string()}}
        .dump();
}

Result<Gdb> Gdb::start(const Paths& paths, const GdbTask& task) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return system_failure("gdb", "cannot create a socket for gdb");
    }
    FileDescriptor ours{ends[0]};
    const FileDescriptor its{ends[1]};
    const FileDescriptor folder{::open(task.run_folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    auto started = Process::start({.arguments = arguments(paths, task),
                                   .environment = {{variable, settings(task, folder.get(), its.get())}},
                                   .input = task.batch.empty() ? STDIN_FILENO : -1,
                                   .inherited = {its.get(), folder.get()}});
    if (!started) {
        return failure("ta debug", "gdb-multiarch cannot be started",
                       "Start this command as ./trivisor, which installs it.");
    }
    auto foreground = task.batch.empty() ? std::make_unique<Foreground>(started->id()) : nullptr;
    return Gdb{std::move(foreground), *std::move(started), std::move(ours)};
}

Gdb::~Gdb() {
    if (process_.id() > 0) {
        process_.stop();
    }
}

bool Gdb::take_ready() const {
    char byte = 0;
    return ::recv(channel_.get(), &byte, 1, 0) == 1;
}

void Gdb::say_client_ended() const {
    ::shutdown(channel_.get(), SHUT_WR);
}

} // namespace trv::tool::ta
