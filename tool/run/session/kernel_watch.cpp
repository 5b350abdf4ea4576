// SPDX-License-Identifier: Apache-2.0
#include "tool/run/session/kernel_watch.hpp"

namespace trv::tool::run {

namespace {

// kernel/panic.c, kernel/reboot.c and arch/arm64/kernel/setup.c say these since long before the oldest kernel that we
// boot. The first two are emergency messages: `quiet` does not hide them.
constexpr std::string_view panic_words = "Kernel panic - not syncing";
constexpr std::string_view restart_words = "reboot: Restarting system";
constexpr std::string_view first_words = "Booting Linux on physical CPU";

constexpr std::size_t lines_before = 10; // an Oops before the panic may be longer; its head is in the log
constexpr std::size_t lines_in_all = 40; // of a panic: its call trace and registers

} // namespace

void KernelWatch::on_line(std::string_view line) {
    if (word_ != Word::Followed) { // which restarts, and says so, when it has saved what the first one left
        if (word_ == Word::Panic && is_first_line(line)) {
            word_ = Word::Followed;
        } else if (const auto at = line.find(panic_words); at != std::string_view::npos && word_ != Word::Panic) {
            word_ = Word::Panic;
            panic_ = line.substr(at);
        } else if (line.contains(restart_words)) {
            // A kernel that panics restarts without these words.
            word_ = Word::Restart;
            panic_.clear();
        }
    }
    keep(line);
}

void KernelWatch::keep(std::string_view line) {
    if (!panic_.empty() && lines_.size() >= lines_in_all) {
        return;
    }
    lines_.emplace_back(line);
    while (panic_.empty() && lines_.size() > lines_before) {
        lines_.pop_front();
    }
}

void KernelWatch::on_alive() {
    word_ = Word::None;
    panic_.clear();
}

void KernelWatch::forget() {
    on_alive();
    lines_.clear();
}

bool KernelWatch::is_first_line(std::string_view line) {
    return line.contains(first_words);
}

} // namespace trv::tool::run
