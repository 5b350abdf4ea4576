// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/platform/platform.hpp"
#include "tool/tree/module_layout.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::qemu {

/// The name by which a system finds its agent's port [guests/host/root/etc/udev/rules.d/70-trivisor-agent.rules].
inline constexpr const char* agent_port_name = "trivisor.agent";

/// An emulated machine, before it is started.
struct QemuOptions {
    const platform::Platform* platform = &platform::qemu_virt; // never null
    std::vector<std::string> emulator{platform::qemu};         // the words that start QEMU
    std::string_view cpu{};                                    // of Platform::cpu_models; empty: the first
    unsigned cpus = 1;
    std::uint64_t memory = 0;         // bytes
    firmware::MemoryRange optee{};    // its memory
    std::filesystem::path firmware{}; // its folder
    std::filesystem::path device_tree{};
    std::filesystem::path image{}; // entered by the firmware at EL2
    std::vector<tree::Module> modules{};
    platform::Peripherals peripherals{};
    bool agent_port = false;               // a virtio-serial port to the agent of a system without the hypervisor
    bool power_button = false;             // the tool can press it
    bool reboots = false;                  // QEMU goes on when the machine resets itself; otherwise it ends
    std::filesystem::path secure_log{};    // what the secure world's UART says
    std::filesystem::path exception_log{}; // log of all exceptions; empty: none
    bool instruction_clock = false;        // one instruction is one nanosecond, whatever the host does
    bool repeatable = false;               // always the same random seed and the same date
    bool debugger = false;                 // waits for gdb on TCP port 1234 before the first instruction
    bool core_stays = false;               // OP-TEE's core runs where it is linked, not at a random address
    int gdb_listener = -1;                 // a listening socket where gdb can connect at any time; -1: none

    [[nodiscard]] platform::Shape shape() const {
        return {
            .emulator = emulator, .cpu = cpu, .cpus = cpus, .memory = memory, .repeatable = repeatable, .optee = optee};
    }
};

/// Descriptors that QEMU inherits, of sockets to the tool; -1: none.
struct PortDescriptors {
    int console = -1; // the normal world's UART
    int agent = -1;   // if there is an agent's port
    int monitor = -1; // if there is a power button
};

/// The arguments for the machine, its device tree and its memory contents.
[[nodiscard]] std::vector<std::string> command_line(const QemuOptions& options, const PortDescriptors& ports);

} // namespace trv::tool::qemu
