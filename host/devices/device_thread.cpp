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

Result<contract::virtio::Device> DeviceThread::begin(const ServedDevice::Cancelled& cancelled) {
    if (!news_) {
        return tool::system_failure("devices", "they cannot be served");
    }
    return device_->begin(cancelled);
}

void DeviceThread::run(std::function<Result<void>()> followed, std::function<void(const tool::Error&)> failed) {
    followed_ = std::move(followed);
    thread_ = std::thread{[this, failed = std::move(failed)] { serve(failed); }};
}

void DeviceThread::follow_driver() const {
    (void)::eventfd_write(news_.get(), 1);
}

bool DeviceThread::change(Change change, Answer answer) {
    {
        const std::scoped_lock lock{mutex_};
        if (asked_) {
            return false;
        }
        asked_ = {.change = change, .answer = std::move(answer)};
    }
    (void)::eventfd_write(news_.get(), 1);
    return true;
}

/// A backend may be long in coming, and going: others may leave word meanwhile, and get no answer but that.
void DeviceThread::carry_out() {
    std::optional<Change> change;
    {
        const std::scoped_lock lock{mutex_};
        change = asked_ ? std::optional{asked_->change} : std::nullopt;
    }
    if (!change) {
        return;
    }
    const auto how = *change == Change::Plug ? device_->plug([this] { return stop_.load(); }) : device_->unplug();
    std::optional<Asked> done;
    {
        const std::scoped_lock lock{mutex_};
        std::swap(done, asked_); // who gets the answer may ask again at once
    }
    done->answer(how);
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
    carry_out();
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
