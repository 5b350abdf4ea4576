// SPDX-License-Identifier: Apache-2.0
#include "host/devices/vm_devices.hpp"

#include "host/devices/device_record.hpp"
#include "host/devices/kinds/disk.hpp"
#include "host/devices/kinds/net.hpp"
#include "host/devices/kinds/rng.hpp"
#include "host/devices/kinds/share.hpp"
#include "host/devices/kinds/vsock.hpp"
#include "tool/support/files.hpp"

#include <algorithm>
#include <iterator>

namespace trv::host::devices {

namespace {

constexpr const char* only_root = "Only root makes VMs with devices.";

/// Programs of several users have sockets in it.
Result<void> make_open_folder(const std::filesystem::path& folder) {
    TRY(tool::make_folder(folder));
    if (const auto set = tool::set_mode(folder, 0755); !set) {
        return tool::failure(folder, set.error().what, only_root);
    }
    return {};
}

} // namespace

Result<Household> household_of(const std::string& vm, const std::string& service) {
    Household household{.vm = vm,
                        .folder = std::filesystem::path{served_vms} / vm,
                        .sandboxed = runs_systemd(),
                        .records = served_vms,
                        .service = service};
    TRY(make_open_folder(served_vms));
    TRY(make_open_folder(household.folder));
    if (household.sandboxed && !TRY(give_to_backends(household.folder, "devices", only_root))) {
        return no_backend_user(vm);
    }
    return household;
}

std::vector<BackendPlan> plans_for(const tool::machine::VmDescription& vm, const Household& household) {
    // Those that reach all of the VM's memory do not share a pool.
    const bool whole = vm.io == contract::Io::Whole;
    const std::size_t devices = whole ? 1 : vm.device_count();
    std::vector<BackendPlan> plans;
    for (unsigned index = 0; index < vm.nets.size(); ++index) {
        plans.push_back(plan_net(vm.nets[index], index, devices, household));
    }
    for (unsigned index = 0; index < vm.shares.size(); ++index) {
        plans.push_back(plan_share(vm.shares[index], index, household));
    }
    if (vm.vsock) {
        plans.push_back(plan_vsock(*vm.vsock, household));
    }
    if (vm.rng) {
        plans.push_back(plan_rng(household));
    }
    // Disks take what the others leave, and the first slots.
    const auto pool = largest_pool(vm.memory);
    const auto room = pool - std::min(memory_of(plans), pool);
    const auto requests = whole ? requests_without_pool() : requests_of_disks(vm.disks.size(), devices, room);
    std::vector<BackendPlan> disks;
    for (unsigned index = 0; index < vm.disks.size(); ++index) {
        disks.push_back(plan_disk(vm.disks[index], index, requests, household));
    }
    plans.insert(plans.begin(), std::make_move_iterator(disks.begin()), std::make_move_iterator(disks.end()));
    return plans;
}

Result<Bank> bank_for(const tool::machine::VmDescription& vm, std::span<const BackendPlan> plans) {
    return Bank::create(vm.io == contract::Io::Whole ? vm.memory : bank_size(plans), vm.io);
}

Result<std::unique_ptr<DeviceServer>> serve_devices(const manager::Manager& manager,
                                                    const tool::machine::VmDescription& description,
                                                    const manager::NewVm& vm, tool::EventLoop& loop,
                                                    const Household& household,
                                                    const ServedDevice::Cancelled& cancelled) {
    auto plans = plans_for(description, household);
    auto bank = TRY(bank_for(description, plans));
    return DeviceServer::create(TRY(manager.devices(description.name, vm)), household, std::move(plans),
                                std::move(bank), loop, cancelled);
}

} // namespace trv::host::devices
