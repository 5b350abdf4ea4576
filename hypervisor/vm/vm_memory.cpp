// SPDX-License-Identifier: Apache-2.0
#include "vm/vm_memory.hpp"

#include "arch/cpu/wait.hpp"

namespace trv::vm {

Result<memory::Stage2::Leaf> VmMemory::memory_at(Ipa ipa) {
    auto leaf = try_memory_at(ipa);
    while (!leaf && leaf.error() == Error::Busy) {
        arch::relax();
        leaf = try_memory_at(ipa);
    }
    return leaf;
}

Result<memory::Stage2::Leaf> VmMemory::try_memory_at(Ipa ipa) {
    auto leaf = stage2_.lookup(ipa);
    if (leaf) {
        return leaf;
    }
    TRY(ram_.populate(stage2_, ipa));
    return stage2_.lookup(ipa);
}

} // namespace trv::vm
