// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/firmware/optee_build.hpp"

#include <string>
#include <variant>

namespace trv::tool::firmware {

/// A build of OP-TEE that Debian has.
enum class DebianOptee {
    Virtualized, ///< one partition per VM, for use with a hypervisor
    Plain,       ///< one partition: the baseline without a hypervisor
};

/// The OP-TEE that the firmware starts: one that Debian has built, or a build of its source package.
using Optee = std::variant<DebianOptee, OpteeBuild>;

/// The build of the source; null if Debian has built it.
[[nodiscard]] inline const OpteeBuild* source_build(const Optee& optee) {
    return std::get_if<OpteeBuild>(&optee);
}

/// The name of the firmware's folder.
[[nodiscard]] inline std::string name(const Optee& optee) {
    if (const OpteeBuild* build = source_build(optee)) {
        return build->name();
    }
    return std::get<DebianOptee>(optee) == DebianOptee::Virtualized ? "virtualized" : "plain";
}

/// The same OP-TEE for a system without a hypervisor.
/// @param secure  the board's secure memory: such a system does not know what firmware takes of its RAM
[[nodiscard]] inline Optee without_virtualization(const Optee& optee, const MemoryRange& secure) {
    if (const OpteeBuild* build = source_build(optee)) {
        OpteeBuild plain = *build;
        plain.vms = 0;
        plain.memory = secure;
        plain.is_in_ram = false;
        return plain;
    }
    return DebianOptee::Plain;
}

} // namespace trv::tool::firmware
