// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/readers/machine_reader.hpp"

#include "tool/machine/readers/disk_reader.hpp"
#include "tool/machine/readers/optee_reader.hpp"
#include "tool/machine/readers/vms_reader.hpp"
#include "tool/machine/values/byte_size.hpp"
#include "tool/machine/values/kernel_name.hpp"
#include "tool/support/files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace trv::tool::machine {

namespace {

constexpr std::array<std::string_view, 8> machine_keys{"platform", "cpu",     "cpus", "memory",
                                                       "disks",    "network", "qemu", optee_key};
constexpr std::array<std::string_view, 2> top_keys{"machine", "vm"};

/// One of the board's models, by its name or its shorter one. Reads which QEMU it is before.
Result<void> read_cpu(const TableReader& reader, MachineDescription& machine) {
    const auto written = TRY(reader.text("cpu"));
    if (!written) {
        return {};
    }
    std::vector<std::string_view> names;
    for (const platform::CpuModel& model : machine.platform->cpu_models) {
        if (*written == model.name || (*written == model.short_name && !model.short_name.empty())) {
            const std::string_view lack = platform::lack_of_installed_qemu(model.name);
            if (!lack.empty() && machine.qemu == platform::QemuChoice::Installed) {
                return reader.wrong(
                    "cpu", fmt::format("the firmware needs {} of {}, which Debian 12's QEMU lacks", lack, model.name),
                    "Write qemu = \"trixie\" beside it.");
            }
            machine.cpu = model.name;
            return {};
        }
        names.push_back(model.name);
    }
    return reader.wrong("cpu", fmt::format("{} has no CPU '{}'", machine.platform->name, *written),
                        fmt::format("Use one of {}.", fmt::join(names, ", ")));
}

Result<void> read_platform(const TableReader& reader, const std::filesystem::path& folder,
                           MachineDescription& machine) {
    TRY(reader.expect_only(machine_keys));
    const auto named = TRY(reader.choice("platform", platform::names()));
    const platform::Platform& platform = named ? platform::by_index(*named) : *machine.platform;
    machine.platform = &platform;
    if (const auto qemu = TRY(reader.choice("qemu", platform::qemu_words))) {
        machine.qemu = static_cast<platform::QemuChoice>(*qemu);
    }
    TRY(read_cpu(reader, machine));
    machine.cpus = TRY(reader.number("cpus", 1, contract::max_cpus)).value_or(machine.cpus);
    if (machine.cpus > platform.firmware.most_cpus) {
        return reader.wrong("cpus", fmt::format("{} exceeds what OP-TEE supports on {}", machine.cpus, platform.name),
                            fmt::format("Use at most {}.", platform.firmware.most_cpus));
    }
    const auto memory = TRY(reader.size("memory"));
    const std::uint64_t least = platform.memory.least;
    const std::uint64_t most = platform.memory.most;
    if (!memory || *memory < least || *memory > most || *memory % contract::memory_step != 0) {
        return reader.wrong("memory",
                            memory ? fmt::format("{} is not possible on {}", format_size(*memory), platform.name)
                                   : "is missing",
                            fmt::format("Give the machine {} to {}, a multiple of 2MiB: memory = \"2GiB\".",
                                        format_size(least), format_size(most)));
    }
    machine.memory = *memory;
    machine.disks = TRY(read_disks(reader, folder));
    if (const auto network = TRY(reader.choice("network", platform::network_words))) {
        machine.network = static_cast<platform::Network>(*network);
    }
    const bool has_any = !machine.disks.empty() || machine.network != platform::Network::None;
    if (has_any && platform.peripherals == nullptr) {
        return reader.wrong(machine.disks.empty() ? "network" : "disks",
                            fmt::format("{} has no bus for it", platform.name), "Remove the key.");
    }
    machine.platform_place = reader.place("platform");
    machine.cpus_place = reader.place("cpus");
    machine.memory_place = reader.place("memory");
    return {};
}

std::string taken_by_optee(const MachineDescription& machine) {
    return machine.optee_ram() == 0 ? "" : fmt::format("; OP-TEE takes {}", format_size(machine.optee_ram()));
}

Result<void> check_memory(const MachineDescription& machine) {
    std::uint64_t left = machine.memory - std::min(machine.memory, machine.reserve());
    for (const auto& vm : machine.vms) {
        if (vm.memory > left) {
            return wrong_at(vm.memory_place,
                            fmt::format("{} is too much: of the machine's {}, only {} is left for this VM{}",
                                        format_size(vm.memory), format_size(machine.memory), format_size(left),
                                        taken_by_optee(machine)),
                            machine.optee_ram() == 0
                                ? "Lower it, or raise [machine] memory."
                                : "Lower it, or raise [machine] memory, or let [machine] optee have less.");
        }
        left -= vm.memory;
    }
    return {};
}

/// The machine's devices are one VM's.
Result<void> check_host(const MachineDescription& machine) {
    const auto host = std::ranges::find_if(machine.vms, &VmDescription::has_machine_devices);
    if (host == machine.vms.end()) {
        return {};
    }
    if (machine.platform->gic_version == 2) {
        return wrong_at(host->devices_place,
                        fmt::format("{} has a GICv2, which cannot be a host VM's yet", machine.platform->name),
                        "Remove the key.");
    }
    const auto second = std::ranges::find_if(std::next(host), machine.vms.end(), &VmDescription::has_machine_devices);
    if (second != machine.vms.end()) {
        return wrong_at(second->devices_place,
                        fmt::format("{} has all of the machine's devices already, and only one VM can", host->name),
                        "Remove the key here, or there.");
    }
    return {};
}

Result<void> check_32_bit(const MachineDescription& machine) {
    const auto vm = std::ranges::find_if(machine.vms, [](const VmDescription& each) { return is_32_bit(each.kernel); });
    const auto models = machine.platform->cpu_models;
    const auto model = std::ranges::find(models, machine.cpu, &platform::CpuModel::name);
    if (vm == machine.vms.end() || model == models.end() || model->runs_32_bit_kernels) {
        return {};
    }
    return wrong_at(
        vm->kernel_place, fmt::format("is for 32-bit Arm, which {} has for applications only", machine.cpu),
        fmt::format("Write cpu = \"{}\" below [machine], or give a kernel for arm64.", models.front().name));
}

} // namespace

Result<MachineDescription> parse_machine(std::string_view text, const std::filesystem::path& path) {
    const std::string file = path.string();
    const toml::table root = TRY(parse_toml(text, file));
    TRY(TableReader(root, file, "").expect_only(top_keys));
    MachineDescription machine{.file = path};
    const toml::table* machine_table = TRY(table_of(root, "machine", file, "[machine] with cpus and memory"));
    const TableReader machine_reader{*machine_table, file, "machine"};
    TRY(read_platform(machine_reader, path.parent_path(), machine));
    machine.vms = TRY(read_vms(root, path, {.cpus = machine.cpus}));
    const auto on_disk = std::ranges::find_if(machine.vms, &VmDescription::boots_from_disk);
    if (on_disk != machine.vms.end() && machine.disks.empty()) {
        return wrong_at(on_disk->kernel_place, "is on the machine's first disk, and the machine has none",
                        "Give it one: disks = [{ image = \"debian:trixie\" }] below [machine].");
    }
    TRY(check_host(machine));
    TRY(check_32_bit(machine));
    machine.optee = TRY(read_optee(machine_reader, machine));
    machine.names_optee = machine_table->contains(optee_key);
    TRY(check_memory(machine));
    return machine;
}

Result<MachineDescription> read_machine(const std::filesystem::path& file) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored)) {
        return usage_error(file.string(), "", "no such machine description",
                           "Name a TOML file, e.g. machines/one.toml.");
    }
    return parse_machine(TRY(read_file(file)), file);
}

} // namespace trv::tool::machine
