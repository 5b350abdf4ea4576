// SPDX-License-Identifier: Apache-2.0
#include "arch/offsets.h"
#include "boot/early_map.hpp"

extern "C" {
extern trv::boot::EarlyMap::Table early_table0;
extern trv::boot::EarlyMap::Table early_tables[EARLY_TABLES];
extern trv::boot::EarlyMap::Table* early_next_table;
}

namespace trv::boot {

EarlyMap current_early_map() {
    return {early_table0, {early_next_table, early_tables + EARLY_TABLES}};
}

} // namespace trv::boot
