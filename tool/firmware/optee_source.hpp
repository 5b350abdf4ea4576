// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/firmware/optee_build.hpp"
#include "tool/packages/package_id.hpp"
#include "tool/packages/package_store.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::firmware {

/// The newest OP-TEE that Debian has, as source, and the version with which Trivisor is tested.
[[nodiscard]] packages::PackageId optee_source_package();
inline constexpr std::string_view tested_optee = "4.10.0-";
/// What there is to say about the version in the store; empty: it is the tested one.
[[nodiscard]] std::string untested_version(const packages::PackageStore& store);

/// The files of a build, and where they are: what TF-A's BL32, BL32_EXTRA1 and BL32_EXTRA2 are, and the core's symbols.
inline constexpr std::string_view core_symbol_file = "tee.elf";
inline constexpr std::array<std::string_view, 4> optee_files{"tee-header_v2.bin", "tee-pager_v2.bin",
                                                             "tee-pageable_v2.bin", core_symbol_file};
/// Symbols of the loader of trusted applications. A debugger can do without, so no build is repeated for it.
inline constexpr std::string_view loader_symbol_file = "ldelf.elf";
[[nodiscard]] std::filesystem::path optee_folder(const Paths& paths, const OpteeBuild& build);
/// The development kit of a build with `ftrace`: applications must bring the buffer that such a core writes to.
[[nodiscard]] std::filesystem::path tracing_kit(const Paths& paths, const OpteeBuild& build);

/// One change to a file of the source.
struct SourceEdit {
    std::string_view file;
    std::string_view from; ///< occurs once
    std::string to;
    std::string_view after{}; ///< how a function begins in which it occurs once; empty: in the file
};
/// What make cannot be told.
[[nodiscard]] std::vector<SourceEdit> source_edits(const OpteeBuild& build);
/// @return Error if the text is not what the edit expects: another version of OP-TEE
[[nodiscard]] Result<std::string> apply(const SourceEdit& edit, std::string text);

/// All inputs of build_optee().
/// @param key  the file with the key for trusted applications
[[nodiscard]] Result<std::string> optee_inputs(const packages::PackageStore& store, const OpteeBuild& build,
                                               const std::filesystem::path& key);

/// The value of a symbol in the output of nm.
[[nodiscard]] Result<std::uint64_t> symbol_value(const std::string& symbols, std::string_view name);
/// Whether the memory plan holds for a build.
/// @param size  of a partition's data, as it was built
[[nodiscard]] Result<void> check_data(const OpteeBuild& build, std::uint64_t size);

/// Builds OP-TEE, which loads trusted applications that are signed with `key`.
[[nodiscard]] Result<void> build_optee(const Paths& paths, const packages::PackageStore& store, const OpteeBuild& build,
                                       const std::filesystem::path& key);

/// Notes that a build is used, and removes those that were not used for the longest time, with the firmware around them:
/// each set of options has its own, of 15 MB.
void keep_recent_builds(const Paths& paths, const OpteeBuild& used);

} // namespace trv::tool::firmware
