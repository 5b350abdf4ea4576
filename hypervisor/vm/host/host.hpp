// SPDX-License-Identifier: Apache-2.0
#pragma once
// The machine as its host VM has it: memory, devices and interrupts at the machine's own places. Decided once at boot,
// before RAM is handed out; the VM may end and start again.

#include "guest/host_banks.hpp"
#include "guest/host_resources.hpp"
#include "guest/ram.hpp"
#include "guest/tree.hpp"
#include "lib/heap_array.hpp"
#include "memory/physical/frame_owner.hpp"

#include <optional>
#include <span>

namespace trv::vm {

class Host {
  public:
    static constexpr std::size_t max_memory = guest::max_host_banks + guest::max_host_pools;
    static_assert(max_memory <= guest::Ram::max_banks);

    /// @param tree, machine, vm outlive it; `vm` is one of the machine's
    Host(const DeviceTree& tree, const machine::Machine& machine, machine::VmDescription& vm)
        : tree_(tree), machine_(machine), vm_(vm) {}
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    /// Reads the tree. A failure is kept: the VM is refused later.
    void plan();
    /// Chooses memory. @param map RAM with all that is taken already, the pools of plan() excepted
    void choose_memory(const memory::RamMap& map);

    /// Adds the devices to the VM's description. @param interrupts of the machine's interrupt controller
    /// Context: once, with a heap.
    void describe_devices(u32 interrupts);

    /// Why there can be no host; empty if there can.
    [[nodiscard]] std::string_view problem() const { return problem_; }
    [[nodiscard]] memory::FrameOwner owner() const { return memory::vm_owner(vm_.index); }
    /// All of its RAM; the first bank is for the kernel.
    [[nodiscard]] std::span<const PaRange> memory() const { return {memory_.begin(), memory_.size()}; }
    /// The part of it that is reserved in the machine's tree, for devices.
    [[nodiscard]] std::span<const PaRange> pools() const { return {resources_.pools.begin(), resources_.pools.size()}; }
    [[nodiscard]] const guest::HostResources& resources() const { return resources_; }
    [[nodiscard]] const guest::Layout& layout() const { return resources_.layout; }
    /// Of its guest-physical addresses.
    [[nodiscard]] unsigned address_bits() const;

    /// Logs what it has, what it has not, and what its devices reach.
    void report() const;

    /// Enough for its tree.
    [[nodiscard]] std::size_t tree_room() const;
    /// Precondition: no problem().
    [[nodiscard]] const guest::HostFilter& filter() const { return *filter_; }

  private:
    [[nodiscard]] Result<void> read_tree();

    const DeviceTree& tree_;
    const machine::Machine& machine_;
    machine::VmDescription& vm_;
    std::string_view problem_;
    std::optional<guest::HostFilter> filter_;
    guest::HostResources resources_;
    FixedVector<PaRange, max_memory> memory_;
    HeapArray<machine::PassedInterrupt> interrupts_;
};

} // namespace trv::vm
