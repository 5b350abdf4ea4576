// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/devices/backend/backend_plan.hpp"

#include <nlohmann/json.hpp>

namespace trv::host::devices {

/// Where the devices of each VM are written down while a program serves them: NAME.json, and a folder NAME for sockets.
inline constexpr const char* served_vms = "/run/trivisor";

/// A device's name in a Linux VM: that of virtio's registers.
[[nodiscard]] std::string name_in_vm(unsigned slot);

/// What serves the devices of a VM, in a file as long as this object lives: for `trivisorctl devices`.
class DeviceRecord {
  public:
    DeviceRecord() = default;
    [[nodiscard]] static Result<DeviceRecord> write(const std::string& vm, std::span<const BackendPlan> plans,
                                                    const std::filesystem::path& folder = served_vms);
    DeviceRecord(DeviceRecord&& other) noexcept
        : file_{std::exchange(other.file_, {})}, devices_{std::move(other.devices_)} {}
    DeviceRecord& operator=(DeviceRecord&& other) noexcept {
        std::swap(file_, other.file_);
        std::swap(devices_, other.devices_);
        return *this;
    }
    ~DeviceRecord();

    /// Writes down whether the VM has the device in this slot.
    [[nodiscard]] Result<void> mark(unsigned slot, bool plugged);

  private:
    DeviceRecord(std::filesystem::path file, nlohmann::ordered_json devices)
        : file_{std::move(file)}, devices_{std::move(devices)} {}

    std::filesystem::path file_{};
    nlohmann::ordered_json devices_{}; ///< by their slots
};

/// The devices of a VM, as a list of objects with "device", "backend", "serves", "plugged" and "in_vm", by their slots; empty
/// for a VM without.
[[nodiscard]] nlohmann::ordered_json recorded_devices(const std::string& vm,
                                                      const std::filesystem::path& folder = served_vms);

} // namespace trv::host::devices
