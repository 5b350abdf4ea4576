// SPDX-License-Identifier: Apache-2.0
#include "host/devices/vm_devices.hpp"

#include "host/devices/device_record.hpp"
#include "host/devices/disk.hpp"
#include "host/devices/net.hpp"
#include "host/devices/share.hpp"
#include "host/devices/vsock.hpp"
#include "tool/support/files.hpp"

namespace trv::host::devices {

Result<Household> household_of(const std::string& vm, const std::string& service) {
    Household household{.vm = vm,
                        .folder = std::filesystem::path{served_vms} / vm,
                        .sandboxed = runs_systemd(),
                        .records = served_vms,
                        .service = service};
    TRY(tool::make_folder(household.folder));
    if (household.sandboxed &&
        !TRY(give_to_backends(household.folder, "devices", "Only root makes VMs with devices."))) {
        return no_backend_user(vm);
    }
    return household;
}

std::vector<BackendPlan> plans_for(const tool::machine::VmDescription& vm, const Household& household) {
    std::vector<BackendPlan> plans;
    const std::size_t devices = vm.disks.size() + vm.nets.size() + vm.shares.size() + (vm.vsock ? 1 : 0);
    for (unsigned index = 0; index < vm.disks.size(); ++index) {
        plans.push_back(plan_disk(vm.disks[index], index, devices, household.folder));
    }
    for (unsigned index = 0; index < vm.nets.size(); ++index) {
        plans.push_back(plan_net(vm.nets[index], index, devices, household));
    }
    for (unsigned index = 0; index < vm.shares.size(); ++index) {
        plans.push_back(plan_share(vm.shares[index], index, household));
    }
    if (vm.vsock) {
        plans.push_back(plan_vsock(*vm.vsock, household));
    }
    return plans;
}

Result<std::unique_ptr<DeviceServer>> serve_devices(const manager::Manager& manager,
                                                    const tool::machine::VmDescription& description,
                                                    const manager::NewVm& vm, tool::EventLoop& loop,
                                                    const Household& household) {
    return DeviceServer::create(TRY(manager.devices(description.name, vm)), household,
                                plans_for(description, household), loop);
}

} // namespace trv::host::devices
