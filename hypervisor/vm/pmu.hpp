// SPDX-License-Identifier: Apache-2.0
#pragma once
// The performance monitors of a vCPU: who may count when, and their interrupt. Own CPU only. In an image without the option
// nothing of this is called.

#include "generated/option/pmu.hpp"
#include "irq/table.hpp"
#include "vm/vcpu.hpp"

namespace trv::vm {

/// The loaded vCPU's monitors stand still meanwhile, and their registers are in its context; the interrupt follows what is
/// there in the end.
class PausedPmu {
  public:
    explicit PausedPmu(Vcpu& vcpu);
    ~PausedPmu();
    PausedPmu(const PausedPmu&) = delete;
    PausedPmu& operator=(const PausedPmu&) = delete;

  private:
    Vcpu& vcpu_;
};

void load_pmu(Vcpu& vcpu);
void unload_pmu(Vcpu& vcpu);
/// As after a reset.
void reset_pmu(Vcpu& vcpu);

/// @param pmu the PPI with which the CPUs' monitors interrupt
[[nodiscard]] Result<void> claim_pmu_interrupt(irq::Table& table, IntId pmu);

} // namespace trv::vm
