// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/firmware/optee_build.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::firmware {

/// The kind of OP-TEE that the firmware starts.
enum class OpteeVariant {
    Virtualized, ///< one partition per VM, for use with a hypervisor
    Plain,       ///< one partition: the baseline without a hypervisor
};

[[nodiscard]] constexpr std::string_view name(OpteeVariant variant) {
    return variant == OpteeVariant::Virtualized ? "virtualized" : "plain";
}

/// The OP-TEE that the firmware starts: one that Debian has built, or a build of its source package.
struct Optee {
    Optee(OpteeVariant its_variant) : variant{its_variant} {} // NOLINT(google-explicit-constructor)
    explicit Optee(OpteeBuild its_build) : build{its_build} {}

    OpteeVariant variant = OpteeVariant::Virtualized;
    std::optional<OpteeBuild> build{};

    /// The name of the firmware's folder.
    [[nodiscard]] std::string name() const { return build ? build->name() : std::string{firmware::name(variant)}; }
};

} // namespace trv::tool::firmware
