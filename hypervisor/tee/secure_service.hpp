// SPDX-License-Identifier: Apache-2.0
#pragma once
// The seam between virtual machines and the services of the secure world: what a VM needs of its share of one. OP-TEE's
// is a partition (tee/optee/). A sibling has its folder, its kind in vm/secure_services.hpp, and its row in
// trap/hypercall.cpp. What answers calls of OP-TEE's driver at EL2 is an interposer of the partition.

#include "console/json_writer.hpp"
#include "lib/device_tree/tree_writer.hpp"
#include "tee/registers.hpp"

namespace trv::tee {

/// A VM's share of a secure service. Several vCPUs on several CPUs may call it at once; one CPU drives its life cycle.
class SecureService {
  public:
    SecureService(const SecureService&) = delete;
    SecureService& operator=(const SecureService&) = delete;
    /// Completes end_step().
    virtual ~SecureService() = default;

    /// Handles a trapped SMC or HVC that the service claims, including unknown function identifiers. An SMC into the
    /// secure world happens inside.
    /// @param registers x0 to x17; the results are written if the outcome is Done, nothing otherwise
    /// @return Done: return to the guest, after its SMC instruction.
    ///         ForeignInterrupt: take the physical interrupts, then call resume_absorbed() or
    ///         deliver_foreign_interrupt(), with the same registers, on any CPU; or neither, if the VM is being
    ///         stopped.
    /// Context: the vCPU's CPU, interrupts masked, no lock held.
    virtual Outcome call(Registers registers, unsigned vcpu) = 0;
    /// The interrupt does not concern this vCPU: re-enters the secure world.
    /// @param slot as the outcome has it
    /// @return as call()
    virtual Outcome resume_absorbed(unsigned slot, Registers registers) = 0;
    /// The vCPU has a pending interrupt, or another vCPU is to run: the guest sees that its call was interrupted, and
    /// resumes it itself.
    /// @return Done
    virtual Outcome deliver_foreign_interrupt(unsigned slot, Registers registers) = 0;

    /// Writes its node of the guest's device tree, into /firmware.
    virtual void describe(TreeWriter& tree) const = 0;
    /// After it no notification reaches the VM. Any CPU; waits for a CPU that is collecting notifications.
    virtual void silence() = 0;
    /// Runs the next part of the VM's end: silences notifications, ends what is in progress with an error for each
    /// request, unpins memory. Precondition: all vCPUs are parked, so that none is in the secure world: a physical
    /// interrupt brings them out.
    /// @return whether it is complete, and the object may be destroyed
    /// Context: bounded, about a hundred pages or entries into the secure world. It returns for an interrupt, which the
    /// caller must handle before the next step.
    virtual bool end_step() = 0;

    /// Writes an object: the VM's use of it so far, and its current resources there. Omits counters that are zero.
    virtual void report(console::JsonWriter& json) const = 0;

  protected:
    SecureService() = default;
};

} // namespace trv::tee
