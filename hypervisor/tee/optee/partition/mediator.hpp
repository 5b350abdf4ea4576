// SPDX-License-Identifier: Apache-2.0
#pragma once
// This machine's OP-TEE, shared among virtual machines. See docs/internals/mediator.md.

#include "arch/smccc.hpp"
#include "lib/result.hpp"
#include "lib/unique.hpp"
#include "memory/physical/frame_pool.hpp"
#include "tee/guest_memory.hpp"
#include "tee/optee/config.hpp"
#include "tee/optee/message/arena.hpp"
#include "tee/optee/tables/address_spaces.hpp"
#include "tee/optee/trace.hpp"
#include "vdev/interrupt_line.hpp"

#include <algorithm>
#include <array>
#include <atomic>

namespace trv::tee::optee {

class Partition;

/// OP-TEE's properties, queried at boot.
struct BootValues {
    std::array<u32, 4> os_uuid{};
    u32 os_major = 0;
    u32 os_minor = 0;
    u32 os_build = 0;
    u32 capabilities = 0;
    u32 max_notification = 0;
    u32 rpc_parameters = 0;
    u32 threads = 0;
};

/// The entry of a partition that waits for notifications; one per partition.
struct Registration {
    std::atomic<Partition*> partition = nullptr;
    std::atomic<u32> users = 0; ///< CPUs inside notification_interrupt() for it
};

class Mediator {
  public:
    constexpr Mediator() = default;
    Mediator(const Mediator&) = delete;
    Mediator& operator=(const Mediator&) = delete;

    /// Whether a function identifier is for Partition::call(): fast and yielding calls of the trusted-OS owners 50 to 63.
    [[nodiscard]] static constexpr bool claims(u32 function) {
        constexpr u32 first_trusted_os = 50; // [SMCCC 6.1]: trusted OS calls, up to OP-TEE's own 63
        return arch::smccc::owner(function) >= first_trusted_os;
    }

    /// Probes OP-TEE, and logs its properties in one line. After a failure every admit() returns Unsupported.
    /// @param arena  OP-TEE's reserved shared memory; its frames belong to FrameOwner::Arena and are in the direct map
    /// @param frames the machine's
    /// @param sharing of the machine's tree
    /// @return Error::NotFound (no OP-TEE), Error::Unsupported (not virtualized, or lacks what is needed),
    ///         Error::Misaligned or Error::OutOfRange (of the arena)
    /// Context: boot CPU, before any VM. Uses only calls that OP-TEE permits without a guest id.
    [[nodiscard]] Result<void> start(PaRange arena, memory::FrameTable& frames, Sharing sharing = {});
    [[nodiscard]] const BootValues& boot_values() const { return boot_; }

    /// Creates a partition of OP-TEE for a VM.
    /// @param memory       must outlive the partition
    /// @param notification the VM's interrupt, rising edge; null if asynchronous notifications are not offered
    /// @return Error::Unsupported (no usable OP-TEE), Error::TooMany (OP-TEE has no partition left), Error::Denied (VMs of
    ///         its account left too many applications behind), Error::NoMemory (at EL2 or in the arena), Error::Invalid
    ///         (quotas); name_of() of it is fit for a log line
    /// @param more_calls  the most calls in flight beyond the number of OP-TEE's threads. Of one VM
    /// Context: any CPU; one SMC, some milliseconds with interrupts masked. Not from two CPUs at once.
    [[nodiscard]] Result<Unique<Partition>> admit(const PartitionConfig& config, GuestMemory& memory,
                                                  vdev::InterruptLine* notification, unsigned more_calls = 0);
    /// Calls of a VM that can be in OP-TEE.
    [[nodiscard]] unsigned threads_for(const PartitionConfig& config) const {
        return std::min(threads_, config.quotas.calls);
    }

    /// Creates what looks like one to the VM, with no OP-TEE behind it: an Interposer must answer all its entries.
    /// @param notification the VM's interrupt, rising edge
    /// @return Error::NoMemory, Error::Invalid (quotas). Context: any CPU.
    [[nodiscard]] Result<Unique<Partition>> admit_alone(const PartitionConfig& config, GuestMemory& memory,
                                                        vdev::InterruptLine& notification, memory::FramePool& pool);

    /// Handles OP-TEE's notification interrupt: collects the values for each VM that enabled notifications, and pulses
    /// their lines. Context: any CPU, interrupts masked, the interrupt acknowledged. At most 65 SMCs per VM.
    void notification_interrupt();

    /// Whether OP-TEE supports ASYNC_NOTIF, so that VMs can get it.
    [[nodiscard]] bool has_notifications() const;

  private:
    friend class Partition;
    static constexpr unsigned max_partitions = max_vms;

    [[nodiscard]] Result<void> probe_identity();
    [[nodiscard]] Result<void> probe_capabilities();
    [[nodiscard]] u16 next_id();
    [[nodiscard]] bool is_id_used(u16 id) const;
    /// Called when a partition is destroyed: frees its entry and its id.
    void release(unsigned place);
    /// When it returns, no CPU is in notification_interrupt() for that entry, and none will be.
    void silence(unsigned place);

    bool available_ = false;
    BootValues boot_{};
    Arena arena_;
    unsigned threads_ = 0; ///< maximum number of call slots per partition
    unsigned places_ = 0;
    u16 last_id_ = 0;
    std::array<std::atomic<u16>, max_partitions> ids_{}; ///< 0: the entry is free
    std::array<Registration, max_partitions> registrations_{};
    AddressSpaces spaces_;
};

} // namespace trv::tee::optee
