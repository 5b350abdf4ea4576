// SPDX-License-Identifier: Apache-2.0
#include "tool/platform/qemu_lacks.hpp"

namespace trv::tool::platform {

std::string_view lack_of_installed_qemu(std::string_view cpu) {
    // TF-A writes it when the CPU comes out of reset [TF-A, lib/cpus/aarch64/neoverse_n1.S]; QEMU has it since 8.0.
    return cpu == "neoverse-n1" ? "the register CPUACTLR2_EL1" : "";
}

} // namespace trv::tool::platform
