#pragma once

#include "tool/support/error.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::setup {

/// Remembers for each step what its inputs were when it last succeeded.
class Stamps {
  public:
    explicit Stamps(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// Whether the step succeeded with these inputs, and all that it made is still there.
    [[nodiscard]] bool fresh(const std::string& step, const std::string& inputs,
                             const std::vector<std::filesystem::path>& outputs) const;

    [[nodiscard]] Result<void> record(const std::string& step, const std::string& inputs) const;

  private:
    [[nodiscard]] std::filesystem::path file(const std::string& step) const;

    std::filesystem::path folder_;
};

} // namespace trv::tool::setup
