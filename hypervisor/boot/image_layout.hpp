// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "memory/translation/host_space.hpp"

namespace trv::boot {

/// The places of the image's parts, as laid out by the linker script (boot/image.ld) and placed by the loader.
[[nodiscard]] memory::ImageLayout image_layout();
[[nodiscard]] PaRange image_range();
/// Bytes of the file, without .bss.
[[nodiscard]] u64 image_file_size();

} // namespace trv::boot
