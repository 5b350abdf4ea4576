// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <string>
#include <string_view>

namespace trv::tool::guest {

/// Whether the bytes start with the header of an arm64 Image, which boot loaders (and Trivisor) can start.
/// Source: [Documentation/arch/arm64/booting.rst]
[[nodiscard]] bool is_raw_image(std::string_view bytes);

/// What the hypervisor starts of a kernel file: an arm64 Image is the file itself; a compressed one, also in an EFI zboot
/// wrapper, is unpacked; of a bare-metal ELF program an Image is made.
/// @param name   the file's name in messages
/// @param hint   what the reader can do about a damaged one
/// @return       an error that says what else the file is, if it is a known format
[[nodiscard]] Result<std::string> raw_image(std::string bytes, const std::string& name, std::string_view hint);

/// Whether the bytes start with the header of a kernel for 32-bit Arm, which some of Trivisor's images can start.
/// Source: [Documentation/arch/arm/booting.rst]
[[nodiscard]] bool is_zimage(std::string_view bytes);

/// Whether it is as long as its header says, and says what it needs. @param hint as above
[[nodiscard]] Result<void> check_zimage(std::string_view bytes, const std::string& name, std::string_view hint);

/// Whether an Image ends where its own header says. Only kernels that are EFI programs say so; all of Linux' are.
/// Source: [PE/COFF format, section headers]
[[nodiscard]] Result<void> check_whole(std::string_view image, const std::string& name, std::string_view hint);

} // namespace trv::tool::guest
