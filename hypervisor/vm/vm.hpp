// SPDX-License-Identifier: Apache-2.0
#pragma once
// One virtual machine: its memory, its vCPUs, its devices, and its life cycle.

#include "contract/manager.hpp"
#include "guest/image.hpp"
#include "lib/time/pace.hpp"
#include "lib/unique.hpp"
#include "machine/description.hpp"
#include "sched/runnable.hpp"
#include "sync/rate_limit.hpp"
#include "vdev/gic/vgic.hpp"
#include "vm/devices.hpp"
#include "vm/firmware.hpp"
#include "vm/host/host.hpp"
#include "vm/host/io_bank.hpp"
#include "vm/loader.hpp"
#include "vm/pass_through.hpp"
#include "vm/secure_services.hpp"
#include "vm/stop_request.hpp"
#include "vm/time/guest_clock.hpp"
#include "vm/time/stolen_time.hpp"
#include "vm/vcpu_set.hpp"
#include "vm/vm_memory.hpp"

#include <array>
#include <atomic>

namespace trv::vm {

class Manager;

enum class VmState : u8 { Loading, Running, Stopping };

class Vm final {
  public:
    /// Allocates memory and a VMID, connects the devices. Nothing runs yet: see start().
    static Result<Unique<Vm>> create(Manager& manager, const machine::VmDescription& description);
    Vm(Manager& manager, const machine::VmDescription& description, memory::Stage2 stage2,
       HeapArray<vdev::VGicSpiWord> spis);
    ~Vm() = default;
    Vm(const Vm&) = delete;
    Vm& operator=(const Vm&) = delete;

    [[nodiscard]] Manager& manager() { return manager_; }
    [[nodiscard]] std::string_view name() const { return description_.label; }
    [[nodiscard]] unsigned index() const { return description_.index; }
    [[nodiscard]] const machine::VmDescription& description() const { return description_; }
    /// Whether it is the host.
    [[nodiscard]] bool is_host() const { return host_ != nullptr; }
    [[nodiscard]] unsigned vcpu_count() const { return description_.vcpus; }
    [[nodiscard]] Vcpu& vcpu(unsigned index) { return vcpus_[index]; }
    [[nodiscard]] VcpuSet& vcpus() { return vcpus_; }
    /// What the schedulers know of it.
    [[nodiscard]] sched::Group& group() { return group_; }
    [[nodiscard]] StolenTime& stolen_time() { return stolen_time_; }
    [[nodiscard]] GuestClock& clock() { return clock_; }
    [[nodiscard]] VmMemory& memory() { return memory_; }
    [[nodiscard]] SecureServices& services() { return services_; }
    [[nodiscard]] vdev::VGic& vgic() { return vgic_; }
    [[nodiscard]] Devices& devices() { return devices_; }
    /// Memory that the host lends.
    [[nodiscard]] IoBank::Attachment& bank() { return bank_; }
    /// Its own first bank, where its kernel is placed; if it has none of its own, what is lent.
    [[nodiscard]] IpaRange first_bank() const {
        const IpaRange own = memory_.ram().first_bank();
        return own.empty() ? bank_.range() : own;
    }
    /// Null for a VM that starts a kernel.
    [[nodiscard]] Firmware* firmware() { return firmware_.get(); }
    /// Bytes of an image of its description that lie in one piece.
    [[nodiscard]] PaRange image_piece(contract::manager::Image image, u64 position) const;
    [[nodiscard]] VmState state() const { return state_.load(std::memory_order_relaxed); }
    /// Once no vCPU is on, the manager decides on it, and ends it.
    [[nodiscard]] StopRequest& stop() { return stop_; }

    /// Loads the images (in steps, on the boot vCPU's CPU), then runs vCPU 0 from the kernel's entry. Immediately,
    /// unless it has restarted often recently.
    void start();

    /// Everything as after power-on but the memory, for start() to follow. Precondition: no vCPU is on; the stop has ended.
    void reset();
    /// Ends its secure services, then gives the next part of its memory back.
    /// @return whether all is given back. Precondition: no vCPU is on.
    Result<bool> give_back_step();

    /// Every vCPU stops before its next instruction; when the last one has, the manager decides what follows. A reason
    /// that is more final than the one before replaces it; any request kicks all vCPUs again. From any CPU.
    void request_stop(StopReason reason);
    /// Between pause() and resume() no vCPU runs, and the VM's time is frozen. From any CPU.
    /// @return false if it is already paused
    bool pause();
    /// @return false if it is not paused, or not all its vCPUs have stopped yet
    bool resume();
    /// Stops the guest because of a fault, and logs it. Context: its own vCPU's CPU.
    template <typename... Arguments>
    void crash(std::string_view pattern, const Arguments&... arguments) {
        std::array<char, 160> text;
        crash_with(format_to(text, pattern, arguments...));
    }
    [[nodiscard]] RateLimit& log_limit() { return log_limit_; }

    /// PSCI CPU_ON and CPU_OFF [PSCI 5.5, 5.6].
    VcpuSet::PowerOn power_on(Vcpu& target, u64 entry, u64 argument);
    /// Powers off the current vCPU of this CPU, which does not return to its guest.
    void power_off_current();
    /// The scheduler took the current vCPU off its CPU because the VM stops.
    void on_parked(Vcpu& vcpu) { vcpu_is_off(vcpu); }

  private:
    friend class Loader;

    void crash_with(std::string_view detail);
    /// Makes what its description's firmware needs. @return Error::Unsupported in images without, Error::NoMemory
    Result<void> add_firmware();
    /// The loader has finished, or failed.
    void run_from(const guest::Placement& placement);
    /// The same for a 32-bit kernel.
    void start_zimage(const guest::Placement& placement);
    void on_load_failed(std::string_view why);
    void vcpu_is_off(Vcpu& vcpu);

    Manager& manager_;
    const machine::VmDescription& description_; ///< the manager's, which keeps it longer than the VM
    const Host* const host_;                    ///< null but for the host
    const guest::Layout& layout_;
    HeapArray<memory::DeviceLease> registers_; ///< outlive `memory_`, which maps them
    VmMemory memory_;
    OwnedFirmware firmware_; ///< outlives the devices, which show it
    vdev::VGic vgic_;
    VcpuSet vcpus_;               ///< must outlive the devices that wake them
    IoBank::Attachment bank_;     ///< ends before `memory_`, which maps it
    PassedInterrupts interrupts_; ///< no CPU delivers any once they end
    Devices devices_;
    Loader loader_;
    Pace starts_; ///< in counter ticks
    SecureServices services_{*this, vgic_, IntId(layout_.optee_intid)};
    sched::Group group_;
    StolenTime stolen_time_;
    GuestClock clock_;

    std::atomic<VmState> state_ = VmState::Loading;
    StopRequest stop_;
    RateLimit log_limit_; ///< lines that this guest causes
};

} // namespace trv::vm
