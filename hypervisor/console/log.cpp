// SPDX-License-Identifier: Apache-2.0
#include "console/log.hpp"

#include "arch/cpu/clock.hpp"
#include "console/log_buffers.hpp"
#include "lib/log.hpp"

#include <array>
#include <atomic>

namespace trv {
namespace console {
namespace {

constexpr std::size_t longest_line = 240;
constexpr std::size_t longest_stamp = 24;

constinit SpinLock history_lock;
constinit LogHistory history GUARDED_BY(history_lock);

constinit SpinLock early_lock;
constinit EarlyLog early GUARDED_BY(early_lock);
/// Null until a console is open. Written under early_lock; a reader that finds it set needs no lock.
constinit std::atomic<Channel*> log_to = nullptr;

/// "[    1.234567] ", in seconds since EL2 was entered.
std::string_view stamp(std::span<char> out) {
    constexpr u64 nanoseconds_per_microsecond = 1000;
    const u64 ns = arch::nanoseconds_since_entry();
    const u64 seconds = ns / nanoseconds_per_second;
    const u64 micros = ns % nanoseconds_per_second / nanoseconds_per_microsecond;
    std::string_view blanks = "    ";
    for (u64 limit = 10; limit <= seconds && !blanks.empty(); limit *= 10) {
        blanks.remove_prefix(1);
    }
    std::string_view zeros = "00000";
    for (u64 limit = 10; limit <= micros; limit *= 10) {
        zeros.remove_prefix(1);
    }
    return format_to(out, "[{}{}.{}{}] ", blanks, seconds, zeros, micros);
}

/// The line as it is sent. Control characters, which only foreign text can contain, must not break it up or reach a
/// terminal.
class StampedLine {
  public:
    explicit StampedLine(std::string_view line) : size_(stamp(std::span(text_).first(longest_stamp)).size()) {
        for (const char c : line.substr(0, longest_line)) {
            const u8 byte = static_cast<u8>(c);
            text_[size_++] = (byte < ' ' && c != '\t') || byte == 0x7f ? '?' : c;
        }
        text_[size_++] = '\n';
    }
    [[nodiscard]] std::string_view text() const { return {text_.data(), size_}; }

  private:
    std::array<char, longest_stamp + longest_line + 1> text_;
    std::size_t size_;
};

} // namespace

void write_recent_lines(JsonWriter& json, std::size_t most) {
    const Guard guard(history_lock);
    json.begin_array();
    history.for_each_of_last(most, [&json](std::string_view line) { json.text(line); });
    json.end_array();
}

void open_log(Channel& channel) {
    const Guard guard(early_lock);
    channel.write(early.text());
    // Pairs with the acquire in log_line(): a CPU that sees the channel sees it open, and the early lines precede its
    // own.
    log_to.store(&channel, std::memory_order_release);
    if (early.dropped() != 0) {
        const StampedLine line("log: early lines were lost, the buffer was full");
        channel.write(line.text());
    }
    early.clear();
}

void close_log() {
    const Guard guard(early_lock);
    log_to.store(nullptr, std::memory_order_relaxed); // no other CPU logs
}

} // namespace console

void log_line(std::string_view line) {
    const console::StampedLine stamped(line);
    {
        const Guard guard(console::history_lock);
        console::history.append(stamped.text());
    }
    console::Channel* channel = console::log_to.load(std::memory_order_acquire);
    if (channel == nullptr) {
        const Guard guard(console::early_lock);
        channel = console::log_to.load(std::memory_order_relaxed);
        if (channel == nullptr) {
            console::early.append(stamped.text());
            return;
        }
    }
    channel->write(stamped.text());
}

} // namespace trv
