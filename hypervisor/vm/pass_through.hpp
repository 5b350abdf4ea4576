// SPDX-License-Identifier: Apache-2.0
#pragma once
// Devices of the machine that belong to a VM: their registers, which its address space maps, and their interrupts,
// which its virtual GIC stands for.
//
// A device that is a DMA master reaches all memory, unless an SMMU that the hypervisor owns confines it. None does yet:
// so such a device must not be passed to a VM, except to a host whose kernel is trusted.

#include "guest/layout.hpp"
#include "irq/guest_spis.hpp"
#include "machine/description.hpp"
#include "memory/physical/device_table.hpp"
#include "vdev/gic/vgic.hpp"

namespace trv::vm {

class Vm;

/// How many SPIs a VM of this description needs: those of its passed devices, and behind them some for devices that
/// have no fixed one.
[[nodiscard]] unsigned spis_of(const machine::VmDescription& description, const guest::Layout& layout);

/// Claims the registers that the VM's description lists, and maps them at their own addresses. Once, before it runs and
/// after all that is emulated has its place.
/// @param leases  outlives the VM's address space
/// @return Error::Denied (RAM), Error::Busy (another owner's), Error::AlreadyMapped (the VM has something else there),
///         errors of DeviceTable::claim() and Stage2::map_device()
[[nodiscard]] Result<void> pass_registers(Vm& vm, memory::DeviceTable& table, HeapArray<memory::DeviceLease>& leases);

/// The interrupts. At its end they are disabled, inactive and free for another VM.
class PassedInterrupts final : public irq::SpiSink {
  public:
    explicit PassedInterrupts(vdev::VGic& gic) : gic_(gic) {}
    PassedInterrupts(const PassedInterrupts&) = delete;
    PassedInterrupts& operator=(const PassedInterrupts&) = delete;
    ~PassedInterrupts() = default;

    /// Claims what the VM's description lists, and binds the virtual interrupts. Once, when the VM has its vCPUs, and
    /// before it runs.
    /// @return Error::Busy if an interrupt has an owner, or the VM's name for it is an emulated device's, Error::OutOfRange if it is not an SPI that exists,
    ///         Error::NoMemory. What was claimed goes back when this ends.
    [[nodiscard]] Result<void> take(irq::GuestSpis& spis, Vm& vm, const guest::Layout& layout);

    void spi_fired(IntId intid) override;

  private:
    [[nodiscard]] Result<irq::SpiLease> take_one(irq::GuestSpis& spis, const machine::PassedInterrupt& passed,
                                                 const guest::Layout& layout);

    vdev::VGic& gic_;
    HeapArray<irq::SpiLease> leases_;
};

} // namespace trv::vm
