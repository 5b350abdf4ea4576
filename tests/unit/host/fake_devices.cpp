// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/host/fake_devices.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace trv::host {

namespace {

using contract::manager::Command;
using manager::Verdict;
namespace virtio = contract::virtio;

constexpr std::chrono::seconds patience{30};

} // namespace

class FakeDevices::Registration final : public manager::RegisteredMemory {
  public:
    explicit Registration(FakeDevices& devices) : devices_{devices} {}
    ~Registration() override {
        const Lock lock{devices_.mutex_};
        devices_.registered_ = {};
        devices_.bank_ = {};
    }
    [[nodiscard]] std::uint64_t number() const override { return 1; }

  private:
    FakeDevices& devices_;
};

std::unique_ptr<manager::RegisteredMemory> FakeDevices::register_memory(std::span<char> memory) {
    const Lock lock{mutex_};
    registered_ = memory;
    return std::make_unique<Registration>(*this);
}

void FakeDevices::change(Slot& slot, std::uint32_t what) {
    slot.events.changes |= what;
    changed_.notify_all();
}

void FakeDevices::set_up(unsigned slot, std::uint64_t features, const virtio::Queue& queue) {
    const Lock lock{mutex_};
    Slot& at = slots_.at(slot);
    at.state.features = features;
    at.state.queue[0] = queue;
    at.state.status = 0xf;
    change(at, virtio::changed_status);
}

void FakeDevices::kick(unsigned slot) {
    const Lock lock{mutex_};
    slots_.at(slot).events.kicks |= 1;
    changed_.notify_all();
}

bool FakeDevices::reset(unsigned slot) {
    Lock lock{mutex_};
    Slot& at = slots_.at(slot);
    at.state.status = 0;
    at.state.queue = {};
    at.state.stopping = 1;
    change(at, virtio::changed_status | virtio::changed_reset);
    return changed_.wait_for(lock, patience, [&] { return at.state.stopping == 0; });
}

bool FakeDevices::await_interrupt(unsigned slot) {
    Lock lock{mutex_};
    const bool came = changed_.wait_for(lock, patience, [&] { return slots_.at(slot).interrupts != 0; });
    slots_.at(slot).interrupts = 0;
    return came;
}

void FakeDevices::end() {
    const Lock lock{mutex_};
    ended_ = true;
    changed_.notify_all();
}

std::span<char> FakeDevices::bank() {
    const Lock lock{mutex_};
    return bank_;
}

unsigned FakeDevices::loans() {
    const Lock lock{mutex_};
    return loans_;
}

void FakeDevices::take_back() {
    const Lock lock{mutex_};
    bank_ = {};
}

bool FakeDevices::await_loan() {
    Lock lock{mutex_};
    return changed_.wait_for(lock, patience, [&] { return !bank_.empty(); });
}

void FakeDevices::refuse(Command command) {
    const Lock lock{mutex_};
    refused_ = command;
}

Verdict FakeDevices::put(Slot& slot, std::string_view bytes) {
    virtio::Device device;
    std::memcpy(&device, bytes.data(), sizeof device);
    if (slot.state.status != 0 || slot.state.stopping != 0 || (device.id != 0 && slot.state.id != 0)) {
        return Verdict::Busy;
    }
    slot.device = device;
    slot.state = {.id = device.id, .queues = device.queues};
    return Verdict::Success;
}

Verdict FakeDevices::events(manager::Arguments& arguments, Lock& lock) {
    const auto due = [this] {
        return ended_ || std::ranges::any_of(slots_, [](const Slot& slot) {
                   return slot.events.kicks != 0 || slot.events.changes != 0;
               });
    };
    changed_.wait_for(lock, std::chrono::milliseconds{arguments[0].b}, due);
    if (ended_) {
        return Verdict::ItemNotFound;
    }
    virtio::Events all{};
    for (unsigned slot = 0; slot < slots_.size(); ++slot) {
        all[slot] = std::exchange(slots_[slot].events, {});
    }
    arguments[1].output.assign(reinterpret_cast<const char*>(&all), sizeof all);
    return Verdict::Success;
}

Verdict FakeDevices::call(Command command, manager::Arguments& arguments) {
    Lock lock{mutex_};
    if (ended_) {
        return Verdict::ItemNotFound;
    }
    if (command == refused_) {
        return Verdict::NotSupported;
    }
    const auto slot = static_cast<unsigned>(arguments[0].b);
    switch (command) {
    case Command::Lend:
        if (!bank_.empty()) {
            return Verdict::Busy;
        }
        bank_ = registered_;
        ++loans_;
        changed_.notify_all();
        return arguments[1].registered == 1 ? Verdict::Success : Verdict::BadParameters;
    case Command::Device:
        if (arguments[1].input.size() != sizeof(virtio::Device) || bank_.empty()) {
            return Verdict::BadParameters;
        }
        return put(slots_.at(slot), arguments[1].input);
    case Command::Events:
        return events(arguments, lock);
    case Command::State:
        arguments[1].output.assign(reinterpret_cast<const char*>(&slots_.at(slot).state), sizeof(virtio::State));
        return Verdict::Success;
    case Command::Ring:
        for (unsigned index = 0; index < slots_.size(); ++index) {
            slots_[index].interrupts += arguments[0].b >> index & 1;
        }
        changed_.notify_all();
        return Verdict::Success;
    case Command::Stopped:
        slots_.at(slot).state.stopping = 0;
        changed_.notify_all();
        return Verdict::Success;
    default:
        return Verdict::NotSupported;
    }
}

} // namespace trv::host
