// SPDX-License-Identifier: Apache-2.0
#include "console/monitor.hpp"

#include "arch/cpu/clock.hpp"
#include "contract/events.hpp"

namespace trv::console {
namespace {

using contract::Member;

constexpr std::size_t longest_name = 32; ///< of a command, as repeated in a reply
constexpr u8 backspace = 0x08;
constexpr u8 del = 0x7f;
constexpr u8 end_of_line_kill = 0x15; ///< Ctrl-U

std::string_view trim(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    const std::size_t last = text.find_last_not_of(" \t");
    return first == std::string_view::npos ? std::string_view() : text.substr(first, last - first + 1);
}

void begin_reply(JsonWriter& json, std::string_view command, bool ok) {
    json.begin_object();
    json.member(name_of(Member::Event), name_of(contract::Event::Reply));
    json.member(name_of(Member::Ns), arch::nanoseconds_since_entry());
    json.member(name_of(Member::Command), command.substr(0, longest_name));
    json.member(name_of(Member::Ok), ok);
}

} // namespace

std::string_view take_word(std::string_view& text) {
    text = trim(text);
    const std::size_t end = text.find_first_of(" \t");
    const std::string_view word = text.substr(0, end);
    text = trim(text.substr(word.size()));
    return word;
}

void Reply::fail(std::string_view reason) {
    failed_ = true;
    error_size_ = reason.copy(error_.data(), error_.size());
}

Result<void> Monitor::add(const Command& command) {
    for (std::size_t i = 0; i < command_count_; ++i) {
        if (commands_[i].name == command.name) {
            return fail(Error::Busy);
        }
    }
    if (command_count_ == max_commands) {
        return fail(Error::TooMany);
    }
    commands_[command_count_++] = command;
    return {};
}

void Monitor::receive(std::span<const u8> bytes) {
    for (const u8 byte : bytes) {
        if (byte == '\n' || byte == '\r') {
            end_line();
        } else if (byte == backspace || byte == del || byte == end_of_line_kill) {
            erase(byte == end_of_line_kill ? line_size_ : 1);
        } else if (line_size_ < line_.size()) {
            line_[line_size_++] = static_cast<char>(byte);
            echo({reinterpret_cast<const char*>(&byte), 1});
        } else {
            too_long_ = true;
        }
    }
}

void Monitor::erase(std::size_t count) {
    for (; count > 0 && line_size_ > 0; --count) {
        --line_size_;
        echo("\b \b");
    }
}

void Monitor::echo(std::string_view text) {
    if (echo_) {
        channel_.write(text);
    }
}

void Monitor::end_line() {
    const std::string_view line = trim({line_.data(), line_size_});
    if (line_size_ != 0) {
        echo("\n");
    }
    if (too_long_ || !line.empty()) {
        run(line);
    }
    line_size_ = 0;
    too_long_ = false;
}

void Monitor::run(std::string_view line) {
    const std::string_view reply = answer(line, too_long_, reply_room_.first(reply_room_.size() - 1));
    reply_room_[reply.size()] = '\n';
    channel_.write({reply_room_.data(), reply.size() + 1});
}

std::string_view Monitor::answer(std::string_view line, bool too_long, std::span<char> room) const {
    std::string_view arguments = line;
    const std::string_view name = take_word(arguments);
    JsonWriter json(room);
    Reply reply(json);
    begin_reply(json, name, true);
    if (too_long) {
        reply.fail("the line is too long");
    } else {
        dispatch(name, arguments, reply);
    }
    json.end_object();
    if (json.overflowed() && !reply.failed()) {
        reply.fail("the answer is too long");
    }
    if (reply.failed()) {
        json = JsonWriter(room);
        begin_reply(json, name, false);
        json.member(name_of(Member::Error), reply.error());
        json.end_object();
    }
    return json.written();
}

void Monitor::dispatch(std::string_view name, std::string_view arguments, Reply& reply) const {
    if (name == contract::monitor::name_of(contract::monitor::Command::Help)) {
        help(reply);
        return;
    }
    for (std::size_t i = 0; i < command_count_; ++i) {
        if (commands_[i].name == name) {
            commands_[i].handler(commands_[i].context, arguments, reply);
            return;
        }
    }
    reply.fail("unknown command; help lists those there are");
}

void Monitor::help(Reply& reply) const {
    JsonWriter& json = reply.json();
    json.key(contract::monitor::key::commands);
    json.begin_array();
    const auto describe = [&](std::string_view name, std::string_view text) {
        json.begin_object();
        json.member(contract::monitor::key::name, name);
        json.member(contract::monitor::key::help, text);
        json.end_object();
    };
    constexpr const contract::monitor::Row& own = contract::monitor::row_of(contract::monitor::Command::Help);
    describe(own.name, own.help);
    for (std::size_t i = 0; i < command_count_; ++i) {
        describe(commands_[i].name, commands_[i].help);
    }
    json.end_array();
}

} // namespace trv::console
