// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/machine_description.hpp"
#include "tool/support/error.hpp"

#include <filesystem>

namespace trv::tool::options {

/// The options of an image that restrict the machines it can run.
struct ImageOptions {
    bool aarch32 = false;
    bool firmware = false;
    bool optee = true;
    bool trace = true;
    bool host = true;
    bool gicv2 = false;
    unsigned max_cpus = contract::max_cpus;
};

/// Reads the options that the hypervisor's build wrote beside the image.
[[nodiscard]] Result<ImageOptions> read_image_options(const std::filesystem::path& file);

/// Rejects machines that the image does not support; the message names the option.
[[nodiscard]] Result<void> check_machine(const ImageOptions& options, const machine::MachineDescription& machine);

} // namespace trv::tool::options
