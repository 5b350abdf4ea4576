// SPDX-License-Identifier: Apache-2.0
#pragma once
// A kernel for 32-bit Arm, as contract/zimage.hpp describes it.

#include "guest/image.hpp"

#include <span>

namespace trv::guest {

/// @param start as for parse_image()
[[nodiscard]] bool is_zimage(std::span<const u8> start);

/// @param byte the file's byte at an offset below its size; each is read once
[[nodiscard]] std::expected<KernelImage, ImageError> parse_zimage(u64 file_size, u8 (*byte)(u64 offset, void* context),
                                                                  void* context);

/// Whether a CPU's EL1 has AArch32. @param pfr0 its ID_AA64PFR0_EL1
[[nodiscard]] bool has_aarch32(u64 pfr0);

} // namespace trv::guest
