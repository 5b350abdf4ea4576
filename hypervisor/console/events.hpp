// SPDX-License-Identifier: Apache-2.0
#pragma once
// Sends the events of contract/events.hpp. One function per event; one that sends a member which the event has not does
// not compile.

#include "console/output_listener.hpp"
#include "console/wire/channel.hpp"
#include "contract/events.hpp"
#include "lib/types.hpp"

#include <span>
#include <string_view>

namespace trv::console {

using contract::PowerOffReason;
using contract::StopReason;

class Events {
  public:
    constexpr explicit Events(Channel& channel) : channel_(channel) {}

    void machine_ready(unsigned cpus, u64 ram_bytes, u64 image_bytes, std::string_view version,
                       std::string_view options);
    void vm_created(std::string_view vm);
    void vm_refused(std::string_view vm, std::string_view reason);
    /// The VM has an OP-TEE; `guest` is OP-TEE's number for it.
    void vm_with_tee(std::string_view vm, unsigned guest);
    /// The VM should have an OP-TEE, and runs without one.
    void vm_without_tee(std::string_view vm, std::string_view reason);
    void vm_running(std::string_view vm);
    /// @param detail the cause, for StopReason::Crash; otherwise empty
    void vm_stopped(std::string_view vm, StopReason reason, std::string_view detail = {});
    /// A panic, which must not wait for a lock, uses Console::announce_panic().
    void machine_off(PowerOffReason reason);
    /// Writes the same line into `out`, which should have room for 128 bytes.
    [[nodiscard]] static std::string_view machine_off_line(PowerOffReason reason, std::span<char> out);

    /// From now on it gets each event, too. Context: boot, before VMs are created. It must outlive this object.
    void add_listener(OutputListener& listener) { listener_ = &listener; }

  private:
    void send(std::string_view line);

    OutputListener* listener_ = nullptr;
    Channel& channel_;
};

} // namespace trv::console
