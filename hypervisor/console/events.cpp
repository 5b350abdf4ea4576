// SPDX-License-Identifier: Apache-2.0
#include "console/events.hpp"

#include "arch/clock.hpp"
#include "console/json_writer.hpp"
#include "lib/format.hpp"

#include <array>

namespace trv::console {
namespace {

/// A text of this length fits even if every byte of it needs an escape.
constexpr std::size_t longest_text = 128;
constexpr std::size_t buffer_size = 1152;
static_assert(6 * (longest_text + 40) < buffer_size - 128, "a text and a label");

std::string_view name_of(StopReason reason) {
    switch (reason) {
    case StopReason::Off:
        return "off";
    case StopReason::Reboot:
        return "reboot";
    case StopReason::Crash:
        return "crash";
    case StopReason::Destroyed:
        return "destroyed";
    }
    return "unknown";
}

std::string_view name_of(PowerOffReason reason) {
    switch (reason) {
    case PowerOffReason::AllVmsStopped:
        return "all-vms-stopped";
    case PowerOffReason::HaltPolicy:
        return "halt-policy";
    case PowerOffReason::Monitor:
        return "monitor";
    case PowerOffReason::Panic:
        return "panic";
    }
    return "unknown";
}

/// One event while it is being written.
class Line {
  public:
    explicit Line(std::string_view event) : json_(std::span(buffer_).first(buffer_size - 1)) {
        json_.begin_object();
        json_.member("event", event);
        json_.member("ns", arch::nanoseconds_since_entry());
    }

    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    template <typename T>
    Line& with(std::string_view name, const T& value) {
        json_.member(name, value);
        return *this;
    }
    Line& with_text(std::string_view name, std::string_view value) {
        json_.member(name, value.substr(0, longest_text));
        return *this;
    }

    void send(Channel& channel) {
        json_.end_object();
        const std::size_t size = json_.written().size();
        buffer_[size] = '\n';
        channel.write({buffer_.data(), size + 1});
    }

  private:
    std::array<char, buffer_size> buffer_;
    JsonWriter json_;
};

} // namespace

void Events::machine_ready(unsigned cpus, u64 ram_bytes, u64 image_bytes, std::string_view version,
                           std::string_view options) {
    Line("machine-ready")
        .with("entry_ns", ticks_to_nanoseconds(arch::entry_ticks, arch::tick_hz()))
        .with("cpus", cpus)
        .with("ram_bytes", ram_bytes)
        .with("image_bytes", image_bytes)
        .with_text("version", version)
        .with("options", options) // the build's own text, shorter than any escape could make it
        .send(channel_);
}

void Events::vm_created(std::string_view vm) {
    Line("vm-created").with_text("vm", vm).send(channel_);
}

void Events::vm_refused(std::string_view vm, std::string_view reason) {
    Line("vm-refused").with_text("vm", vm).with_text("reason", reason).send(channel_);
}

void Events::vm_running(std::string_view vm) {
    Line("vm-running").with_text("vm", vm).send(channel_);
}

void Events::vm_with_tee(std::string_view vm, unsigned guest) {
    Line("vm-with-tee").with_text("vm", vm).with("guest", guest).send(channel_);
}

void Events::vm_without_tee(std::string_view vm, std::string_view reason) {
    Line("vm-without-tee").with_text("vm", vm).with_text("reason", reason).send(channel_);
}

void Events::vm_stopped(std::string_view vm, StopReason reason, std::string_view detail) {
    Line line("vm-stopped");
    line.with_text("vm", vm).with("reason", name_of(reason));
    if (reason == StopReason::Crash) {
        line.with_text("detail", detail);
    }
    line.send(channel_);
}

void Events::machine_off(PowerOffReason reason) {
    std::array<char, 128> line;
    channel_.write(machine_off_line(reason, line));
}

std::string_view Events::machine_off_line(PowerOffReason reason, std::span<char> out) {
    return format_to(out, "{\"event\":\"machine-off\",\"ns\":{},\"reason\":\"{}\"}\n", arch::nanoseconds_since_entry(),
                     name_of(reason));
}

} // namespace trv::console
