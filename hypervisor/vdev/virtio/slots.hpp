// SPDX-License-Identifier: Apache-2.0
#pragma once
// The virtio devices of one VM, which programs of the host serve: docs/internals/virtio.md. They are as old as the VM's
// description, and are attached to the VM while it exists.

#include "contract/machine_tree.hpp"
#include "contract/virtio.hpp"
#include "sync/spinlock.hpp"
#include "vdev/device.hpp"
#include "vdev/virtio/slot.hpp"

#include <array>

namespace trv::vdev {

/// Who serves the devices of VMs.
class VirtioBackend {
  public:
    /// A VM's devices have news. Context: any CPU, no lock of the devices.
    virtual void on_device_events(unsigned vm) = 0;
    /// A vCPU waits for the end of a reset. VirtioSlots::give_up_overdue() follows at that time. Context: the vCPU's CPU,
    /// no lock of the devices.
    virtual void on_reset_waits(u64 deadline) = 0;

  protected:
    ~VirtioBackend() = default;
};

class VirtioSlots {
  public:
    static constexpr unsigned count = contract::virtio::slots;
    using Lines = std::array<Line, count>;

    /// @param backend outlives it; @param vm the number; @param io what of its memory devices reach
    VirtioSlots(VirtioBackend& backend, unsigned vm, contract::Io io) : backend_(backend), vm_(vm), io_(io) {}
    VirtioSlots(const VirtioSlots&) = delete;
    VirtioSlots& operator=(const VirtioSlots&) = delete;

    // The VM's side.

    /// The VM exists. @param lines, exits outlive the attachment; @param bank where queues may be
    void attach(Lines& lines, DeferredExits& exits, IpaRange bank) EXCLUDES(lock_);
    /// It ends. What it had begun ends as by reset().
    void detach() EXCLUDES(lock_);
    /// All drivers are gone. Context: no vCPU is on.
    void reset() EXCLUDES(lock_);
    /// What programs may do with the memory that the drivers before the last reset() or detach() gave them.
    enum class Use : u8 {
        None,
        Ends,    ///< they are to stop, and have time for it
        Overdue, ///< the memory must go before another kernel finds it: give_up() follows
    };
    [[nodiscard]] Use use_of_former(u64 now) const EXCLUDES(lock_);
    /// Their devices are dead until stopped(): resets do not wait for that.
    void give_up() EXCLUDES(lock_);
    /// @param slot below count; @param access its offset is within the slot
    [[nodiscard]] MmioRead read(unsigned slot, const MmioAccess& access) const EXCLUDES(lock_);
    [[nodiscard]] MmioOutcome write(unsigned slot, const MmioAccess& access, u64 value) EXCLUDES(lock_);

    // The program's side; any CPU. Numbers of slots are anything: Error::NotFound.

    /// @return as VirtioSlot::put(), and Error::NotFound
    [[nodiscard]] Result<void> put(u64 slot, const contract::virtio::Device& device) EXCLUDES(lock_);
    [[nodiscard]] bool has_devices() const EXCLUDES(lock_);
    [[nodiscard]] bool has_events() const EXCLUDES(lock_);
    /// Takes them. @return a bit for each slot that had some
    u32 take_events(contract::virtio::Events& events) EXCLUDES(lock_);
    [[nodiscard]] Result<void> tell(u64 slot, contract::virtio::State& state) const EXCLUDES(lock_);
    /// @param used, failed bits of slots
    void ring(u64 used, u64 failed) EXCLUDES(lock_);
    [[nodiscard]] Result<void> configure(u64 slot, std::span<const u8> config) EXCLUDES(lock_);
    /// The program uses no memory of the former driver any more. @return Error::Invalid if nothing waits for that
    [[nodiscard]] Result<void> stopped(u64 slot) EXCLUDES(lock_);

    /// Resets for whose end vCPUs have waited too long.
    struct Overdue {
        bool any = false;   ///< the memory must go before they go on: end_overdue() follows
        u64 next = ~u64{0}; ///< the next deadline
    };
    [[nodiscard]] Overdue overdue(u64 now) const EXCLUDES(lock_);
    /// They go on: their devices are dead until stopped().
    void end_overdue(u64 now) EXCLUDES(lock_);

  private:
    /// Of a vCPU, for the end of a reset.
    struct Wait {
        Ticket ticket{}; ///< 0: none
        unsigned slot = 0;
        u64 deadline = 0; ///< counter ticks
    };

    [[nodiscard]] Result<VirtioSlot*> find(u64 slot) REQUIRES(lock_);
    void drive(unsigned slot) REQUIRES(lock_);
    [[nodiscard]] bool reset_all() REQUIRES(lock_);
    void complete(unsigned slot) REQUIRES(lock_);

    VirtioBackend& backend_;
    const unsigned vm_;
    const contract::Io io_;
    mutable SpinLock lock_; ///< before the interrupt controller's, and PendingExit's
    std::array<VirtioSlot, count> slots_ GUARDED_BY(lock_);
    std::array<Wait, max_vcpus> waits_ GUARDED_BY(lock_){};
    u64 stop_by_ GUARDED_BY(lock_) = 0;        ///< of what the last reset() or detach() began: counter ticks
    u32 asserted_ GUARDED_BY(lock_) = 0;       ///< bits of lines
    Lines* lines_ GUARDED_BY(lock_) = nullptr; ///< null while no VM exists
    DeferredExits* exits_ GUARDED_BY(lock_) = nullptr;
    IpaRange bank_ GUARDED_BY(lock_);
};

} // namespace trv::vdev
