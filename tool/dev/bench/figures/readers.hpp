// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/bench/figures/suite.hpp"

#include <istream>
#include <optional>
#include <string>
#include <vector>

namespace trv::tool::dev::bench {

/// What a boot's lines tell of when a guest's first process began, in nanoseconds since power-on; nothing when a line
/// is missing.
/// @param lines   of the guest's console
/// @param events  the hypervisor's, with Trivisor
/// @param label   the guest's, with Trivisor
[[nodiscard]] std::optional<double> first_process_ns(Peer peer, const std::vector<std::string>& lines,
                                                     const std::vector<std::string>& events, const std::string& label);

/// When the guest's first process began; with a hypervisor and for the first guest also how large that is, and with
/// Trivisor how much memory it keeps for itself.
[[nodiscard]] Result<std::vector<Figure>> read_boot_figures(const ReadContext& context);

/// Counts the exceptions that were taken to EL2 between each pair of marks in QEMU's log of exceptions; the system
/// calls of bench/guest/cpu_load.c are the marks.
[[nodiscard]] std::vector<std::uint64_t> count_exits(std::istream& log);

/// The guest's figures, and for each how many exits a second of it there were, if exceptions were logged.
[[nodiscard]] Result<std::vector<Figure>> read_exit_figures(const ReadContext& context);

/// How often a second all guests together enter the hypervisor while they have nothing to do: between the last two
/// answers to `stats`. Nothing if there are no two. (Their waiting itself is no measure: a guest that is alone on its
/// CPU waits there without the hypervisor's knowing.)
[[nodiscard]] std::optional<double> idle_exits_per_second(const std::vector<std::string>& events);

/// Those of read_boot_figures(), and with the first guest's `idle-exits` of all guests together.
[[nodiscard]] Result<std::vector<Figure>> read_scale_figures(const ReadContext& context);

/// Runs the benchmarks of OP-TEE's xtest that a guest without further hardware can run.
[[nodiscard]] std::string xtest_script();

/// The results of xtest's benchmarks: for storage the time of the largest size, for the others the mean.
[[nodiscard]] std::vector<Figure> parse_xtest_figures(const std::vector<std::string>& lines);

[[nodiscard]] Result<std::vector<Figure>> read_xtest_figures(const ReadContext& context);

} // namespace trv::tool::dev::bench
