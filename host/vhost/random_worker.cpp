// SPDX-License-Identifier: Apache-2.0
#include "host/vhost/random_worker.hpp"

#include "host/vhost/random_queue.hpp"
#include "tool/support/event_loop.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/eventfd.h>
#include <sys/random.h>

#include <atomic>
#include <optional>
#include <thread>

namespace trv::host::vhost {

namespace {

constexpr std::uint64_t version_1 = std::uint64_t{1} << 32;

class RandomWorker final : public QueueWorker {
  public:
    explicit RandomWorker(tool::FileDescriptor stop) : stop_{std::move(stop)} {}
    ~RandomWorker() override {
        ended_ = true;
        (void)::eventfd_write(stop_.get(), 1);
        if (thread_.joinable()) {
            thread_.join();
        }
    }

    [[nodiscard]] Result<std::uint64_t> features() override { return version_1; }
    [[nodiscard]] unsigned queues() const override { return 1; }
    [[nodiscard]] Result<void> begin(std::uint64_t, const WorkedMemory& memory) override {
        memory_ = memory;
        return {};
    }
    [[nodiscard]] Result<void> start_queue(unsigned, const WorkedQueue& queue) override {
        if (thread_.joinable()) {
            return tool::failure("rng", "its queue has started already");
        }
        // Of its own, as the frontend may set others meanwhile.
        kick_.reset(::fcntl(queue.kick, F_DUPFD_CLOEXEC, 0));
        call_.reset(::fcntl(queue.call, F_DUPFD_CLOEXEC, 0));
        if (!kick_ || !call_) {
            return tool::system_failure("rng", "its queue cannot be started");
        }
        queue_.emplace(TRY(RandomQueue::create(
            memory_, queue, [](std::span<char> to) { return ::getrandom(to.data(), to.size(), 0); })));
        thread_ = std::thread{[this] { work(); }};
        return {};
    }

  private:
    /// In the thread. A queue whose driver broke a rule is not looked at again; a reset makes a new worker.
    void work() {
        tool::EventLoop loop;
        const auto stop = loop.on_input(stop_.get(), [] {});
        auto kicks = loop.on_input(kick_.get(), [this]() -> Result<void> { return serve(); });
        while (!ended_) {
            if (const auto step = loop.step(); !step) {
                fmt::print(stderr, "{}\n", to_string(step.error()));
                kicks = {};
            }
        }
    }
    Result<void> serve() {
        eventfd_t count = 0;
        if (::eventfd_read(kick_.get(), &count) != 0) {
            return {}; // another kick's
        }
        if (TRY(queue_->serve()) > 0) {
            (void)::eventfd_write(call_.get(), 1);
        }
        return {};
    }

    tool::FileDescriptor stop_; ///< an eventfd
    std::atomic<bool> ended_ = false;
    WorkedMemory memory_{};
    // The thread's once it runs.
    tool::FileDescriptor kick_;
    tool::FileDescriptor call_;
    std::optional<RandomQueue> queue_;
    std::thread thread_;
};

} // namespace

Result<std::unique_ptr<QueueWorker>> make_random_worker() {
    tool::FileDescriptor stop{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!stop) {
        return tool::system_failure("rng", "no eventfd can be made");
    }
    return std::make_unique<RandomWorker>(std::move(stop));
}

} // namespace trv::host::vhost
