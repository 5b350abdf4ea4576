// SPDX-License-Identifier: Apache-2.0
// Arbitrary bundles: reading one ends, stays inside it, and what it accepts lies in it. An input is an archive, whose
// member for the machine tree may be replaced by a sound tree, so that what the tree names is reached.

#include "../../unit/hypervisor/dts.hpp"
#include "../../unit/hypervisor/lib/cpio_archive.hpp"
#include "../../unit/hypervisor/machine/qemu_virt.hpp"
#include "contract/bundle.hpp"
#include "machine/bundle.hpp"
#include "machine/parse.hpp"

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace trv;

constexpr Pa at{0x4800'0000};

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

test::Dts hardware() {
    return test::Dts(std::string("/ {") + test::qemu_virt_hardware + "};");
}

std::vector<u8> with_sound_tree(std::span<const u8> behind) {
    test::Dts dts(R"(/ { chosen { trivisor { compatible = "trivisor,machine-v1"; vm@0 { compatible = "trivisor,vm";
        label = "alpha"; memory-size = /bits/ 64 <0x20000000>; vcpus = <2>; kernel = "k"; ramdisk = "appended"; };
        }; }; };)");
    const std::span<const u8> tree = dts.bytes();
    test::CpioArchive archive;
    archive.add(contract::bundle::tree_member, {reinterpret_cast<const char*>(tree.data()), tree.size()});
    archive.append({reinterpret_cast<const char*>(behind.data()), behind.size()});
    return archive.bytes();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    static test::Dts board = hardware();
    const std::span<const u8> input(data + 1, size - 1);
    std::vector<u8> bundle = data[0] % 2 == 0 ? std::vector<u8>(input.begin(), input.end()) : with_sound_tree(input);
    const auto machine = std::make_unique<machine::Machine>();
    machine::Problems problems;
    require(machine::parse(board.tree(), {}, *machine, problems).has_value());
    machine::parse_bundle(bundle, at, *machine, problems);
    const PaRange whole{at, bundle.size()};
    for (const machine::VmDescription& vm : machine->vms) {
        require(whole.contains(vm.kernel) && !vm.kernel.empty());
        require(!vm.ramdisk || whole.contains(*vm.ramdisk));
    }
    return 0;
}
