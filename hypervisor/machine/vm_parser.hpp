// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/device_tree.hpp"
#include "machine/description.hpp"
#include "machine/problems.hpp"

namespace trv::machine {

/// Reads one vm@N node of /chosen/trivisor. [docs/internals/machine-tree.md]
class VmParser {
  public:
    /// @param machine the hardware that the VM is checked against, already parsed
    VmParser(const DeviceNode& node, const Machine& machine, Problems& problems)
        : node_(node), machine_(machine), problems_(problems) {}

    /// @return nothing if the node is malformed; then refused() has the reason
    [[nodiscard]] std::optional<VmDescription> parse();

    /// Records why the VM is refused.
    /// @return nothing, for the caller to return
    std::nullopt_t refuse(std::string_view property, std::string_view expected);
    [[nodiscard]] const RefusedVm& refused() const { return refused_; }

  private:
    /// All return false after refuse().
    [[nodiscard]] bool parse_identity();
    [[nodiscard]] bool parse_resources();
    [[nodiscard]] bool parse_cpus();
    [[nodiscard]] bool parse_files();
    [[nodiscard]] bool parse_share();
    [[nodiscard]] bool parse_policies();
    [[nodiscard]] bool parse_tee();
    [[nodiscard]] bool uuid_list(const char* property, std::span<const u8>& list);
    [[nodiscard]] bool quota(const char* property, std::optional<u32>& value);
    /// @param value unchanged if the property is absent
    [[nodiscard]] bool optional_u32(const char* property, u32 lowest, u32 highest, std::string_view expected,
                                    u32& value);
    [[nodiscard]] bool file(const char* property, std::optional<PaRange>& range);
    void name_unknown_properties();

    const DeviceNode& node_;
    const Machine& machine_;
    Problems& problems_;
    VmDescription vm_;
    RefusedVm refused_;
};

} // namespace trv::machine
