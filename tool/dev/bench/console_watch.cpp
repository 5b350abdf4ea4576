// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/console_watch.hpp"

#include "tool/control/control_client.hpp"
#include "tool/support/deadline.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>

namespace trv::tool::dev::bench {

Result<ConsoleWatch> ConsoleWatch::open(const std::filesystem::path& run_folder, const std::string& vm) {
    return ConsoleWatch{TRY(control::attach_console(run_folder, vm)), vm};
}

Result<void> ConsoleWatch::wait_for(std::string_view text, double seconds) {
    Deadline deadline;
    deadline.set(seconds);
    while (!heard_.contains(text)) {
        pollfd waited{.fd = socket_.get(), .events = POLLIN, .revents = 0};
        if (::poll(&waited, 1, deadline.milliseconds()) <= 0) {
            return failure(vm_, fmt::format("did not print '{}' within {} s", text, seconds));
        }
        std::array<char, 4096> bytes{};
        const auto size = ::read(socket_.get(), bytes.data(), bytes.size());
        if (size <= 0) {
            return failure(vm_, "the console was closed");
        }
        heard_.append(bytes.data(), static_cast<std::size_t>(size));
    }
    return {};
}

} // namespace trv::tool::dev::bench
