// SPDX-License-Identifier: Apache-2.0
#pragma once
// The conduit on the host: calls go to the installed fake firmware; without one, every function is unknown.

#include "../../../hypervisor/arch/smccc.hpp"
#include "arch/asynchronous_error.hpp"

#include <functional>

namespace trv::arch {

inline std::function<SmcResult(const SmcArguments&)> fake_firmware;

inline SmcResult smc(const SmcArguments& arguments) {
    settle_errors();
    if (fake_firmware) {
        return fake_firmware(arguments);
    }
    return {{smccc::not_supported, 0, 0, 0}};
}

} // namespace trv::arch
