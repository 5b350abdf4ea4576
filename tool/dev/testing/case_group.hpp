// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/console/line_splitter.hpp"
#include "tool/dev/testing/system_case.hpp"
#include "tool/dev/testing/test_report.hpp"
#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"
#include "tool/support/paths.hpp"

#include <sys/types.h>

#include <vector>

namespace trv::tool::dev::testing {

/// Cases that run one after another, in a process of their own: so that several groups can go on side by side, and each
/// knows which processes its cases left behind. The process dies when ours does.
class CaseGroup {
  public:
    /// Forks, so no thread may run.
    [[nodiscard]] static Result<CaseGroup> start(std::vector<SystemCase> cases, const Paths& paths);

    CaseGroup(CaseGroup&&) = default;
    CaseGroup& operator=(CaseGroup&&) = default;
    ~CaseGroup() = default;

    /// For an EventLoop: readable when a verdict has come, or the process has ended.
    [[nodiscard]] int descriptor() const { return verdicts_.get(); }

    /// Reports the verdicts that have come. False when there are no more: the process has ended; cases that it has not
    /// judged by then have failed.
    [[nodiscard]] bool pass_on(TestReport& report);

  private:
    CaseGroup(std::vector<SystemCase> cases, pid_t process, FileDescriptor verdicts)
        : cases_{std::move(cases)}, process_{process}, verdicts_{std::move(verdicts)} {}

    void report_line(const std::string& line, TestReport& report);

    std::vector<SystemCase> cases_;
    std::size_t judged_ = 0; // number of judged cases, from the first on
    pid_t process_;
    FileDescriptor verdicts_;
    console::LineSplitter lines_;
};

} // namespace trv::tool::dev::testing
