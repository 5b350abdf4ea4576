// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/peers/peer_tree.hpp"

#include "tool/machine/machine_description.hpp"
#include "tool/tree/flat_tree.hpp"

#include <fmt/format.h>

namespace trv::tool::dev::bench {

namespace {

using tree::FlatTree;
using tree::tree_room;

/// A module as Xen's device-tree bindings name it [Xen, docs/misc/arm/device-tree/booting.txt].
Result<void> add_module(FlatTree& tree, FlatTree::Node chosen, const tree::Module& module, std::string_view kind) {
    const auto node = TRY(tree.add(chosen, fmt::format("module@{:x}", module.address)));
    std::string compatible = fmt::format("multiboot,{}", kind);
    compatible.append({'\0'}).append("multiboot,module").append({'\0'}); // a list of texts
    TRY(tree.set_bytes(node, "compatible", compatible));
    return tree.set_wide(node, "reg", {module.address, module.size});
}

} // namespace

Result<std::string> xen_tree(std::string_view hardware, const GuestBoot& boot, std::uint64_t memory, unsigned vcpus) {
    FlatTree tree = TRY(FlatTree::open(hardware, tree_room));
    const auto chosen = TRY(tree.find_or_add(tree.root(), "chosen"));
    TRY(tree.set_cells(chosen, "#address-cells", {2}));
    TRY(tree.set_cells(chosen, "#size-cells", {2}));
    TRY(tree.set_text(chosen, "xen,xen-bootargs",
                      fmt::format("console=dtuart dtuart=/pl011@9000000 dom0_mem={}M dom0_max_vcpus={} dom0_vcpus_pin "
                                  "console_timestamps=raw",
                                  memory / machine::mib, vcpus)));
    TRY(tree.set_text(chosen, "xen,dom0-bootargs", boot.bootargs));
    if (boot.ramdisk) {
        TRY(add_module(tree, chosen, *boot.ramdisk, "ramdisk"));
    }
    TRY(add_module(tree, chosen, boot.kernel, "kernel"));
    return std::string{tree.bytes()};
}

} // namespace trv::tool::dev::bench
