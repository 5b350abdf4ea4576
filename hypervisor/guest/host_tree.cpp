// SPDX-License-Identifier: Apache-2.0
#include "guest/host_tree.hpp"

#include "lib/checked.hpp"
#include "vdev/bindings.hpp"

#include <algorithm>

namespace trv::guest {
namespace {

/// Properties about message interrupts and DMA remapping, which lead to nodes that no host has.
constexpr std::string_view stripped[] = {"iommus",     "iommu-map", "iommu-map-mask",
                                         "msi-parent", "msi-map",   "msi-map-mask"};
constexpr std::string_view of_timer[] = {"interrupts", "interrupts-extended", "interrupt-names"};
/// The host's GIC has one region of redistributors, no messages, and no interrupt of its own.
constexpr std::string_view of_gic[] = {
    "interrupts",           "interrupts-extended", "reg",       "#redistributor-regions",
    "redistributor-stride", "msi-controller",      "mbi-alias", "mbi-ranges"};
constexpr std::string_view of_agent[] = {
    "interrupts", "interrupts-extended", "interrupt-parent", "reg", "phandle", "linux,phandle", "status"};

bool is_among(std::span<const std::string_view> names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

/// Writes the children of the root.
class Writer final : public HostVisitor {
  public:
    Writer(TreeWriter& tree, const HostFilter& filter, const Layout& layout, const TreeInput& input)
        : tree_(tree), filter_(filter), layout_(layout), input_(input), root_(filter.tree().root()) {}

    void write() {
        tree_.begin("");
        copy_properties(root_, {});
        TreeInput boot = input_;
        const auto chosen = root_.child("chosen");
        const auto path = chosen ? chosen->text_property("stdout-path") : fail(Error::NotFound);
        boot.stdout_path = filter_.console() && path ? *path : std::string_view();
        write_chosen(tree_, boot);
        for (const IpaRange& range : input_.ram) {
            tree_.begin_at("memory", range.base.value);
            tree_.text("device_type", "memory");
            write_reg(range);
            tree_.end();
        }
        write_cpus(tree_, input_);
        write_psci(tree_, input_);
        write_pmu(tree_, input_);
        filter_.walk(*this);
        write_agent_port();
    }

    bool begin(const DeviceNode& node, const DeviceNode& parent, Fate fate) override {
        if (!is_kept(fate)) {
            return false;
        }
        tree_.begin(node.name().data()); // ends with a NUL, as the tree has it
        if (parent == root_ && node.name() == "aliases") {
            copy_aliases(node);
        } else if (fate == Fate::Timer) {
            copy_properties(node, of_timer);
            write_timer_interrupts(tree_);
        } else if (fate == Fate::Gic) {
            copy_properties(node, of_gic);
            copy_gic_registers(node, parent);
        } else {
            copy_properties(node, {});
        }
        return true;
    }
    void end(const DeviceNode&) override { tree_.end(); }

  private:
    void copy_properties(const DeviceNode& node, std::span<const std::string_view> without) {
        node.for_each_property([&](std::string_view name) {
            if (!is_among(stripped, name) && !is_among(without, name)) {
                if (const auto property = node.property(name.data())) {
                    tree_.bytes(name.data(), property->bytes());
                }
            }
        });
    }

    void copy_aliases(const DeviceNode& node) {
        node.for_each_property([&](std::string_view name) {
            const auto path = node.text_property(name.data());
            const auto target = path ? filter_.tree().find(*path) : std::nullopt;
            if (target && filter_.keeps(*target)) {
                tree_.text(name.data(), *path);
            }
        });
    }

    /// The distributor and the first region of redistributors.
    void copy_gic_registers(const DeviceNode& node, const DeviceNode& parent) {
        const auto reg = node.property("reg");
        const std::size_t entry = 4 * (parent.address_cells().value_or(0) + parent.size_cells().value_or(0));
        if (reg && reg->size() >= 2 * entry) {
            tree_.bytes("reg", reg->bytes().first(2 * entry));
        }
    }

    /// In the cells of the root.
    void write_reg(IpaRange range) {
        std::array<u8, 32> bytes{};
        std::size_t used = 0;
        const auto append = [&](u64 value, unsigned cells) {
            for (unsigned i = 4 * cells; i-- > 0;) {
                bytes[used++] = static_cast<u8>(i < 8 ? value >> (8 * i) : 0);
            }
        };
        append(range.base.value, root_.address_cells().value_or(2));
        append(range.size, root_.size_cells().value_or(2));
        tree_.bytes("reg", std::span(bytes).first(used));
    }

    /// A second UART like the machine's, whose clocks it shares. Behind the machine's: Linux counts UARTs without aliases
    /// in the order of the tree.
    void write_agent_port() {
        if (!filter_.console()) {
            return;
        }
        tree_.begin_at("serial", layout_.agent.value);
        copy_properties(*filter_.console(), of_agent);
        write_reg({layout_.agent, uart_size});
        tree_.cells("interrupt-parent", {filter_.gic_phandle()});
        tree_.cells("interrupts", {vdev::gic_spi, layout_.agent_intid - first_spi, vdev::level_high});
        tree_.end();
    }

    TreeWriter& tree_;
    const HostFilter& filter_;
    const Layout& layout_;
    const TreeInput& input_;
    DeviceNode root_;
};

} // namespace

std::size_t host_tree_room(const DeviceTree& machine) {
    return align_up(machine.content_size() + tree_room, page_size);
}

void begin_host_tree(TreeWriter& tree, const HostFilter& filter, const Layout& layout, const TreeInput& input) {
    Writer(tree, filter, layout, input).write();
}

} // namespace trv::guest
