// SPDX-License-Identifier: Apache-2.0
#include "tool/trace/trace_names.hpp"

#include <fmt/format.h>

#include <array>

namespace trv::tool::trace {

namespace {

constexpr std::array<std::string_view, 8> tee_commands{
    "open session", "invoke",         "close session",  "cancel",
    "register shm", "unregister shm", "do bottom half", "stop notifications"};
constexpr std::array<std::string_view, 8> rpcs{"load TA",      "RPMB",    "file system",  "get time",
                                               "notification", "suspend", "allocate shm", "free shm"};

} // namespace

std::string name_of_tee_command(std::uint32_t command) {
    return command < tee_commands.size() ? std::string{tee_commands.at(command)} : fmt::format("command {}", command);
}

std::string name_of_rpc(std::uint32_t command) {
    return command < rpcs.size() ? fmt::format("RPC: {}", rpcs.at(command)) : fmt::format("RPC {}", command);
}

} // namespace trv::tool::trace
