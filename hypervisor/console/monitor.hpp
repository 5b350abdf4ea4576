// SPDX-License-Identifier: Apache-2.0
#pragma once
// Commands from a person or the tool on channel 1, one per line; each gets one `reply` event.

#include "console/json_writer.hpp"
#include "console/wire/channel.hpp"
#include "contract/monitor.hpp"
#include "lib/result.hpp"

#include <array>
#include <string_view>

namespace trv::console {

/// The reply to one command while it is being written. A handler writes its members through json(), or calls fail().
class Reply {
  public:
    explicit Reply(JsonWriter& json) : json_(json) {}

    /// The open reply object: members may be added, also nested ones that are closed again.
    [[nodiscard]] JsonWriter& json() { return json_; }
    template <typename T>
    void member(std::string_view name, const T& value) {
        json_.member(name, value);
    }
    /// Reports that the command failed; `reason` is copied. Members written before are dropped.
    void fail(std::string_view reason);

    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] std::string_view error() const { return {error_.data(), error_size_}; }

  private:
    JsonWriter& json_;
    std::array<char, 160> error_{};
    std::size_t error_size_ = 0;
    bool failed_ = false;
};

struct Command {
    std::string_view name; ///< one word
    std::string_view help; ///< one line: the arguments, then the effect
    /// @param context   the registration's
    /// @param arguments the rest of the line, without surrounding blanks
    void (*handler)(void* context, std::string_view arguments, Reply& reply);
    void* context = nullptr;

    /// A command of the contract, with its name and help text.
    [[nodiscard]] static constexpr Command
    of(contract::monitor::Command which, void (*handler)(void*, std::string_view, Reply&), void* context = nullptr) {
        const contract::monitor::Row& row = contract::monitor::row_of(which);
        return {row.name, row.help, handler, context};
    }
};

class Monitor final : public ChannelPeer {
  public:
    static constexpr std::size_t max_commands = 32;

    /// @param reply_room where an answer is put together, which bounds its length; too large for a stack, and not
    /// inside so
    ///                   that a monitor that exists from the start takes no room in the image
    constexpr Monitor(Channel& channel, std::span<char> reply_room) : channel_(channel), reply_room_(reply_room) {}

    /// Adds a command; refuses a second one of the same name.
    /// Context: at boot, before input is polled.
    [[nodiscard]] Result<void> add(const Command& command);

    /// Sets whether typed characters are echoed, for a person at a terminal.
    void set_echo(bool on) { echo_ = on; }

    /// Runs a command. Context: any CPU; several may at once, so handlers take the locks of what they look at.
    /// @param line of any length, with any bytes
    /// @param room where the reply is put together, which bounds its length
    /// @return the reply, a JSON object
    [[nodiscard]] std::string_view answer(std::string_view line, std::span<char> room) const {
        return answer(line, line.size() > contract::monitor::longest_line, room);
    }

    /// Collects lines and runs each: handlers are called from here, on the CPU that polled the input.
    void receive(std::span<const u8> bytes) override;
    void resume_tx() override {}

  private:
    void end_line();
    void erase(std::size_t count);
    void echo(std::string_view text);
    void run(std::string_view line);
    [[nodiscard]] std::string_view answer(std::string_view line, bool too_long, std::span<char> room) const;
    void help(Reply& reply) const;
    void dispatch(std::string_view name, std::string_view arguments, Reply& reply) const;

    Channel& channel_;
    std::array<Command, max_commands> commands_{};
    std::size_t command_count_ = 0;
    std::array<char, contract::monitor::longest_line> line_{};
    std::size_t line_size_ = 0;
    bool too_long_ = false; ///< the line was too long: it is dropped, and the command with it
    bool echo_ = false;
    std::span<char> reply_room_; ///< for the channel's lines, which come one at a time
};

/// Removes and returns the first blank-separated word of `text`, and the blanks after it. For handlers with arguments.
[[nodiscard]] std::string_view take_word(std::string_view& text);

} // namespace trv::console
