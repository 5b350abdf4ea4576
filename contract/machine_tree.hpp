// SPDX-License-Identifier: Apache-2.0
#pragma once
// The tree of virtual machines below /chosen/trivisor that the tool writes and the hypervisor reads, and the keys of
// machine descriptions that its properties come from. A property that is a number or one of several words has a row with
// its range here, and needs no code in the reader of machine descriptions, in the writer of the tree, or in its parser.

#include "contract/guest_memory.hpp"
#include "contract/limits.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace trv::contract {

inline constexpr const char* machine_compatible = "trivisor,machine-v1";
inline constexpr const char* vm_compatible = "trivisor,vm";
inline constexpr std::string_view vm_node = "vm"; ///< vm@INDEX

enum class ConsoleMode : std::uint8_t { Plain, Framed };
[[nodiscard]] constexpr std::string_view console_word(ConsoleMode mode) {
    return mode == ConsoleMode::Framed ? "framed" : "plain";
}

/// Which devices a VM has: those that the hypervisor emulates, or, as the host, also all of the machine's.
enum class DeviceSet : std::uint8_t { Virtual, All };
inline constexpr std::string_view device_set_words[] = {"virtual", "all"};
/// What follows a VM's reboot.
enum class OnReboot : std::uint8_t { Restart, Stop, HaltMachine };
inline constexpr std::string_view on_reboot_words[] = {"restart", "stop", "halt-machine"};
/// What follows a VM's crash.
enum class OnCrash : std::uint8_t { Stop, Restart, HaltMachine };
inline constexpr std::string_view on_crash_words[] = {"stop", "restart", "halt-machine"};
/// What of a VM's memory the host lends it, and so sees, if its programs serve devices of it: a bank beside the VM's own
/// memory, in which the VM's kernel has a pool for bounce buffers, or all there is.
enum class Io : std::uint8_t { Pool, Whole };
inline constexpr std::string_view io_words[] = {"pool", "whole"};
/// What a VM may do with trusted applications in neither of its lists.
enum class TeeDefault : std::uint8_t { Allow, Deny };
inline constexpr std::string_view tee_default_words[] = {"allow", "deny"};

/// A VM's settings that are numbers and words, with their defaults.
struct VmSettings {
    std::uint32_t vcpus = 1;
    std::uint32_t weight = 100;
    std::uint32_t cap = 0;
    DeviceSet devices = DeviceSet::Virtual;
    OnReboot on_reboot = OnReboot::Restart;
    OnCrash on_crash = OnCrash::Stop;
    Io io = Io::Pool;
    std::uint32_t firmware_size = 0; ///< bytes at the start of the kernel's image that are firmware; 0: none
};

/// The same for its OP-TEE. The hypervisor chooses numbers that are not given.
struct TeeSettings {
    TeeDefault otherwise = TeeDefault::Allow;
    std::optional<std::uint32_t> max_sessions{};
    std::optional<std::uint32_t> pinned_pages{};
    std::optional<std::uint32_t> buffers{};
    std::optional<std::uint32_t> calls{};
    std::optional<std::uint32_t> mapped_pages{};
};

struct Property {
    const char* name;     ///< in the tree
    std::string_view key; ///< in a machine description; empty: the tool decides
    std::string_view meaning;
};

/// A property of one cell.
template <typename Settings, typename Value = std::uint32_t>
struct Number {
    Property property;
    Value Settings::* member;
    std::uint32_t least;
    std::uint32_t most;
    std::string_view unit{}; ///< for error texts: a space, and what is counted
};

/// A property that is one of `words`; Value's enumerators follow their order.
template <typename Settings, typename Value, std::size_t count>
struct Choice {
    Property property;
    Value Settings::* member;
    const std::string_view (&words)[count];

    [[nodiscard]] constexpr std::string_view word_of(const Settings& settings) const {
        return words[static_cast<std::size_t>(settings.*member)];
    }
    constexpr void set(Settings& settings, std::size_t word) const { settings.*member = static_cast<Value>(word); }
};

// Properties with a form of their own.
inline constexpr Property compatible_property = {"compatible", "", "`trivisor,vm`"};
inline constexpr Property label_property = {"label", "", "the VM's name: 1 to 31 of a-z, 0-9 and -, unique"};
inline constexpr Property memory_property = {"memory-size", "memory", "64 bits: bytes, a multiple of 2 MiB"};
inline constexpr Property cpus_property = {
    "cpus", "cpus", "optional: the physical CPU (index) of each vCPU; otherwise the scheduler chooses"};
inline constexpr Property kernel_property = {
    "kernel", "kernel",
    "64 bits of physical address and 64 bits of size of an arm64 Image; in a bundle, the name of a member"};
inline constexpr Property ramdisk_property = {"ramdisk", "rootfs", "optional: the same for an initial RAM disk"};
inline constexpr Property bootargs_property = {"bootargs", "cmdline",
                                               "optional: the kernel's command line, at most 2047 bytes"};
inline constexpr Property tee_property = {
    "tee", "tee", "optional, no value: the VM gets an OP-TEE; the properties below are only for one that does"};
inline constexpr Property tee_allow_property = {
    "tee-allow", "allow", "trusted applications: at most 32 UUIDs of 16 bytes each in textual order"};
inline constexpr Property tee_deny_property = {"tee-deny", "deny", "the same"};
inline constexpr Property manager_group_property = {
    "manager-group", "manager_group",
    "optional, only for the host: whose members may use the manager beside root; the 16 bytes of the UUID that Linux' "
    "TEE driver computes of the group's number"};
inline constexpr Property phandle_property = {"phandle", "", "ignored"};

inline constexpr Number<VmSettings> vcpus_property = {
    {"vcpus", "vcpus", "virtual CPUs"}, &VmSettings::vcpus, 1, max_vcpus};

inline constexpr Number<VmSettings> firmware_property = {
    {"firmware-size", "firmware",
     "optional: so many bytes at the start of the kernel's image are firmware, which starts from flash at address 0; "
     "the "
     "kernel, if there is one, follows at the next multiple of 4 KiB, and the firmware finds it"},
    &VmSettings::firmware_size,
    1,
    largest_firmware,
    " bytes"};

inline constexpr Number<VmSettings> vm_numbers[] = {
    {{"weight", "weight", "share of the CPUs relative to other VMs; default 100"}, &VmSettings::weight, 1, 10000},
    {{"cap", "cap", "limit in percent of one CPU; 0, the default, is none"},
     &VmSettings::cap,
     0,
     100 * max_vcpus,
     " percent of one CPU"},
};

inline constexpr Choice vm_devices = {
    Property{"devices", "devices",
             "`all` makes the VM the host, which has the machine's own devices; default `virtual`"},
    &VmSettings::devices, device_set_words};
inline constexpr Choice vm_on_reboot = {Property{"on-reboot", "on_reboot", "what follows a reboot; default `restart`"},
                                        &VmSettings::on_reboot, on_reboot_words};
inline constexpr Choice vm_on_crash = {Property{"on-crash", "on_crash", "what follows a crash; default `stop`"},
                                       &VmSettings::on_crash, on_crash_words};
inline constexpr Choice vm_io = {
    Property{"io", "io", "what of its memory the host sees that serves its devices; default `pool`"}, &VmSettings::io,
    io_words};

inline constexpr Choice tee_default = {
    Property{"tee-default", "default", "trusted applications in neither list; default `allow`"},
    &TeeSettings::otherwise, tee_default_words};

inline constexpr Number<TeeSettings, std::optional<std::uint32_t>> tee_numbers[] = {
    {{"tee-max-sessions", "max_sessions", "sessions open at one time"},
     &TeeSettings::max_sessions,
     1,
     most_tee_sessions},
    {{"tee-pinned-pages", "pinned_pages", "shared memory, in pages of 4 KiB"},
     &TeeSettings::pinned_pages,
     1,
     most_tee_pinned_pages},
    {{"tee-buffers", "buffers", "registered buffers"}, &TeeSettings::buffers, 1, most_tee_buffers},
    {{"tee-calls", "calls", "calls in flight"}, &TeeSettings::calls, 1, most_tee_calls},
    {{"tee-mapped-pages", "mapped_pages", "pages that OP-TEE's core maps"},
     &TeeSettings::mapped_pages,
     1,
     most_tee_mapped_pages},
};

/// Calls `visit(row)` for each choice of a VM, until one call returns false. @return whether none did
template <typename Visit>
constexpr bool for_each_vm_choice(Visit visit) {
    return visit(vm_devices) && visit(vm_on_reboot) && visit(vm_on_crash) && visit(vm_io);
}

/// Calls `visit(row)` for each row, until one call returns false. Each row is a constant in its call: texts that a visitor
/// does not use take no room in a program. @return whether none did
template <const auto& rows, typename Visit>
constexpr bool for_each_row(Visit visit) {
    return [&visit]<std::size_t... index>(std::index_sequence<index...>) {
        return (visit(rows[index]) && ...);
    }(std::make_index_sequence<std::size(rows)>());
}

/// Calls `visit(row)` for each row of a VM's node that is not one of its OP-TEE's: a Property, Number or Choice.
template <typename Visit>
constexpr void for_each_vm_row(Visit visit) {
    const auto each = [&visit](const auto& row) {
        visit(row);
        return true;
    };
    visit(compatible_property);
    visit(label_property);
    visit(memory_property);
    visit(vcpus_property);
    visit(cpus_property);
    visit(kernel_property);
    visit(firmware_property);
    visit(ramdisk_property);
    visit(bootargs_property);
    (void)for_each_row<vm_numbers>(each);
    (void)for_each_vm_choice(each);
    visit(tee_property);
    visit(manager_group_property);
    visit(phandle_property);
}
/// The same for those of its OP-TEE.
template <typename Visit>
constexpr void for_each_tee_row(Visit visit) {
    visit(tee_allow_property);
    visit(tee_deny_property);
    visit(tee_default);
    (void)for_each_row<tee_numbers>([&visit](const auto& row) {
        visit(row);
        return true;
    });
}

[[nodiscard]] constexpr const Property& property_of(const Property& property) {
    return property;
}
template <typename Row>
[[nodiscard]] constexpr const Property& property_of(const Row& row) {
    return row.property;
}

/// The names of all properties of a VM's node; the parser ignores others.
inline constexpr auto vm_property_names = [] {
    constexpr std::size_t count = [] {
        std::size_t n = 0;
        const auto each = [&n](const auto&) { ++n; };
        for_each_vm_row(each);
        for_each_tee_row(each);
        return n;
    }();
    std::array<std::string_view, count> names;
    std::size_t used = 0;
    const auto each = [&](const auto& row) { names[used++] = property_of(row).name; };
    for_each_vm_row(each);
    for_each_tee_row(each);
    return names;
}();

// Properties of /chosen/trivisor itself.
inline constexpr Property machine_compatible_property = {"compatible", "", "`trivisor,machine-v1`"};
inline constexpr Property console_property = {"console", "", "`framed` or `plain`; default `plain`"};
inline constexpr Property trace_bytes_property = {"trace-bytes", "",
                                                  "optional: trace from boot on, with a ring of this size per CPU"};
inline constexpr Property address_spaces_property = {
    "optee-address-spaces", "", "optional: pairs of address-space identifiers of this OP-TEE; default 64"};
inline constexpr Property partitions_property = {"optee-partitions", "",
                                                 "optional: the VMs that this OP-TEE can serve; default 16"};

} // namespace trv::contract
