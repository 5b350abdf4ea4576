// SPDX-License-Identifier: Apache-2.0
// Arbitrary device trees: parsing ends, stays inside the blob, and what it accepts keeps its promises. Half of the
// inputs are blobs as they are, half are patches to a sound tree, which reach further in.

#include "../../unit/hypervisor/dts.hpp"
#include "../../unit/hypervisor/machine/qemu_virt.hpp"
#include "drivers/uart.hpp"
#include "lib/checked.hpp"
#include "machine/parse.hpp"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace trv;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void check(const machine::Machine& m) {
    for (const PaRange& bank : m.ram) {
        require(!bank.empty() && bank.base.is_aligned(page_size) && is_aligned(bank.size, page_size));
        require(bank.end() > bank.base);
    }
    for (const machine::ReservedRange& r : m.reserved) {
        require(r.range.base.is_aligned(page_size));
    }
    for (const machine::VmDescription& vm : m.vms) {
        require(vm.index < max_vms && !vm.label.empty() && vm.label.size() <= contract::max_label);
        require(vm.vcpus >= 1 && vm.vcpus <= max_vcpus && vm.memory_size != 0 &&
                vm.bootargs.size() <= contract::max_bootargs);
        require(vm.weight >= 1 && vm.weight <= 10000);
        bool inside = false;
        for (const PaRange& bank : m.ram) {
            inside = inside || bank.contains(vm.kernel);
        }
        require(inside);
    }
}

void parse(std::span<const u8> blob) {
    const auto tree = DeviceTree::open(blob);
    if (!tree) {
        return;
    }
    const auto machine = std::make_unique<machine::Machine>();
    machine::Problems problems;
    (void)machine::parse(*tree, drivers::uart_compatibles(), *machine, problems);
    problems.for_each([](std::string_view line) { require(!line.empty()); });
    check(*machine);
}

std::vector<u8> sound_tree() {
    test::Dts dts(std::string("/memreserve/ 0x48000000 0x10000; / {") + test::qemu_virt_hardware + R"(
        aliases { serial0 = "/pl011@9000000"; };
        chosen { stdout-path = "serial0:115200n8"; linux,initrd-start = <0x48000000>; linux,initrd-end = <0x48001000>;
            trivisor { compatible = "trivisor,machine-v1"; console = "framed";
                vm@0 { compatible = "trivisor,vm"; label = "alpha"; memory-size = /bits/ 64 <0x20000000>; vcpus = <2>;
                    cpus = <0 1>; kernel = /bits/ 64 <0x64000000 0x2300000>; ramdisk = /bits/ 64 <0x68000000 0x700000>;
                    bootargs = "quiet"; weight = <100>; cap = <0>; on-reboot = "restart"; on-crash = "stop"; tee; };
                vm@1 { compatible = "trivisor,vm"; label = "beta"; memory-size = /bits/ 64 <0x20000000>; vcpus = <1>;
                    kernel = /bits/ 64 <0x64000000 0x2300000>; }; }; }; };)");
    const std::span<u8> bytes = dts.bytes();
    return {bytes.begin(), bytes.end()};
}

/// In a block of its own, so that the sanitizer sees the first byte read behind it.
void parse_copy(std::span<const u8> blob) {
    std::vector<u64> words((blob.size() + 7) / 8);
    std::memcpy(words.data(), blob.data(), blob.size());
    parse({reinterpret_cast<const u8*>(words.data()), blob.size()});
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
    static const std::vector<u8> sound = sound_tree();
    if (size == 0) {
        return 0;
    }
    const std::span<const u8> input(data + 1, size - 1);
    if (data[0] % 2 == 0) {
        if (!input.empty()) {
            parse_copy(input);
        }
        return 0;
    }
    std::vector<u8> patched = sound;
    for (std::size_t i = 0; i + 3 <= input.size(); i += 3) {
        patched[static_cast<std::size_t>(input[i] << 8 | input[i + 1]) % patched.size()] = input[i + 2];
    }
    parse_copy(patched);
    return 0;
}
