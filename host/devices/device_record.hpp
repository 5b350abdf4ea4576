// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/devices/backend_plan.hpp"

#include <nlohmann/json_fwd.hpp>

namespace trv::host::devices {

/// Where the devices of each VM are written down while a program serves them: NAME.json, and a folder NAME for sockets.
inline constexpr const char* served_vms = "/run/trivisor";

/// What serves the devices of a VM, in a file as long as this object lives: for `trivisorctl devices`.
class DeviceRecord {
  public:
    DeviceRecord() = default;
    [[nodiscard]] static Result<DeviceRecord> write(const std::string& vm, std::span<const BackendPlan> plans,
                                                    const std::filesystem::path& folder = served_vms);
    DeviceRecord(DeviceRecord&& other) noexcept : file_{std::exchange(other.file_, {})} {}
    DeviceRecord& operator=(DeviceRecord&& other) noexcept {
        std::swap(file_, other.file_);
        return *this;
    }
    ~DeviceRecord();

  private:
    explicit DeviceRecord(std::filesystem::path file) : file_{std::move(file)} {}

    std::filesystem::path file_{};
};

/// The devices of a VM, as a list of objects with "device", "backend" and "serves"; empty for a VM without.
[[nodiscard]] nlohmann::ordered_json recorded_devices(const std::string& vm,
                                                      const std::filesystem::path& folder = served_vms);

} // namespace trv::host::devices
