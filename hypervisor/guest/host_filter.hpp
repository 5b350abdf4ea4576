// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which nodes of the machine's device tree the host VM gets. What the hypervisor owns, what belongs to firmware or to the
// secure world, and what could not work there is left out, with everything below it.

#include "lib/device_tree/device_tree.hpp"
#include "lib/fixed_vector.hpp"
#include "lib/intid.hpp"
#include "machine/description.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace trv::guest {

enum class Fate : u8 {
    Kept,     ///< as it is
    Gic,      ///< emulated at its place
    Timer,    ///< with a VM's interrupts
    Console,  ///< the hypervisor's UART: emulated at its place
    Replaced, ///< the VM's own node is in its place
    // Left out:
    Disabled,
    Secure,
    Firmware,         ///< reserved by firmware, or called by SMC
    Hypervisor,       ///< it has the device, its page or its interrupt
    PrivateInterrupt, ///< the interrupts of a CPU itself are not passed on
    InRam,            ///< registers that are in the machine's memory
};
[[nodiscard]] constexpr bool is_kept(Fate fate) {
    return fate <= Fate::Console;
}
inline constexpr Fate reasons[] = {Fate::Secure,           Fate::Firmware, Fate::Hypervisor,
                                   Fate::PrivateInterrupt, Fate::InRam,    Fate::Disabled};
[[nodiscard]] std::string_view reason_of(Fate fate);

/// Interrupts of the GIC that nodes name.
struct HostInterrupts {
    std::array<u32, 32> spis{}; ///< one bit per INTID
    bool has_private = false;

    void add(IntId intid) { spis[intid.word()] |= intid.bit(); }
    [[nodiscard]] bool has(IntId intid) const { return (spis[intid.word()] & intid.bit()) != 0; }
};

class HostVisitor {
  public:
    /// @return whether end() is to follow; if not, the nodes below are not visited either
    virtual bool begin(const DeviceNode& node, const DeviceNode& parent, Fate fate) = 0;
    virtual void end(const DeviceNode& node) = 0;

  protected:
    ~HostVisitor() = default;
};

class HostFilter {
  public:
    static constexpr std::size_t max_denied = 64;

    /// @param tree, machine outlive it; the machine was parsed from the tree
    /// @return Error::Unsupported for an interrupt controller that cannot be emulated at its place, Error::TooMany for
    ///         more denied ranges than it can keep
    [[nodiscard]] static Result<HostFilter> create(const DeviceTree& tree, const machine::Machine& machine);

    [[nodiscard]] const DeviceTree& tree() const { return *tree_; }
    [[nodiscard]] u32 gic_phandle() const { return gic_phandle_; }
    /// The hypervisor's UART, if the host has it emulated.
    [[nodiscard]] const std::optional<DeviceNode>& console() const { return console_; }
    /// Registers that no host reaches: in whole pages, in no order.
    [[nodiscard]] const FixedVector<PaRange, max_denied>& denied() const { return denied_; }

    [[nodiscard]] Fate fate_of(const DeviceNode& node, const DeviceNode& parent) const;
    /// Whether the node and all above it are kept. Slow.
    [[nodiscard]] bool keeps(DeviceNode node) const;
    /// Visits all nodes below the root, parents first. Below a node that is not kept, none.
    void walk(HostVisitor& visitor) const { walk_below(tree_->root(), 0, visitor); }

    /// Physical addresses that come with a node: its registers; of a PCI host bridge also its windows.
    [[nodiscard]] std::size_t range_count(const DeviceNode& node, const DeviceNode& parent) const;
    /// @param index below range_count()
    /// @return whole pages; Error::NotMapped and the like where the entry is not an address of the machine
    [[nodiscard]] Result<PaRange> range(const DeviceNode& node, const DeviceNode& parent, std::size_t index) const;
    /// Whether it is a device's pool in the machine's RAM.
    [[nodiscard]] bool is_pool(const DeviceNode& node, const DeviceNode& parent) const;

    void add_interrupts(const DeviceNode& node, HostInterrupts& found) const;
    /// Whether the hypervisor handles the interrupt itself.
    [[nodiscard]] bool is_own_interrupt(IntId intid) const;

  private:
    HostFilter(const DeviceTree& tree, const machine::Machine& machine, const DeviceNode& gic)
        : tree_(&tree), machine_(&machine), gic_(gic) {}

    /// Those that the hypervisor handles itself.
    [[nodiscard]] std::array<std::optional<u32>, 2> own_interrupts() const;
    [[nodiscard]] Result<void> deny(PaRange range);
    [[nodiscard]] Result<void> deny_below(const DeviceNode& parent, unsigned depth, bool parent_denied);
    void walk_below(const DeviceNode& parent, unsigned depth, HostVisitor& visitor) const;
    [[nodiscard]] std::optional<Fate> fate_at_top(const DeviceNode& node) const;
    [[nodiscard]] std::optional<Fate> fate_by_kind(const DeviceNode& node) const;
    [[nodiscard]] Fate fate_of_reserved(const DeviceNode& node, const DeviceNode& parent) const;
    [[nodiscard]] std::optional<Fate> fate_by_interrupts(const DeviceNode& node) const;
    [[nodiscard]] std::optional<Fate> fate_by_ranges(const DeviceNode& node, const DeviceNode& parent) const;
    void add_gic_cells(const DeviceProperty& property, std::size_t at, HostInterrupts& found) const;
    void add_extended(const DeviceProperty& property, HostInterrupts& found) const;
    void add_map(const DeviceNode& nexus, const DeviceProperty& map, HostInterrupts& found) const;

    const DeviceTree* tree_;
    const machine::Machine* machine_;
    DeviceNode gic_;
    u32 gic_phandle_ = 0;
    std::optional<DeviceNode> console_;
    FixedVector<PaRange, max_denied> denied_;
};

} // namespace trv::guest
