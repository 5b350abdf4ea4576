// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/console/line_splitter.hpp"
#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"

#include <optional>
#include <string>
#include <utility>

namespace trv::tool::control {

/// The lines that a running machine sends to a client of its control socket.
class LineStream {
  public:
    /// @param place  whose lines they are, for errors: "VM alpha"
    LineStream(FileDescriptor socket, std::string place) : socket_{std::move(socket)}, place_{std::move(place)} {}

    /// For an EventLoop: readable when bytes have come, or the machine has stopped.
    [[nodiscard]] int descriptor() const { return socket_.get(); }

    /// Takes the bytes that have come, without waiting; an error when the machine has stopped.
    [[nodiscard]] Result<void> receive();

    /// The next whole line of what was received.
    [[nodiscard]] std::optional<std::string> next() { return lines_.next(); }

    [[nodiscard]] Result<void> send(std::string_view bytes) const;

  private:
    FileDescriptor socket_;
    std::string place_;
    console::LineSplitter lines_;
};

} // namespace trv::tool::control
