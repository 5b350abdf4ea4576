// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/change_watch.hpp"

#include "tool/support/event_loop.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstdint>

namespace trv::tool::ta {
namespace {

constexpr double quiet_time = 0.05; // seconds
constexpr std::uint32_t changes = IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE;

} // namespace

Result<ChangeWatch> ChangeWatch::create(const std::filesystem::path& folder) {
    FileDescriptor inotify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!inotify) {
        return system_failure(folder, "cannot be watched");
    }
    ChangeWatch watch(std::move(inotify), folder);
    watch.add_folders();
    return watch;
}

void ChangeWatch::add_folders() const {
    ::inotify_add_watch(inotify_.get(), folder_.c_str(), changes);
    std::error_code ignored;
    std::error_code ended; // a folder may disappear meanwhile: the next change handles it
    auto at = std::filesystem::recursive_directory_iterator(folder_, ended);
    for (; !ended && at != std::filesystem::recursive_directory_iterator(); at.increment(ended)) {
        if (at->is_directory(ignored)) {
            ::inotify_add_watch(inotify_.get(), at->path().c_str(), changes); // a known folder stays as it is
        }
    }
}

void ChangeWatch::take() {
    std::array<char, 4096> bytes;
    Deadline quiet;
    do {
        while (::read(inotify_.get(), bytes.data(), bytes.size()) > 0) {
        }
        quiet.set(quiet_time);
    } while (await_input(inotify_.get(), quiet).value_or(false));
    add_folders();
}

} // namespace trv::tool::ta
