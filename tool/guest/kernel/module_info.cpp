// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/kernel/module_info.hpp"

#include <algorithm>

namespace trv::tool::guest {
namespace {

constexpr std::string_view depends_tag{"\0depends=", 9}; // a string of the module's .modinfo section

} // namespace

std::string module_name(std::string_view file_name) {
    file_name.remove_prefix(std::min(file_name.size(), file_name.rfind('/') + 1)); // npos + 1 is 0
    std::string name(file_name.substr(0, file_name.find('.')));
    std::ranges::replace(name, '-', '_');
    return name;
}

std::vector<std::string> module_dependencies(std::string_view module) {
    std::vector<std::string> names;
    const std::size_t tag = module.find(depends_tag);
    if (tag == std::string_view::npos) {
        return names;
    }
    std::string_view list = module.substr(tag + depends_tag.size());
    list = list.substr(0, list.find('\0'));
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        names.push_back(module_name(list.substr(0, comma)));
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    }
    return names;
}

bool is_built_in(std::string_view builtin_list, std::string_view name) {
    while (!builtin_list.empty()) {
        const std::size_t end = builtin_list.find('\n');
        if (module_name(builtin_list.substr(0, end)) == name) {
            return true;
        }
        builtin_list.remove_prefix(end == std::string_view::npos ? builtin_list.size() : end + 1);
    }
    return false;
}

} // namespace trv::tool::guest
