// SPDX-License-Identifier: Apache-2.0
#pragma once
// A device of a VM as one object: it takes what it needs from a context, resets with its VM, and writes its own node of
// the guest's device tree. vm/devices.cpp has the table of those that a VM can have.

#include "lib/device_tree/tree_writer.hpp"
#include "lib/intid.hpp"
#include "lib/result.hpp"
#include "vdev/interrupt_line.hpp"
#include "vdev/mmio_bus.hpp"

#include <array>

namespace trv::vdev {

/// The side of a VM's interrupt controller that devices see.
class InterruptController {
  public:
    /// Sets the level of an SPI's input. Ignored if the SPI does not exist. From any CPU.
    virtual void set_level(IntId spi, bool asserted) = 0;

  protected:
    ~InterruptController() = default;
};

/// The wire to one SPI.
class Line final : public InterruptLine {
  public:
    /// To be replaced by a line of DeviceContext before the first set().
    Line() = default;
    Line(InterruptController& controller, IntId spi) : controller_(&controller), spi_(spi) {}

    void set(bool asserted) override { controller_->set_level(spi_, asserted); }
    [[nodiscard]] IntId intid() const override { return spi_; }

  private:
    InterruptController* controller_ = nullptr;
    IntId spi_;
};

/// Names one deferred access. No two of one machine are equal, so that an answer which comes too late, after a reset of
/// the VM or to another one in its place, is known as such. 0 names none.
enum class Ticket : u64 {};

/// Accesses that are answered later, by another CPU, another VM or a timer. The vCPU does not run meanwhile, not even
/// for an interrupt; its VM can be paused, reset and destroyed all the same.
class DeferredExits {
  public:
    /// Defers the access of `vcpu` that is being handled. The device then publishes the ticket to who will answer, which
    /// may be done before it returns, and returns MmioOutcome::Pending. Context: the vCPU's own CPU.
    [[nodiscard]] virtual Ticket defer(unsigned vcpu) = 0;
    /// Answers it: the vCPU goes on behind the access.
    /// @param value  of a load
    /// @return       false if the access was answered before, or ended with a stop or reset of its VM: no effect
    /// Context: any CPU; the VM is kept alive by the caller.
    virtual bool complete(Ticket ticket, u64 value) = 0;

  protected:
    ~DeferredExits() = default;
};

/// Where a device's window and interrupt are; without, it gets free ones, and guests learn of them from the tree.
struct Place {
    std::array<Ipa, 2> windows{}; ///< in the order of map(); 0: a free one
    IntId interrupt{};            ///< 0: a free one
};

/// Guest-physical addresses and SPIs that no place names.
struct FreePlaces {
    IpaRange windows;
    IntId first_interrupt;
    IntId end_of_interrupts;
};

/// What a device takes from its VM, at one place.
class DeviceContext {
  public:
    DeviceContext(MmioBus& bus, InterruptController& interrupts, DeferredExits& exits, FreePlaces& free, Place place)
        : bus_(bus), interrupts_(interrupts), exits_(exits), free_(free), place_(place) {}

    /// Gives the device its next window.
    /// @param size whole pages
    /// @return where it is; Error::TooMany, Error::AlreadyMapped, Error::OutOfRange if no address is free
    [[nodiscard]] Result<IpaRange> map(u64 size, MmioDevice& registers);
    /// Gives the device its interrupt, and at each further call a free one. @return Error::OutOfRange if none is free
    [[nodiscard]] Result<Line> line();
    [[nodiscard]] DeferredExits& exits() const { return exits_; }

  private:
    MmioBus& bus_;
    InterruptController& interrupts_;
    DeferredExits& exits_;
    FreePlaces& free_;
    Place place_;
    unsigned mapped_ = 0; ///< windows
};

class Device {
  public:
    virtual ~Device() = default;

    /// Context: once, before the VM runs. After an error the device is destroyed.
    [[nodiscard]] virtual Result<void> attach(DeviceContext& context) = 0;
    /// The state after power-on, for a VM that restarts. Context: no vCPU is on.
    virtual void reset() {}
    /// Writes its node of the guest's device tree.
    virtual void describe(TreeWriter& tree) const = 0;
    /// Lets go of what it holds outside of its VM, which ends, without loss. The destructor does so at once.
    /// @return whether it has; if not, try again. Context: no vCPU is on.
    [[nodiscard]] virtual bool try_release() { return true; }
};

} // namespace trv::vdev
