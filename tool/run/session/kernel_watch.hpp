// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::run {

/// Follows what a Linux guest's console says about the end of its kernel, and keeps the last lines that belong to it.
/// A command may print the same words; VmSession acts on them only if the VM is reset or its agent stays silent.
class KernelWatch {
  public:
    enum class Word {
        None,
        Panic,    // "Kernel panic - not syncing: …"
        Followed, // a panic, and then another kernel's first line: kdump's, unless the VM was reset
        Restart,  // "reboot: Restarting system", which the kernel says when it was asked to
    };

    void on_line(std::string_view line);

    /// The agent answered after the panic, so the words were a command's output.
    void on_alive();

    /// The VM boots again: what was said belongs to its last boot.
    void forget();

    [[nodiscard]] Word word() const { return word_; }
    /// "Kernel panic - not syncing: …", without the kernel's time stamp; empty as long as there is no panic.
    [[nodiscard]] const std::string& panic() const { return panic_; }
    /// The console's last lines: around the panic if there is one.
    [[nodiscard]] std::vector<std::string> last_lines() const { return {lines_.begin(), lines_.end()}; }

    /// Whether this is the first line of a kernel that boots.
    [[nodiscard]] static bool is_first_line(std::string_view line);

  private:
    void keep(std::string_view line);

    Word word_ = Word::None;
    std::string panic_;
    std::deque<std::string> lines_;
};

} // namespace trv::tool::run
