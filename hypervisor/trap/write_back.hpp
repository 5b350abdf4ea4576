// SPDX-License-Identifier: Apache-2.0
#pragma once
// A guest's access to a device by an instruction that the CPU does not describe, because it changes its base register,
// too. Compilers make those of loops over registers where the source has plain pointers.

#include "arch/exception/exception_state.hpp"
#include "lib/result.hpp"
#include "vm/vcpu.hpp"

namespace trv::trap {

struct WriteBack {
    u64 syndrome;  ///< as the CPU would have given it for the access alone
    unsigned base; ///< the register that the access changes
    u64 value;     ///< what it holds afterwards
};

/// Reads the instruction at the vCPU's PC. Another vCPU may have changed it meanwhile: what is found is used only if it
/// makes this very access. Own CPU, the vCPU's context loaded.
/// @param syndrome  ESR_EL2 of a data abort without a valid ISS
/// @param address   FAR_EL2
/// @return Error::Busy if the guest is to make the access again, any other error if it is no such instruction
[[nodiscard]] Result<WriteBack> find_write_back(vm::Vcpu& vcpu, u64 syndrome, u64 address);

} // namespace trv::trap
