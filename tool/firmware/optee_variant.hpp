// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace trv::tool::firmware {

/// The build of OP-TEE that the firmware starts.
enum class OpteeVariant {
    Virtualized, ///< one partition per VM, for use with a hypervisor
    Plain,       ///< one partition: the baseline without a hypervisor
};

/// The name of its folder below build/firmware.
[[nodiscard]] constexpr std::string_view name(OpteeVariant variant) {
    return variant == OpteeVariant::Virtualized ? "virtualized" : "plain";
}

} // namespace trv::tool::firmware
