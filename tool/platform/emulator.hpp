// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which QEMU emulates a machine: the installed one, or a newer one of Debian's, which runs from a folder of its own with
// its own loader and libraries, so that nothing of this machine changes.

#include "tool/packages/package_store.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/support/progress.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::platform {

inline constexpr const char* qemu = "qemu-system-aarch64";

/// In the order of qemu_words.
enum class QemuChoice : std::uint8_t { Installed, Trixie };
inline constexpr std::array<std::string_view, 2> qemu_words{"installed", "trixie"};

/// What a board's firmware needs of a CPU model, and the installed QEMU, Debian 12's, does not emulate.
/// @param cpu  QEMU's name
/// @return     empty if it has all
[[nodiscard]] std::string_view lack_of_installed_qemu(std::string_view cpu);

/// The words that start it, before its arguments.
[[nodiscard]] std::vector<std::string> qemu_words_of(const Paths& paths, QemuChoice choice);

/// Trixie's QEMU: the packages that it is made of, as a line, and the files whose existence shows that it is whole.
[[nodiscard]] std::string fetched_qemu_inputs();
[[nodiscard]] std::vector<std::filesystem::path> fetched_qemu_outputs(const Paths& paths);

/// Fetches it and all that it needs down to the C library, and unpacks that into its folder.
[[nodiscard]] Result<void> fetch_qemu(const Paths& paths, packages::PackageStore& store, Progress::Step& step);

} // namespace trv::tool::platform
