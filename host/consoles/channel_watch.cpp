// SPDX-License-Identifier: Apache-2.0
#include "host/consoles/channel_watch.hpp"

#include <sys/eventfd.h>

#include <utility>

namespace trv::host::consoles {

namespace {

/// How long the end of a watch may take.
constexpr std::uint32_t wait_ms = 250;

/// eventfd(2) carries what was written before it from one thread to the other.
void signal(const tool::FileDescriptor& event) {
    (void)::eventfd_write(event.get(), 1);
}
void await(const tool::FileDescriptor& event) {
    eventfd_t count = 0;
    (void)::eventfd_read(event.get(), &count);
}

} // namespace

tool::Result<std::unique_ptr<ChannelWatch>> ChannelWatch::start(const manager::Manager& manager,
                                                                std::uint64_t channels) {
    tool::FileDescriptor ready{::eventfd(0, EFD_CLOEXEC)};
    tool::FileDescriptor taken{::eventfd(0, EFD_CLOEXEC)};
    if (!ready || !taken) {
        return tool::system_failure("console", "the output of VMs cannot be awaited");
    }
    std::unique_ptr<ChannelWatch> watch{
        new ChannelWatch{manager.waiter(), channels, std::move(ready), std::move(taken)}};
    watch->thread_ = std::thread{[self = watch.get()] { self->watch(); }};
    return watch;
}

ChannelWatch::~ChannelWatch() {
    stop_ = true;
    signal(taken_);
    thread_.join();
}

void ChannelWatch::watch() {
    while (!stop_) {
        auto found = waiter_.wait(channels_, wait_ms);
        if (found && *found == 0) {
            continue;
        }
        const bool failed = !found;
        found_ = std::move(found);
        signal(ready_);
        if (failed) {
            return;
        }
        await(taken_);
    }
}

tool::Result<std::uint64_t> ChannelWatch::take() {
    await(ready_);
    return found_;
}

void ChannelWatch::next() {
    signal(taken_);
}

} // namespace trv::host::consoles
