// refused: no member named 'ReadWriteExecute' in 'trv::arch::HostAccess'
// SPDX-License-Identifier: Apache-2.0
// The hypervisor's own mappings cannot say "writable and executable".

#include "arch/memory/page_table_format.hpp"

namespace trv::arch {

LeafAttributes code() {
#ifdef BREAK_RULE
    return host_attributes(MemoryType::Normal, HostAccess::ReadWriteExecute);
#else
    return host_attributes(MemoryType::Normal, HostAccess::ReadExecute);
#endif
}

} // namespace trv::arch
