// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::guest {

/// A module's name in the kernel, from its file's name: "vmw-vsock.ko.xz" is "vmw_vsock".
[[nodiscard]] std::string module_name(std::string_view file_name);

/// The names of the modules that a module (the content of an uncompressed .ko) needs to be loaded before it.
[[nodiscard]] std::vector<std::string> module_dependencies(std::string_view module);

/// Whether the list of built-in modules (modules.builtin) has this one.
[[nodiscard]] bool is_built_in(std::string_view builtin_list, std::string_view name);

} // namespace trv::tool::guest
