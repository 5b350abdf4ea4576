// SPDX-License-Identifier: Apache-2.0
#include "tool/tree/module_layout.hpp"

#include <algorithm>

namespace trv::tool::tree {

Result<Module> ModuleLayout::place(const std::filesystem::path& file) {
    std::error_code problem;
    const auto canonical = std::filesystem::canonical(file, problem);
    if (problem) {
        return failure(file.string(), "cannot be read: " + problem.message());
    }
    const auto known = std::ranges::find(modules_, canonical, &Module::file);
    if (known != modules_.end()) {
        return *known;
    }
    const std::uint64_t size = std::filesystem::file_size(canonical, problem);
    if (problem || size == 0) {
        return failure(file.string(), problem ? "cannot be read: " + problem.message() : "is empty");
    }
    if (next_ > end_ || size > end_ - next_) {
        return usage_error(file.string(), "", "does not fit into the machine's memory",
                           "Give [machine] more memory, or use smaller kernels and ram disks.");
    }
    modules_.push_back({.file = canonical, .address = next_, .size = size});
    next_ += (size + module_alignment - 1) / module_alignment * module_alignment;
    return modules_.back();
}

} // namespace trv::tool::tree
