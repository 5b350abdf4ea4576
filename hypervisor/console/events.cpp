// SPDX-License-Identifier: Apache-2.0
#include "console/events.hpp"

#include "arch/cpu/clock.hpp"
#include "console/json_writer.hpp"
#include "lib/format.hpp"

#include <array>

namespace trv::console {
namespace {

using contract::Event;
using contract::Member;

/// A text of this length fits even if every byte of it needs an escape.
constexpr std::size_t longest_text = 128;
constexpr std::size_t buffer_size = 1152;
static_assert(6 * (longest_text + 40) < buffer_size - 128, "a text and a label");

/// An event while it is being written.
class Text {
  public:
    explicit Text(std::string_view event);
    Text(const Text&) = delete;
    Text& operator=(const Text&) = delete;

    /// Ends the line. @return all of it
    std::string_view text();

  protected:
    ~Text() = default;
    /// Text of any length, of which a part is sent.
    void add(std::string_view member, std::string_view value);
    [[nodiscard]] JsonWriter& json() { return json_; }

  private:
    std::array<char, buffer_size> buffer_;
    JsonWriter json_;
};

[[gnu::noinline]] Text::Text(std::string_view event) : json_(std::span(buffer_).first(buffer_size - 1)) {
    json_.begin_object();
    json_.member(name_of(Member::Event), event);
    json_.member(name_of(Member::Ns), arch::nanoseconds_since_entry());
}

[[gnu::noinline]] void Text::add(std::string_view member, std::string_view value) {
    json_.member(member, value.substr(0, longest_text));
}

[[gnu::noinline]] std::string_view Text::text() {
    json_.end_object();
    const std::size_t size = json_.written().size();
    buffer_[size] = '\n';
    return {buffer_.data(), size + 1};
}

/// The same, which takes only the members that the event has.
template <contract::Event event>
class Line final : public Text {
  public:
    Line() : Text(name_of(event)) {}

    template <Member member, typename T>
    Line& with(const T& value) {
        static_assert(has_member(event, member));
        json().member(name_of(member), value);
        return *this;
    }
    template <Member member>
    Line& with_text(std::string_view value) {
        static_assert(has_member(event, member));
        add(name_of(member), value);
        return *this;
    }
};

} // namespace

void Events::send(std::string_view line) {
    channel_.write(line);
    if (listener_ != nullptr) {
        listener_->on_event(line);
    }
}

void Events::machine_ready(unsigned cpus, u64 ram_bytes, u64 image_bytes, std::string_view version,
                           std::string_view options) {
    send(Line<Event::MachineReady>()
             .with<Member::EntryNs>(ticks_to_nanoseconds(arch::entry_ticks, arch::tick_hz()))
             .with<Member::Cpus>(cpus)
             .with<Member::RamBytes>(ram_bytes)
             .with<Member::ImageBytes>(image_bytes)
             .with_text<Member::Version>(version)
             .with<Member::Options>(options) // the build's own text, shorter than any escape could make it
             .text());
}

void Events::vm_created(std::string_view vm) {
    send(Line<Event::VmCreated>().with_text<Member::Vm>(vm).text());
}

void Events::vm_refused(std::string_view vm, std::string_view reason) {
    send(Line<Event::VmRefused>().with_text<Member::Vm>(vm).with_text<Member::Reason>(reason).text());
}

void Events::vm_running(std::string_view vm) {
    send(Line<Event::VmRunning>().with_text<Member::Vm>(vm).text());
}

void Events::vm_with_tee(std::string_view vm, unsigned guest) {
    send(Line<Event::VmWithTee>().with_text<Member::Vm>(vm).with<Member::Guest>(guest).text());
}

void Events::vm_without_tee(std::string_view vm, std::string_view reason) {
    send(Line<Event::VmWithoutTee>().with_text<Member::Vm>(vm).with_text<Member::Reason>(reason).text());
}

void Events::vm_stopped(std::string_view vm, StopReason reason, std::string_view detail) {
    Line<Event::VmStopped> line;
    line.with_text<Member::Vm>(vm).with<Member::Reason>(name_of(reason));
    if (reason == StopReason::Crash) {
        line.with_text<Member::Detail>(detail);
    }
    send(line.text());
}

void Events::machine_off(PowerOffReason reason) {
    std::array<char, 128> line;
    send(machine_off_line(reason, line));
}

std::string_view Events::machine_off_line(PowerOffReason reason, std::span<char> out) {
    return format_to(out, "{\"{}\":\"{}\",\"{}\":{},\"{}\":\"{}\"}\n", name_of(Member::Event),
                     name_of(Event::MachineOff), name_of(Member::Ns), arch::nanoseconds_since_entry(),
                     name_of(Member::Reason), name_of(reason));
}

} // namespace trv::console
