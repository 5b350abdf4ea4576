// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/console_watch.hpp"

#include "tool/control/control_client.hpp"
#include "tool/support/event_loop.hpp"

#include <fmt/format.h>
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
        if (!TRY(await_input(socket_.get(), deadline))) {
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
