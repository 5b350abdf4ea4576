// SPDX-License-Identifier: Apache-2.0
#include "host/devices/device_thread.hpp"

#include <sys/eventfd.h>

#include <utility>

namespace trv::host::devices {

DeviceThread::DeviceThread(unsigned slot, BackendPlan plan, const Household& household, manager::Devices devices,
                           const Bank& bank, vhost::InFlight in_flight)
    : news_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
    device_.emplace(slot, std::move(plan), household, std::move(devices), bank, loop_, std::move(in_flight));
}

DeviceThread::~DeviceThread() {
    stop();
    if (thread_.joinable()) {
        thread_.join();
    }
}

Result<contract::virtio::Device> DeviceThread::begin() {
    if (!news_) {
        return tool::system_failure("devices", "they cannot be served");
    }
    TRY(device_->begin());
    return device_->describe();
}

void DeviceThread::run(std::function<Result<void>()> followed, std::function<void(const tool::Error&)> failed) {
    followed_ = std::move(followed);
    thread_ = std::thread{[this, failed = std::move(failed)] { serve(failed); }};
}

void DeviceThread::follow_driver() const {
    (void)::eventfd_write(news_.get(), 1);
}

void DeviceThread::stop() {
    stop_ = true;
    (void)::eventfd_write(news_.get(), 1);
}

Result<void> DeviceThread::take_news() {
    eventfd_t count = 0;
    (void)::eventfd_read(news_.get(), &count);
    if (stop_) {
        return {};
    }
    TRY(device_->follow_driver());
    return followed_();
}

void DeviceThread::serve(const std::function<void(const tool::Error&)>& failed) {
    const auto source = loop_.on_input(news_.get(), [this] { return take_news(); });
    while (!stop_) {
        if (const auto step = loop_.step(); !step) {
            failed(step.error());
            break;
        }
    }
    while (!stop_) { // until then others may kick it
        eventfd_t count = 0;
        (void)tool::await_input(news_.get(), {});
        (void)::eventfd_read(news_.get(), &count);
    }
    device_.reset();
}

} // namespace trv::host::devices
