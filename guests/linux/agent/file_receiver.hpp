// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "guests/linux/agent/protocol.hpp"

#include <cstdint>
#include <string>

namespace trv::guest {

/// Takes in one file at a time, in pieces. It stands beside its place until it is whole and is renamed then, so that a
/// program, or OP-TEE, never sees a part of it, and a reboot in between leaves the old file.
class FileReceiver {
  public:
    FileReceiver() = default;
    FileReceiver(const FileReceiver&) = delete;
    FileReceiver& operator=(const FileReceiver&) = delete;
    ~FileReceiver() { abandon(); }

    /// Begins a file; one that has begun is given up. Returns the line to answer with.
    [[nodiscard]] std::string begin(const PutRequest& request);

    /// Takes the next piece; the last one is answered with the file's sum.
    [[nodiscard]] std::string take(const DataRequest& request);

    /// Likewise, from the file that stands at the place now.
    [[nodiscard]] std::string take(const CopyRequest& request);

  private:
    [[nodiscard]] std::string append(std::uint64_t id, std::string_view bytes);
    [[nodiscard]] std::string complete();
    [[nodiscard]] std::string fail(std::string_view what);
    void abandon();
    [[nodiscard]] std::string beside() const { return request_.path + ".part"; }

    PutRequest request_;
    int file_ = -1; ///< -1: no file has begun
    std::uint64_t received_ = 0;
};

/// Answers a request for a file's sum.
[[nodiscard]] std::string answer(const SumRequest& request);

} // namespace trv::guest
