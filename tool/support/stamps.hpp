// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool {

/// Records each step's inputs at its last success.
class Stamps {
  public:
    explicit Stamps(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// Whether the step succeeded with these inputs, and all its outputs still exist.
    [[nodiscard]] bool fresh(const std::string& step, const std::string& inputs,
                             const std::vector<std::filesystem::path>& outputs) const;

    [[nodiscard]] Result<void> record(const std::string& step, const std::string& inputs) const;

  private:
    [[nodiscard]] std::filesystem::path file(const std::string& step) const;

    std::filesystem::path folder_;
};

} // namespace trv::tool
