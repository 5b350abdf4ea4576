// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// The agent's end of the lines of contract/agent.hpp.
namespace trv::guest {

/// Run a script on the console.
struct ExecRequest {
    std::uint64_t id = 0;
    std::string script;
};
/// Run a script beside the console, its output on the port.
struct CaptureRequest {
    std::uint64_t id = 0;
    std::string script;
};
/// End a captured script.
struct KillRequest {
    std::uint64_t id = 0;
};
/// A file is coming.
struct PutRequest {
    std::uint64_t id = 0;
    unsigned mode = 0;
    std::uint64_t size = 0;
    std::string path;
};
/// A piece of that file.
struct DataRequest {
    std::uint64_t id = 0;
    std::string bytes;
};
/// A piece of that file which the file at its place already has.
struct CopyRequest {
    std::uint64_t id = 0;
    std::uint64_t offset = 0; ///< in the file at its place
    std::uint64_t size = 0;
};
/// Tell a file's MD5.
struct SumRequest {
    std::uint64_t id = 0;
    std::string path;
};
struct PowerOffRequest {};
struct UnknownRequest {
    std::string reason;
    std::optional<std::uint64_t> id =
        std::nullopt; ///< of a request whose other parts are wrong; exec has no such answer
};
using Request = std::variant<ExecRequest, CaptureRequest, KillRequest, PutRequest, DataRequest, CopyRequest, SumRequest,
                             PowerOffRequest, UnknownRequest>;

/// A line without its newline; a carriage return at its end is dropped.
[[nodiscard]] Request parse_request(std::string_view line);

[[nodiscard]] std::string hello_line();
[[nodiscard]] std::string exit_line(std::uint64_t id, int code);
[[nodiscard]] std::string error_line(std::string_view reason);
[[nodiscard]] std::string ack_line(std::uint64_t id, std::uint64_t received);
[[nodiscard]] std::string sum_line(std::uint64_t id, std::string_view md5);
[[nodiscard]] std::string output_line(std::uint64_t id, std::string_view bytes);
[[nodiscard]] std::string failed_line(std::uint64_t id, std::string_view reason);

} // namespace trv::guest
