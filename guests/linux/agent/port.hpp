// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace trv::guest {

/// The serial line to the tool, raw: bytes arrive as they were sent, and nothing is echoed.
class Port {
  public:
    /// Absent or unusable ports are fine: valid() is false then, and the guest runs without the tool.
    explicit Port(const char* device);
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    ~Port();

    [[nodiscard]] bool valid() const { return descriptor_ >= 0; }
    [[nodiscard]] int descriptor() const { return descriptor_; }

    /// Takes in what has arrived; call it when the descriptor is readable.
    void receive();

    /// The next whole line, without its newline.
    [[nodiscard]] std::optional<std::string> next_line();

    void send(std::string_view text) const;

  private:
    int descriptor_ = -1;
    std::string received_;
};

} // namespace trv::guest
