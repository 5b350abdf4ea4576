// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/device_tree/device_tree.hpp"
#include "machine/description.hpp"
#include "machine/images.hpp"
#include "machine/problems.hpp"

namespace trv::machine {

/// Reads one vm@N node of /chosen/trivisor: contract/machine_tree.hpp.
class VmParser {
  public:
    /// @param machine the hardware that the VM is checked against, already parsed
    /// @param images  that the node may name
    VmParser(const DeviceNode& node, const Machine& machine, const Images& images, Problems& problems)
        : node_(node), machine_(machine), images_(images), problems_(problems) {}

    /// @return nothing if the node is malformed; then refused() has the reason
    [[nodiscard]] std::optional<VmDescription> parse();

    /// Records why the VM is refused: what was expected of the property.
    /// @return nothing, for the caller to return
    template <typename... Arguments>
    std::nullopt_t refuse(std::string_view property, std::string_view expected, const Arguments&... arguments) {
        std::array<char, 96> text;
        return refuse_with(property, format_to(text, expected, arguments...));
    }
    [[nodiscard]] const RefusedVm& refused() const { return refused_; }

  private:
    /// All return false after refuse().
    [[nodiscard]] bool parse_identity();
    [[nodiscard]] bool parse_resources();
    [[nodiscard]] bool parse_cpus();
    [[nodiscard]] bool parse_files();
    [[nodiscard]] bool parse_settings();
    [[nodiscard]] bool parse_manager_group();
    [[nodiscard]] bool parse_tee();
    [[nodiscard]] bool uuid_list(const char* property, std::span<const u8>& list);
    /// Reads the property of a row into its member, which stays as it is if the property is absent.
    template <typename Settings, typename Value>
    [[nodiscard]] bool number(const contract::Number<Settings, Value>& row, Settings& settings);
    template <typename Settings, typename Value, std::size_t count>
    [[nodiscard]] bool choice(const contract::Choice<Settings, Value, count>& row, Settings& settings);
    [[nodiscard]] bool cell(const char* property, u32 least, u32 most, std::string_view unit, u32& value);
    [[nodiscard]] std::optional<std::size_t> word(const char* property, std::span<const std::string_view> words);
    [[nodiscard]] bool image(const char* property, std::optional<PaRange>& range);
    void name_unknown_properties();
    std::nullopt_t refuse_with(std::string_view property, std::string_view expected);

    const DeviceNode& node_;
    const Machine& machine_;
    const Images& images_;
    Problems& problems_;
    VmDescription vm_;
    RefusedVm refused_;
};

} // namespace trv::machine
