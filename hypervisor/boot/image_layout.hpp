#pragma once

#include "memory/host_space.hpp"

namespace trv::boot {

/// Where the linker script (boot/image.ld) put the parts of this image, and the loader all of it.
[[nodiscard]] memory::ImageLayout image_layout();
[[nodiscard]] PaRange image_range();
/// Bytes of the file, without .bss.
[[nodiscard]] u64 image_file_size();

} // namespace trv::boot
