// SPDX-License-Identifier: Apache-2.0
#include "host/devices/device_record.hpp"

#include "contract/virtio.hpp"
#include "tool/support/files.hpp"

#include <fmt/format.h>

namespace trv::host::devices {

namespace {

std::filesystem::path file_of(const std::string& vm, const std::filesystem::path& folder) {
    return folder / (vm + ".json");
}

/// All users of the manager may read it.
Result<void> write_open_file(const std::filesystem::path& file, const nlohmann::ordered_json& devices) {
    TRY(tool::write_file(file, devices.dump(2) + "\n"));
    return tool::set_mode(file, 0644);
}

} // namespace

std::string name_in_vm(unsigned slot) {
    return fmt::format("{:x}.virtio_mmio", contract::virtio::first_slot + slot * contract::virtio::slot_size);
}

Result<DeviceRecord> DeviceRecord::write(const std::string& vm, std::span<const BackendPlan> plans,
                                         const std::filesystem::path& folder) {
    auto devices = nlohmann::ordered_json::array();
    for (const auto& plan : plans) {
        const auto program = std::filesystem::path{plan.program}.filename().string();
        devices.push_back({{"device", plan.name},
                           {"backend", program},
                           {"serves", plan.serves},
                           {"plugged", plan.plugged},
                           {"in_vm", name_in_vm(static_cast<unsigned>(devices.size()))}});
    }
    DeviceRecord record{file_of(vm, folder), std::move(devices)};
    TRY(write_open_file(record.file_, record.devices_));
    return record;
}

Result<void> DeviceRecord::mark(unsigned slot, bool plugged) {
    if (file_.empty() || slot >= devices_.size() || devices_[slot]["plugged"] == plugged) {
        return {};
    }
    devices_[slot]["plugged"] = plugged;
    return write_open_file(file_, devices_);
}

DeviceRecord::~DeviceRecord() {
    std::error_code ignored;
    if (!file_.empty()) {
        std::filesystem::remove(file_, ignored);
    }
}

nlohmann::ordered_json recorded_devices(const std::string& vm, const std::filesystem::path& folder) {
    const auto text = tool::read_file(file_of(vm, folder));
    auto devices = nlohmann::ordered_json::parse(text.value_or("[]"), nullptr, false);
    return devices.is_array() ? devices : nlohmann::ordered_json::array();
}

} // namespace trv::host::devices
