// SPDX-License-Identifier: Apache-2.0
#include "host/devices/served_device.hpp"

#include "host/devices/device_record.hpp"

#include <fmt/format.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace trv::host::devices {

namespace {

/// Seconds. A backend that starts may be long in coming, and in answering, on a busy machine; one that runs takes the next
/// connection as soon as it has let go of the last one's memory. The hypervisor waits five seconds for that.
constexpr double begin_limit = 60;
constexpr double first_answer_limit = 30;
constexpr double release_limit = 3;
constexpr double work_limit = 10; ///< for all that is said when a driver is ready
constexpr double retry_interval = 0.02;
constexpr double longest_retry_interval = 1;
constexpr std::chrono::milliseconds poll_interval{5};
constexpr std::chrono::milliseconds begin_interval{200};

std::uint64_t bit_of(unsigned slot) {
    return std::uint64_t{1} << slot;
}

} // namespace

ServedDevice::ServedDevice(unsigned slot, BackendPlan plan, const Household& household, manager::Devices devices,
                           const Bank& bank, tool::EventLoop& loop, vhost::InFlight in_flight)
    : slot_{slot}, plan_{std::move(plan)}, household_{household}, devices_{std::move(devices)}, bank_{bank},
      loop_{loop}, process_{household.backend ? household.backend(slot, plan_, loop)
                                              : std::make_unique<BackendProcess>(plan_, household, loop)},
      call_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)},
      call_source_{loop.on_input(call_.get(), [this] { return pass_call(); })}, backoff_{retry_interval},
      retry_{loop.on_deadline(again_, [this] { return retry(); })}, in_flight_{std::move(in_flight)} {
    for (unsigned queue = 0; queue < plan_.queues; ++queue) {
        kicks_.emplace_back(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    }
}

std::string ServedDevice::place() const {
    return fmt::format("VM {}: {}", devices_.name(), plan_.name);
}

Result<bool> ServedDevice::connect(const vhost::Patience& patience) {
    connects_at_ = std::chrono::steady_clock::now();
    auto connection = TRY(vhost::Connection::open(plan_.socket, place()));
    if (!connection) {
        return false;
    }
    frontend_.emplace(TRY(vhost::Frontend::greet(*std::move(connection), plan_.manners, patience)));
    process_->has_served();
    gone_ = loop_.on_input(frontend_->descriptor(), [this] {
        lose({.place = place(), .key = {}, .what = "the backend has ended the connection", .hint = {}});
    });
    return true;
}

Result<contract::virtio::Device> ServedDevice::begin(const Cancelled& cancelled) {
    const vhost::Patience patience{.seconds = first_answer_limit, .cancelled = cancelled}; // no driver waits yet
    TRY(process_->start());
    TRY(await_backend(patience));
    auto device = TRY(describe(patience));
    is_plugged_ = true;
    return device;
}

void ServedDevice::resume() {
    is_plugged_ = true;
    process_->resume();
    again_.set(retry_interval);
}

Result<void> ServedDevice::await_backend(const vhost::Patience& patience) {
    // systemd may not have forgotten yet the service of the same name that it ended a moment ago.
    unsigned attempts = household_.sandboxed ? 3 : 1;
    tool::Deadline limit;
    limit.set(begin_limit);
    while (!TRY(connect(patience))) {
        const bool ended = !process_->runs();
        if (limit.passed() || (ended && --attempts == 0)) {
            return tool::failure(place(),
                                 fmt::format("{} {}", plan_.program, ended ? "cannot serve it" : "does not answer"),
                                 household_.service.empty()
                                     ? "What it said comes before this message, or in the output of trivisorctl run."
                                     : fmt::format("What it said: journalctl -u {}.", household_.service));
        }
        if (patience.cancelled()) {
            return tool::failure(place(), "what serves it ends");
        }
        if (ended) {
            TRY(process_->start());
        }
        std::this_thread::sleep_for(ended ? begin_interval : poll_interval);
    }
    return {};
}

Result<contract::virtio::Device> ServedDevice::describe(const vhost::Patience& patience) {
    std::string config = TRY(frontend_->config(plan_.config_size, patience));
    config.resize(plan_.config_size);
    plan_.adapt(config);
    contract::virtio::Device device{.id = plan_.device,
                                    .queues = plan_.queues,
                                    .queue_size = plan_.queue_size,
                                    .config_size = static_cast<std::uint32_t>(config.size()),
                                    .features = (frontend_->features() & plan_.features) | plan_.own_features,
                                    .config = {}};
    std::ranges::copy(config, device.config.begin());
    return device;
}

Result<void> ServedDevice::plug(const Cancelled& cancelled) {
    if (is_plugged_) {
        return tool::failure(
            place(), "is plugged already",
            fmt::format("To swap what it serves: trivisorctl unplug {} {}.", devices_.name(), plan_.name));
    }
    const auto plugged = [&]() -> Result<void> { return devices_.put(slot_, TRY(begin(cancelled))); }();
    if (!plugged) {
        end_backend();
    }
    return plugged;
}

/// No driver can come from when the hypervisor has taken the device away, and none uses the bank from before.
Result<void> ServedDevice::unplug() {
    if (!is_plugged_) {
        return tool::failure(place(), "is not plugged",
                             fmt::format("Plug it: trivisorctl plug {} {}.", devices_.name(), plan_.name));
    }
    if (!TRY(devices_.take_out(slot_))) {
        return tool::failure(
            place(), "a driver of the VM uses it",
            fmt::format("Let it go in the VM first: echo {} > /sys/bus/platform/drivers/virtio-mmio/unbind",
                        name_in_vm(slot_)));
    }
    end_backend();
    return {};
}

void ServedDevice::end_backend() {
    is_plugged_ = works_ = false;
    again_.clear();
    gone_ = {};
    frontend_.reset();
    in_flight_ = {}; // with its last driver's reset that ended
    process_->stop(Ending::InOrder);
    tool::Deadline limit;
    limit.set(orderly_end);
    while (process_->runs()) {
        if (limit.passed()) {
            process_->stop(Ending::AtOnce);
            break;
        }
        std::this_thread::sleep_for(poll_interval);
    }
}

void ServedDevice::kick(std::uint32_t queues) const {
    for (unsigned queue = 0; queue < kicks_.size(); ++queue) {
        if ((queues >> queue & 1) != 0) {
            (void)::eventfd_write(kicks_[queue].get(), 1);
        }
    }
}

Result<void> ServedDevice::pass_call() {
    eventfd_t count = 0;
    (void)::eventfd_read(call_.get(), &count);
    return devices_.ring(bit_of(slot_));
}

void ServedDevice::lose(const tool::Error& error) {
    fmt::print(stderr, "{}\n", to_string(error));
    gone_ = {};
    frontend_.reset();
    again_.set(backoff_.next(std::chrono::steady_clock::now() - connects_at_, longest_retry_interval));
}

Result<void> ServedDevice::retry() {
    if (frontend_) {
        return {};
    }
    const auto connected = connect();
    if (!connected) {
        lose(connected.error());
    } else if (!*connected) {
        again_.set(retry_interval);
    } else if (works_) {
        TRY(work());
        return devices_.ring(bit_of(slot_)); // for what the last backend did without saying so
    }
    return {};
}

Result<void> ServedDevice::follow_driver() {
    const auto state = TRY(devices_.state(slot_));
    if (state.stopping != 0) {
        return release();
    }
    const bool ready =
        (state.status & contract::virtio::driver_ok) != 0 && (state.status & contract::virtio::needs_reset) == 0;
    if (ready && !works_) {
        works_ = true;
        return work();
    }
    return {};
}

/// Lets the backend work, if there is one; its errors make it begin anew.
Result<void> ServedDevice::work() {
    if (!frontend_) {
        return {};
    }
    const auto state = TRY(devices_.state(slot_));
    if (const auto started = try_work(state); !started) {
        lose(started.error());
    }
    return {};
}

std::vector<vhost::Queue> ServedDevice::queues_of(const contract::virtio::State& state) const {
    std::vector<vhost::Queue> queues(plan_.queues);
    for (unsigned index = 0; index < plan_.queues; ++index) {
        const auto& from = state.queue[index];
        if (from.ready != 0) {
            queues[index] = {.size = static_cast<std::uint16_t>(from.size),
                             .descriptors = from.descriptors,
                             .available = from.driver,
                             .used = from.device,
                             .next = bank_.used_index(from.device),
                             .kick = kicks_[index].get(),
                             .call = call_.get()};
        }
    }
    return queues;
}

Result<void> ServedDevice::try_work(const contract::virtio::State& state) {
    tool::Deadline limit;
    limit.set(work_limit);
    const vhost::Patience patience{.cancelled = [&limit] { return limit.passed(); }};
    if (const auto setting = plan_.on_start(state.features); !setting.bytes.empty()) {
        TRY(frontend_->set_config(setting.offset, setting.bytes, patience));
    }
    const auto queues = queues_of(state);
    if (!in_flight_.memory) {
        in_flight_ = TRY(frontend_->allocate_in_flight(queues, patience));
        TRY(household_.keep(slot_, in_flight_.memory.get()));
    }
    TRY(frontend_->start(state.features | contract::virtio::version_1, bank_.shared(), queues, in_flight_, patience));
    kick(~std::uint32_t{0}); // for what the driver has done meanwhile
    return {};
}

/// A backend that does not let go of the memory in time is killed.
Result<void> ServedDevice::release() {
    works_ = false;
    in_flight_ = {};
    backoff_.forget();
    TRY(household_.keep(slot_, -1));
    gone_ = {};
    frontend_.reset();
    tool::Deadline limit;
    limit.set(release_limit);
    const vhost::Patience patience{.cancelled = [&limit] { return limit.passed(); }};
    for (auto connected = connect(patience); !connected || !*connected; connected = connect(patience)) {
        if (!process_->runs()) {
            again_.set(retry_interval);
            break;
        }
        if (!connected || limit.passed()) {
            fmt::print(stderr, "VM {}: {} does not end its work, and is killed\n", devices_.name(), plan_.name);
            frontend_.reset();
            process_->kill();
            again_.set(retry_interval);
            break;
        }
        std::this_thread::sleep_for(poll_interval);
    }
    return devices_.stopped(slot_);
}

} // namespace trv::host::devices
