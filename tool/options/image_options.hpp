#pragma once

#include "tool/machine/machine_description.hpp"
#include "tool/support/error.hpp"

#include <filesystem>

namespace trv::tool::options {

/// What of an image's options decides which machines it can run.
struct ImageOptions {
    bool optee = true;
    bool trace = true;
    unsigned max_cpus = machine::max_cpus;
};

/// As the hypervisor's build wrote them beside the image.
[[nodiscard]] Result<ImageOptions> read_image_options(const std::filesystem::path& file);

/// Refuses what the image has no code or no room for; the message names the option.
[[nodiscard]] Result<void> check_machine(const ImageOptions& options, const machine::MachineDescription& machine);

} // namespace trv::tool::options
