#pragma once
// OP-TEE of this machine, shared out to virtual machines. See docs/internals/mediator.md.

#include "lib/result.hpp"
#include "lib/unique.hpp"
#include "tee/arena.hpp"
#include "tee/config.hpp"
#include "tee/guest_memory.hpp"
#include "tee/residue.hpp"
#include "tee/trace.hpp"
#include "vdev/interrupt_line.hpp"

#include <array>
#include <atomic>

namespace trv::tee {

class Tenant;

/// What OP-TEE said of itself at boot.
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

/// Where a tenant that waits for notifications is found; one a partition.
struct Registration {
    std::atomic<Tenant*> tenant = nullptr;
    std::atomic<u32> users = 0; ///< CPUs inside notification_interrupt() for it
};

class Mediator {
  public:
    constexpr Mediator() = default;
    Mediator(const Mediator&) = delete;
    Mediator& operator=(const Mediator&) = delete;

    /// Asks OP-TEE what it is and can do, and says so in one log line. Without success every admit() says Unsupported.
    /// @param arena OP-TEE's reserved shared memory; its frames belong to FrameOwner::Arena and are in the direct map
    /// @return Error::NotFound (no OP-TEE), Error::Unsupported (not virtualized, or lacks what is needed),
    ///         Error::Misaligned or Error::OutOfRange (of the arena)
    /// Context: boot CPU, before any VM. Only calls that OP-TEE permits without a guest id are made.
    [[nodiscard]] Result<void> start(PaRange arena);
    [[nodiscard]] const BootValues& boot_values() const { return boot_; }

    /// Gives a VM a partition of OP-TEE's.
    /// @param memory       outlives the tenant
    /// @param notification the VM's interrupt, rising edge; null where asynchronous notifications are not offered
    /// @return Error::Unsupported (no usable OP-TEE), Error::TooMany (OP-TEE has no partition left), Error::Denied (it
    ///         left too much behind at its earlier ends), Error::NoMemory (at EL2 or in the arena), Error::Invalid
    ///         (quotas); name_of() of it is fit for a log line
    /// Context: any CPU; one SMC, some milliseconds with interrupts masked. Not from two CPUs at once.
    [[nodiscard]] Result<Unique<Tenant>> admit(const TenantConfig& config, GuestMemory& memory,
                                               vdev::InterruptLine* notification);

    /// OP-TEE's notification interrupt came: collects what is there for each VM that listens, and pulses their lines.
    /// Context: any CPU, interrupts masked, the interrupt acknowledged. At most 65 SMCs a VM.
    void notification_interrupt();

    /// Whether some VM could be told ASYNC_NOTIF: OP-TEE has it.
    [[nodiscard]] bool has_notifications() const;

  private:
    friend class Tenant;
    static constexpr unsigned max_tenants = max_vms;

    [[nodiscard]] Result<void> probe_identity();
    [[nodiscard]] Result<void> probe_capabilities();
    [[nodiscard]] u16 next_id();
    [[nodiscard]] bool is_id_used(u16 id) const;
    /// The tenant is gone from OP-TEE: its place and its id are free.
    void release(unsigned place);
    /// After it, no CPU is inside notification_interrupt() for that place, and none will be.
    void silence(unsigned place);

    bool available_ = false;
    BootValues boot_{};
    Arena arena_;
    unsigned threads_ = 0; ///< call slots a tenant can have
    unsigned places_ = 0;
    u16 last_id_ = 0;
    std::array<std::atomic<u16>, max_tenants> ids_{}; ///< 0 where the place is free
    std::array<Registration, max_tenants> registrations_{};
    Residue residue_;
};

} // namespace trv::tee
