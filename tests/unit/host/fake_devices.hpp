// SPDX-License-Identifier: Apache-2.0
#pragma once
// The devices of a VM of a FakeMachine, as a VM sees them: a driver sets them up, kicks and resets them, and is interrupted.

#include "contract/virtio.hpp"
#include "host/manager/transport.hpp"

#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>

namespace trv::host {

class FakeDevices {
  public:
    // The driver's side.

    /// Sets the device's first queue up, and says that the driver is ready.
    void set_up(unsigned slot, std::uint64_t features, const contract::virtio::Queue& queue);
    void kick(unsigned slot);
    /// Resets the device. @return whether the host said in time that it has stopped
    bool reset(unsigned slot);
    /// Waits for the next interrupt of the device.
    bool await_interrupt(unsigned slot);
    /// The VM is forgotten.
    void end();

    [[nodiscard]] const contract::virtio::Device& device(unsigned slot) const { return slots_.at(slot).device; }
    /// What is lent; empty without a loan.
    [[nodiscard]] std::span<char> bank();
    [[nodiscard]] unsigned loans();
    /// Ends the loan, as the hypervisor does when a device does not stop.
    void take_back();
    /// Waits until memory is lent.
    bool await_loan();
    /// The manager does not carry out this command any more.
    void refuse(contract::manager::Command command);

    // The manager's side.
    [[nodiscard]] manager::Verdict call(contract::manager::Command command, manager::Arguments& arguments);
    [[nodiscard]] std::unique_ptr<manager::RegisteredMemory> register_memory(std::span<char> memory);

  private:
    struct Slot {
        contract::virtio::Device device{};
        contract::virtio::State state{};
        contract::virtio::SlotEvents events{};
        unsigned interrupts = 0;
    };
    class Registration;
    using Lock = std::unique_lock<std::mutex>;
    [[nodiscard]] static manager::Verdict put(Slot& slot, std::string_view bytes);
    [[nodiscard]] manager::Verdict events(manager::Arguments& arguments, Lock& lock);
    void change(Slot& slot, std::uint32_t what);

    std::mutex mutex_;
    std::condition_variable changed_;
    std::array<Slot, contract::virtio::slots> slots_{};
    std::span<char> registered_{};
    std::span<char> bank_{};
    unsigned loans_ = 0;
    std::optional<contract::manager::Command> refused_{};
    bool ended_ = false;
};

/// The way to them, of a program that serves them.
class DevicesTransport final : public manager::Transport {
  public:
    explicit DevicesTransport(FakeDevices& devices) : devices_{devices} {}
    manager::Result<manager::Verdict> call(contract::manager::Command command, manager::Arguments& arguments) override {
        return devices_.call(command, arguments);
    }
    manager::Result<std::unique_ptr<manager::RegisteredMemory>> register_memory(std::span<char> memory) override {
        return devices_.register_memory(memory);
    }

  private:
    FakeDevices& devices_;
};

} // namespace trv::host
