#pragma once

#include "tool/bench/suite.hpp"

#include <optional>
#include <string>
#include <vector>

namespace trv::tool::bench {

/// How much of a machine's CPUs is used while its guests have nothing to do, in millionths of one CPU: between the last
/// two answers to `stats`. Nothing if there are no two.
[[nodiscard]] std::optional<double> idle_use_ppm(const std::vector<std::string>& events);

/// Those of read_boot_figures(), and with the first guest's `idle-use` of all guests together.
[[nodiscard]] Result<std::vector<Figure>> read_scale_figures(const ReadContext& context);

} // namespace trv::tool::bench
