// SPDX-License-Identifier: Apache-2.0
#include "host/vms/new_vm.hpp"

#include "contract/monitor.hpp"
#include "tool/machine/readers/table_reader.hpp"
#include "tool/machine/values/byte_size.hpp"
#include "tool/support/files.hpp"
#include "tool/tree/machine_tree.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <sstream>

namespace trv::host::vms {

namespace {

namespace key = contract::monitor::key;
using tool::Result;
using tool::machine::VmDescription;

constexpr std::uint64_t frame_size = 4096;
/// It would mix with the output of commands.
constexpr std::string_view without_prompt = " systemd.mask=serial-getty@ttyAMA0.service";

std::uint64_t in_mib(std::uint64_t bytes) {
    return (bytes + tool::machine::mib - 1) / tool::machine::mib;
}

/// The hypervisor checks it again; here the message has the place in the file.
Result<void> check_name(const nlohmann::ordered_json& list, const VmDescription& vm) {
    for (const auto& other : list.value(key::vms, nlohmann::ordered_json::array())) {
        if (other.value(key::vm, "") == vm.name) {
            return tool::machine::wrong_at(
                {.place = vm.memory_place.place, .key = "vm." + vm.name}, "the machine has a VM of this name",
                fmt::format("Choose another name, or destroy that VM: trivisorctl destroy {}.", vm.name));
        }
    }
    return {};
}

/// Bytes that programs of the host can get.
std::uint64_t available_memory() {
    constexpr std::string_view name = "MemAvailable:";
    std::istringstream lines{tool::read_file("/proc/meminfo").value_or("")};
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(name)) {
            return std::strtoull(line.c_str() + name.size(), nullptr, 10) * tool::machine::kib;
        }
    }
    return 0;
}

/// All of the VM's memory is the host's.
Result<void> check_host_memory(const VmDescription& vm) {
    const std::uint64_t available = available_memory();
    if (vm.memory <= available) {
        return {};
    }
    return tool::machine::wrong_at(
        vm.memory_place,
        fmt::format("{} is too much: with io = \"whole\" it is the host's, of whose memory {}MiB are available",
                    tool::machine::format_size(vm.memory), available / tool::machine::mib),
        "Lower it, end programs of the host, or give the host more.");
}

/// The same of the memory, of which the hypervisor itself takes a little more.
Result<void> check_free_memory(const nlohmann::ordered_json& stats, const VmDescription& vm, const Images& images) {
    if (vm.io == contract::Io::Whole) {
        return check_host_memory(vm);
    }
    const auto free_frames = stats.value(key::free_frames, std::uint64_t{0});
    const std::uint64_t free = free_frames * frame_size;
    const std::uint64_t loaded = images.kernel.size() + (images.ramdisk ? images.ramdisk->size() : 0);
    if (free_frames == 0 || vm.memory + loaded <= free) {
        return {};
    }
    return tool::machine::wrong_at(
        vm.memory_place,
        fmt::format("{} is too much: {}MiB of the machine are free, of which its kernel and initramfs take {}MiB",
                    tool::machine::format_size(vm.memory), free / tool::machine::mib, in_mib(loaded)),
        "Lower it, or destroy another VM.");
}

std::string boot_arguments(const VmDescription& vm, const Images& images, tool::guest::Mode mode) {
    std::string users = vm.cmdline;
    if (vm.has_devices() && vm.io == contract::Io::Pool && !tool::guest::has_parameter(users, "cma")) {
        users = users.empty() ? "cma=0" : "cma=0 " + users; // it would take the memory that is for devices
    }
    VmDescription with_disks = vm;
    with_disks.cmdline = users;
    if (!vm.boots_from_disk()) {
        return tool::guest::initramfs_arguments(with_disks, mode);
    }
    return tool::guest::with_own(users, fmt::format("console=ttyAMA0 root={} ro{}", images.root,
                                                    mode == tool::guest::Mode::Exec ? without_prompt : ""));
}

Result<void> load(manager::Manager& manager, const std::string& name, const manager::NewVm& vm, const Images& images) {
    TRY(manager.load(name, vm, contract::manager::Image::Kernel, images.kernel));
    return images.ramdisk ? manager.load(name, vm, contract::manager::Image::Ramdisk, *images.ramdisk) : Result<void>{};
}

} // namespace

Result<manager::NewVm> make_vm(manager::Manager& manager, const VmDescription& vm, const Images& images,
                               const Making& making) {
    using contract::monitor::Command;
    TRY(check_name(TRY(manager.monitor(name_of(Command::List))), vm)); // also VMs that do not run
    TRY(check_free_memory(TRY(manager.monitor(name_of(Command::Stats))), vm, images));
    tool::tree::VmNode node{.vm = vm,
                            .kernel = {.file = {}, .address = 0, .size = images.kernel.size()},
                            .ramdisk = std::nullopt,
                            .bootargs = boot_arguments(vm, images, making.mode)};
    node.vm.firmware_size = images.firmware_size;
    if (node.bootargs.size() > contract::max_bootargs) {
        return tool::machine::wrong_at(vm.cmdline_place,
                                       fmt::format("the command line of {} bytes is too long: a kernel takes {}",
                                                   node.bootargs.size(), contract::max_bootargs),
                                       "Shorten it.");
    }
    if (images.ramdisk) {
        node.ramdisk = tool::tree::Module{.file = {}, .address = 0, .size = images.ramdisk->size()};
    }
    const auto made = TRY(manager.create(vm.name, TRY(tool::tree::compile_vm_tree(node)), making.lifetime));
    auto loaded = load(manager, vm.name, made, images);
    if (!loaded) {
        (void)manager.forget(vm.name); // what is half loaded is of no use, not even to a persistent VM
        return std::unexpected(std::move(loaded).error());
    }
    return made;
}

} // namespace trv::host::vms
