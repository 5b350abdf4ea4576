// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "contract/machine_tree.hpp"
#include "tool/machine/values/uuid.hpp"

#include <vector>

namespace trv::tool::machine {

/// A VM's policy and limits for OP-TEE.
struct TeeDescription : contract::TeeSettings {
    std::vector<Uuid> allow{};
    std::vector<Uuid> deny{};
};

} // namespace trv::tool::machine
