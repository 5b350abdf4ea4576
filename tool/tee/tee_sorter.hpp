// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace trv::tool::tee {

/// Determines which VM a line of OP-TEE's console is about. OP-TEE's core writes a VM's number into its lines, a new
/// one for each partition. Trusted applications do not: their lines can be assigned only if a single VM has an OP-TEE.
class TeeSorter {
  public:
    using Sink = std::function<void(const std::string& vm, const std::string& line)>;

    /// @param only_vm  the only VM with an OP-TEE, if there is one
    /// @param sink     gets each line whose VM is known, those of one VM in their order
    TeeSorter(std::optional<std::string> only_vm, Sink sink) : only_vm_(std::move(only_vm)), sink_(std::move(sink)) {}

    /// OP-TEE knows the VM by this number from now on.
    void on_guest(unsigned guest, const std::string& vm);

    void on_line(const std::string& line);

  private:
    /// OP-TEE begins to write about a VM before the hypervisor reports its number. Beyond this limit the oldest lines
    /// are dropped: a number in a trusted application's text is never reported.
    static constexpr std::size_t most_held = 1000;

    std::optional<std::string> only_vm_;
    Sink sink_;
    std::map<unsigned, std::string> vms_;
    std::deque<std::pair<unsigned, std::string>> held_;
};

} // namespace trv::tool::tee
