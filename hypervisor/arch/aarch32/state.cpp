// SPDX-License-Identifier: Apache-2.0
#include "arch/aarch32/state.hpp"

#include "arch/registers/registers.hpp"
#include "arch/registers/sysreg.hpp"

namespace trv::arch {

// On CPUs whose EL1 has no AArch32, some of them are UNDEFINED: only VMs that need them come here.
TRV_SYSREG(Dacr32El2, "dacr32_el2");
TRV_SYSREG(Ifsr32El2, "ifsr32_el2");
TRV_SYSREG(Fpexc32El2, "fpexc32_el2");
TRV_SYSREG(SpsrAbt, "spsr_abt");
TRV_SYSREG(SpsrUnd, "spsr_und");
TRV_SYSREG(SpsrIrq, "spsr_irq");
TRV_SYSREG(SpsrFiq, "spsr_fiq");

// HCR_EL2.RW may be cached in TLBs [Arm ARM D24.2.57], whose entries have a VMID: all vCPUs of a VM are in one state while it
// has its VMID.
void load_aarch32(const Aarch32Registers& registers) {
    Dacr32El2::write(registers.dacr);
    Ifsr32El2::write(registers.ifsr);
    Fpexc32El2::write(registers.fpexc);
    SpsrAbt::write(registers.spsr_abt);
    SpsrUnd::write(registers.spsr_und);
    SpsrIrq::write(registers.spsr_irq);
    SpsrFiq::write(registers.spsr_fiq);
    HcrEl2::write(HcrEl2::read() & ~hcr_el2::RW);
}

void save_aarch32(Aarch32Registers& registers) {
    registers.dacr = static_cast<u32>(Dacr32El2::read());
    registers.ifsr = static_cast<u32>(Ifsr32El2::read());
    registers.fpexc = static_cast<u32>(Fpexc32El2::read());
    registers.spsr_abt = static_cast<u32>(SpsrAbt::read());
    registers.spsr_und = static_cast<u32>(SpsrUnd::read());
    registers.spsr_irq = static_cast<u32>(SpsrIrq::read());
    registers.spsr_fiq = static_cast<u32>(SpsrFiq::read());
    HcrEl2::write(HcrEl2::read() | hcr_el2::RW);
}

} // namespace trv::arch
