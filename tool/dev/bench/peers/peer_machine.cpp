// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/peers/peer_machine.hpp"

#include "tool/dev/bench/peers/peer_tree.hpp"
#include "tool/dev/bench/peers/xen_build.hpp"
#include "tool/machine/machine_description.hpp"
#include "tool/machine/readers/optee_reader.hpp"
#include "tool/qemu/qemu_machine.hpp"
#include "tool/setup/hypervisor_build.hpp"
#include "tool/support/files.hpp"
#include "tool/tree/bare_tree.hpp"
#include "tool/tree/machine_tree.hpp"

#include <fmt/format.h>

namespace trv::tool::dev::bench {

namespace {

constexpr std::uint64_t least_machine_memory = 2 * machine::gib;

std::uint64_t machine_memory(const BenchGuest& guest) {
    const std::uint64_t guests = guest.memory * guest.count;
    return std::max(least_machine_memory, guests + machine::gib); // the modules and the hypervisor lie beside them
}

std::string boot_arguments(Peer peer, const BenchGuest& guest, unsigned index) {
    if (!guest.commands.empty()) {
        return fmt::format("run={}{}", guest.commands, peer == Peer::Xen ? " console=xen" : "");
    }
    // The limit of memory is a hypervisor's to set elsewhere. What `moment` means bench/guest/moment.c says; other
    // programs do not look at it.
    return fmt::format("console={} trivisor.mode=exec trivisor.name=guest{}{}", peer == Peer::Xen ? "hvc0" : "ttyAMA0",
                       index,
                       peer == Peer::Bare  ? fmt::format(" mem={}M", guest.memory / machine::mib)
                       : peer == Peer::Xen ? " moment=off"
                                           : "");
}

Result<tree::Module> module_at(const std::filesystem::path& file, std::uint64_t address) {
    std::error_code problem;
    const std::uint64_t size = std::filesystem::file_size(file, problem);
    if (problem) {
        return failure(file.string(), "cannot be read: " + problem.message());
    }
    return tree::Module{.file = file, .address = address, .size = size};
}

Result<std::optional<tree::Module>> place_ramdisk(const BenchGuest& guest, tree::ModuleLayout& layout) {
    if (guest.ramdisk.empty()) {
        return std::nullopt;
    }
    return TRY(layout.place(guest.ramdisk));
}

/// What one peer makes of the machine: device tree, what the firmware enters, what lies in memory.
struct Filled {
    std::string tree;
    std::filesystem::path image;
    std::vector<tree::Module> modules;
};

Result<Filled> fill_bare(const platform::Platform& platform, const std::string& hardware, const BenchGuest& guest) {
    const std::uint64_t image = platform.memory.image_address;
    const GuestBoot boot{.kernel = TRY(module_at(guest.kernel, image)),
                         .ramdisk = TRY(module_at(guest.ramdisk, image + tree::bare_ramdisk_distance)),
                         .bootargs = boot_arguments(Peer::Bare, guest, 0)};
    return Filled{.tree = TRY(tree::bare_tree(hardware, *boot.ramdisk, boot.bootargs)),
                  .image = boot.kernel.file,
                  .modules = {*boot.ramdisk}};
}

Result<Filled> fill_xen(const Paths& paths, const std::string& hardware, const BenchGuest& guest,
                        tree::ModuleLayout& layout) {
    const GuestBoot boot{.kernel = TRY(layout.place(guest.kernel)),
                         .ramdisk = TRY(place_ramdisk(guest, layout)),
                         .bootargs = boot_arguments(Peer::Xen, guest, 0)};
    return Filled{.tree = TRY(xen_tree(hardware, boot, guest.memory, guest.vcpus)),
                  .image = xen_image(paths),
                  .modules = layout.modules()};
}

firmware::OpteeBuild build_for(const platform::Platform& platform, unsigned users) {
    // In secure memory: Xen and a system without a hypervisor do not know what firmware takes of RAM.
    const firmware::OpteeBuild compared = machine::secure_optee(platform);
    return users <= compared.vms ? compared : machine::usual_optee(platform, users);
}

Result<Filled> fill_trivisor(const Paths& paths, const platform::Platform& platform, const std::string& hardware,
                             const BenchGuest& guest, tree::ModuleLayout& layout) {
    std::vector<tree::VmNode> nodes;
    for (unsigned index = 0; index < guest.count; ++index) {
        machine::VmDescription vm{.name = fmt::format("guest{}", index), .memory = guest.memory};
        vm.vcpus = guest.vcpus;
        if (index < guest.with_tee) {
            vm.tee.emplace();
        }
        nodes.push_back({.vm = std::move(vm),
                         .kernel = TRY(layout.place(guest.kernel)),
                         .ramdisk = TRY(place_ramdisk(guest, layout)),
                         .bootargs = boot_arguments(Peer::Trivisor, guest, index)});
    }
    const firmware::OpteeBuild optee = build_for(platform, guest.with_tee);
    return Filled{.tree = TRY(tree::compile_tree(hardware, nodes,
                                                 {.address_spaces = optee.address_spaces, .partitions = optee.vms})),
                  .image = TRY(setup::hypervisor_image(paths, std::string{platform.config})).binary(),
                  .modules = layout.modules()};
}

Result<Filled> fill(const Paths& paths, const platform::Platform& platform, Peer peer, const std::string& hardware,
                    const BenchGuest& guest, tree::ModuleLayout& layout) {
    switch (peer) {
    case Peer::Bare:
        return fill_bare(platform, hardware, guest);
    case Peer::Xen:
        return fill_xen(paths, hardware, guest, layout);
    case Peer::Trivisor:
        break;
    }
    return fill_trivisor(paths, platform, hardware, guest, layout);
}

} // namespace

firmware::Optee optee_of(const platform::Platform& platform, Peer peer, unsigned users) {
    const firmware::OpteeBuild build = build_for(platform, users);
    return peer == Peer::Bare ? without_virtualization(build, build.memory) : firmware::Optee{build};
}

Result<qemu::QemuOptions> prepare_peer(const Paths& paths, const run_folder::RunFolder& folder, Peer peer,
                                       const BenchGuest& guest, const BenchBoard& board) {
    const platform::Platform& platform = *board.platform;
    qemu::QemuOptions options{.platform = &platform,
                              .cpus = board.cpus,
                              .memory = machine_memory(guest),
                              .firmware =
                                  platform::firmware_folder(paths, platform, optee_of(platform, peer, guest.with_tee)),
                              .device_tree = folder.device_tree(),
                              .secure_log = folder.secure_log(),
                              .instruction_clock = board.clock == Clock::Icount,
                              .repeatable = true};
    tree::ModuleLayout layout{platform.memory, options.memory};
    const auto hardware = TRY(qemu::hardware_tree(options, folder.path()));
    auto filled = TRY(fill(paths, platform, peer, hardware, guest, layout));
    options.image = std::move(filled.image);
    options.modules = std::move(filled.modules);
    TRY(write_file(folder.device_tree(), filled.tree));
    return options;
}

} // namespace trv::tool::dev::bench
