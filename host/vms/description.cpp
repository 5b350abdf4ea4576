// SPDX-License-Identifier: Apache-2.0
#include "host/vms/description.hpp"

#include "tool/machine/readers/vms_reader.hpp"
#include "tool/support/files.hpp"

#include <array>

namespace trv::host::vms {

namespace {

constexpr std::array<std::string_view, 1> top_keys{"vm"};

} // namespace

tool::Result<std::vector<tool::machine::VmDescription>> parse_vms(std::string_view text,
                                                                  const std::filesystem::path& file, bool takes_over) {
    const toml::table root = TRY(tool::machine::parse_toml(text, file.string()));
    const tool::machine::TableReader reader{root, file.string(), ""};
    if (root.contains("machine")) {
        return reader.wrong("machine", "describes a machine, and the VMs of this file are created in this one",
                            "Remove the table; ./trivisor run is for whole machines.");
    }
    TRY(reader.expect_only(top_keys));
    return tool::machine::read_vms(root, file,
                                   {.cpus = contract::max_cpus, .inside_host = true, .takes_over = takes_over});
}

tool::Result<std::vector<tool::machine::VmDescription>> read_vms(const std::filesystem::path& file, bool takes_over) {
    std::error_code problem;
    if (!std::filesystem::is_regular_file(file, problem)) {
        return tool::usage_error(file.string(), "", "no such file",
                                 "Name a TOML file, e.g. /usr/share/trivisor/examples/tee.toml.");
    }
    const auto path = std::filesystem::absolute(file, problem);
    return parse_vms(TRY(tool::read_file(path)), path, takes_over);
}

} // namespace trv::host::vms
