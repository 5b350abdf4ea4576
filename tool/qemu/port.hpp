// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace trv::tool::qemu {

/// Our end of a serial line of the machine.
class Port {
  public:
    /// The port, and the end that QEMU inherits.
    [[nodiscard]] static Result<std::pair<Port, FileDescriptor>> create();

    /// For an EventLoop: readable when the machine has written. Never blocks.
    [[nodiscard]] int descriptor() const { return ours_.get(); }

    /// The machine's output since the last call; nothing if its end is closed. May be empty.
    [[nodiscard]] std::optional<std::string> read();

    /// Queues bytes for the machine; `flush` sends as many as possible.
    void write(std::string_view bytes) { unsent_ += bytes; }
    void flush();
    [[nodiscard]] bool has_unsent() const { return !unsent_.empty(); }

  private:
    explicit Port(FileDescriptor ours) : ours_{std::move(ours)} {}

    FileDescriptor ours_;
    std::string unsent_;
};

} // namespace trv::tool::qemu
