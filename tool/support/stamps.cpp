// SPDX-License-Identifier: Apache-2.0
#include "tool/support/stamps.hpp"

#include "tool/support/files.hpp"
#include "tool/support/hash.hpp"

#include <algorithm>

namespace trv::tool {

bool Stamps::fresh(const std::string& step, const std::string& inputs,
                   const std::vector<std::filesystem::path>& outputs) const {
    const Result<std::string> recorded = read_file(file(step));
    return recorded && *recorded == sha256(inputs) + "\n" &&
           std::ranges::all_of(outputs, [](const auto& output) { return std::filesystem::exists(output); });
}

Result<void> Stamps::record(const std::string& step, const std::string& inputs) const {
    return write_file(file(step), sha256(inputs) + "\n");
}

std::filesystem::path Stamps::file(const std::string& step) const {
    std::string name = step;
    std::ranges::replace_if(name, [](char letter) { return letter == '/' || letter == ':' || letter == ' '; }, '-');
    return folder_ / name;
}

} // namespace trv::tool
