// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/debug/gdb_stub.hpp"

#include "tool/control/unix_socket.hpp"
#include "tool/support/event_loop.hpp"

#include <sys/socket.h>

#include <array>
#include <string>
#include <string_view>

namespace trv::tool::ta {
namespace {

// Detach from the only process, with its checksum; QEMU acknowledges, and answers OK. [gdb manual, E.2 Packets]
constexpr std::string_view detach = "$D;1#b0";
constexpr std::string_view answer = "$OK#9a";
constexpr double answer_limit = 10; // host seconds

} // namespace

Result<void> release_machine(const std::filesystem::path& run_folder) {
    const FileDescriptor socket = TRY(control::connect_in(run_folder, control::gdb_socket_name));
    if (::send(socket.get(), detach.data(), detach.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(detach.size())) {
        return system_failure(run_folder, "its machine cannot be released from the debugger");
    }
    Deadline limit;
    limit.set(answer_limit);
    std::string heard;
    while (heard.find(answer) == std::string::npos) {
        std::array<char, 256> bytes;
        const ssize_t got =
            TRY(await_input(socket.get(), limit)) ? ::recv(socket.get(), bytes.data(), bytes.size(), 0) : 0;
        if (got <= 0) {
            return failure(run_folder, "its machine does not answer the debugger");
        }
        heard.append(bytes.data(), static_cast<std::size_t>(got));
    }
    return {};
}

} // namespace trv::tool::ta
