// SPDX-License-Identifier: Apache-2.0
// Devices of one VM whose backends are this test's, in threads.
#include "host/devices/device_server.hpp"
#include "host/vhost/passed_descriptors.hpp"
#include "tests/unit/host/bound_socket.hpp"
#include "tests/unit/host/fake_devices.hpp"
#include "tool/support/files.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace trv::host::devices {
namespace {

using vhost::Request;

/// A backend that takes a queue, and then never does anything with it.
class IdleBackend {
  public:
    /// @param silent_at  does not answer this request, nor what follows
    /// @param delay      before its first answer
    explicit IdleBackend(const std::filesystem::path& path, std::optional<Request> silent_at = {},
                         std::chrono::milliseconds delay = {})
        : silent_at_{silent_at}, socket_{bound_socket(path, SOCK_STREAM)} {
        EXPECT_EQ(::listen(socket_.get(), 4), 0);
        thread_ = std::thread{[this, delay] {
            connection_.reset(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            connected_ = true;
            std::this_thread::sleep_for(delay);
            while (answer()) {
            }
            lost_ = true;
        }};
    }
    ~IdleBackend() { end(); }
    void end() {
        (void)::shutdown(socket_.get(), SHUT_RDWR);
        if (connected_) {
            (void)::shutdown(connection_.get(), SHUT_RDWR);
        }
        if (thread_.joinable()) {
            thread_.join();
        }
        connection_.reset();
        socket_.reset();
    }

    void await_silence() const { silent_.wait(false); }
    /// Interrupts the VM, once its driver has set a queue up.
    void call() const {
        works_.wait(false);
        EXPECT_EQ(::eventfd_write(call_.get(), 1), 0);
    }
    /// Whether the connection has ended.
    [[nodiscard]] bool lost() const { return lost_; }

  private:
    bool receive(void* to, std::size_t size, tool::FileDescriptor& descriptor) const {
        return size == 0 || vhost::receive_part(connection_.get(), {static_cast<char*>(to), size}, MSG_WAITALL,
                                                descriptor) == static_cast<ssize_t>(size);
    }
    void reply(std::uint32_t request, std::uint64_t number) const {
        const vhost::Header header{.request = request,
                                   .flags = vhost::header_flag::version | vhost::header_flag::reply,
                                   .size = sizeof number};
        const auto bytes = vhost::bytes_of(header) + vhost::bytes_of(number);
        EXPECT_EQ(::send(connection_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(bytes.size()));
    }
    bool answer() {
        vhost::Header header{};
        std::array<char, vhost::largest_payload> payload{};
        tool::FileDescriptor descriptor;
        if (!receive(&header, sizeof header, descriptor) || !receive(payload.data(), header.size, descriptor)) {
            return false;
        }
        const auto request = static_cast<Request>(header.request);
        if (request == Request::SetQueueCall) {
            call_ = std::move(descriptor);
        }
        if (request == silent_at_ || silent_) {
            silent_ = true;
            silent_.notify_all();
            return true;
        }
        if (request == Request::GetFeatures) {
            reply(header.request, vhost::has_protocol_features);
        } else if (request == Request::GetProtocolFeatures) {
            reply(header.request, vhost::protocol_feature::acknowledges);
        } else if ((header.flags & vhost::header_flag::needs_reply) != 0) {
            reply(header.request, 0);
        }
        if (request == Request::EnableQueue) {
            works_ = true;
            works_.notify_all();
        }
        return true;
    }

    std::optional<Request> silent_at_;
    tool::FileDescriptor socket_;
    tool::FileDescriptor connection_; ///< written before connected_
    tool::FileDescriptor call_;       ///< written before works_
    std::atomic<bool> connected_ = false;
    std::atomic<bool> silent_ = false;
    std::atomic<bool> works_ = false;
    std::atomic<bool> lost_ = false;
    std::thread thread_;
};

/// The program of such a backend.
class NoProgram final : public Backend {
  public:
    Result<void> start() override {
        runs_ = true;
        return {};
    }
    void resume() override { runs_ = true; }
    void has_served() override {}
    void kill() override {}
    void stop(Ending ending) override { runs_ = runs_ && ending == Ending::InOrder && is_slow; }
    bool runs() override { return runs_; }

    static inline std::atomic<bool> is_slow = false; ///< it does not end in order

  private:
    bool runs_ = false;
};

class ServedThreads : public testing::Test {
  protected:
    [[nodiscard]] std::filesystem::path socket(unsigned slot) const { return folder_.path() / std::to_string(slot); }
    [[nodiscard]] BackendPlan plan(unsigned slot) const {
        return {.name = "device" + std::to_string(slot), .socket = socket(slot), .device = 4, .queue_size = 16};
    }
    [[nodiscard]] Result<std::unique_ptr<DeviceServer>> serve(std::vector<BackendPlan> plans) {
        auto bank = *Bank::create(bank_size(plans), contract::Io::Pool);
        return DeviceServer::create(
            {std::make_shared<DevicesTransport>(vm_), "a", manager::NewVm{.handle = 7, .index = 1}},
            {.vm = "a",
             .folder = folder_.path(),
             .backend = [](unsigned, const BackendPlan&, tool::EventLoop&) { return std::make_unique<NoProgram>(); }},
            std::move(plans), std::move(bank), loop_, [this] { return cancelled_; });
    }
    void set_up(unsigned slot) {
        const auto base = contract::virtio::bank_base(vm_.bank().size());
        vm_.set_up(slot, 0,
                   {.size = 16, .ready = 1, .descriptors = base, .driver = base + 4096, .device = base + 8192});
    }

    tool::TemporaryFolder folder_ = *tool::TemporaryFolder::create(std::filesystem::temp_directory_path());
    FakeDevices vm_;
    tool::EventLoop loop_;
    bool cancelled_ = false;
};

/// As when the address of a server's disk does not answer.
TEST_F(ServedThreads, DoNotWaitForABackendWhenTheirProgramIsToEnd) {
    cancelled_ = true;
    const auto server = serve({plan(0)});
    ASSERT_FALSE(server);
    EXPECT_THAT(to_string(server.error()), testing::HasSubstr("what serves it ends"));
}

TEST_F(ServedThreads, ABackendThatIsSlowToBeginIsWaitedFor) {
    using namespace std::chrono_literals;
    IdleBackend slow{socket(0), {}, 3200ms}; // longer than a backend of a running VM may take
    const auto server = serve({plan(0)});
    EXPECT_TRUE(server) << to_string(server.error());
}

TEST_F(ServedThreads, ABackendThatDoesNotAnswerHoldsUpNoOtherDevicesInterrupts) {
    IdleBackend mute{socket(0), Request::SetMemoryTable};
    IdleBackend good{socket(1)};
    const auto server = serve({plan(0), plan(1)});
    ASSERT_TRUE(server) << to_string(server.error());
    set_up(0);
    mute.await_silence();
    set_up(1);
    good.call();
    EXPECT_TRUE(vm_.await_interrupt(1));
    EXPECT_FALSE(mute.lost()) << "its answer was waited for, and was too late";
    mute.end(); // instead of the time-out of the answer
}

/// How a change went, when that is said.
class Outcome {
  public:
    [[nodiscard]] Answer answer() {
        return [this](const Result<void>& how) {
            text_ = how ? "done" : to_string(how.error());
            is_there_ = true;
            is_there_.notify_all();
        };
    }
    std::string await() {
        is_there_.wait(false);
        is_there_ = false;
        return text_;
    }

  private:
    std::string text_; ///< written before is_there_
    std::atomic<bool> is_there_ = false;
};

TEST_F(ServedThreads, ABackendThatIsLongInComingHoldsUpNoOtherDevice) {
    IdleBackend good{socket(0)};
    auto empty = plan(1);
    empty.plugged = false;
    const auto server = serve({plan(0), std::move(empty)});
    ASSERT_TRUE(server) << to_string(server.error());
    EXPECT_EQ(vm_.device(1).id, 0U);
    Outcome first;
    (*server)->change("device1", Change::Plug, first.answer()); // nothing listens at its socket yet
    Outcome second;
    (*server)->change("device1", Change::Unplug, second.answer());
    EXPECT_NE(second.await().find("at this moment"), std::string::npos);
    (*server)->change("device7", Change::Plug, second.answer());
    EXPECT_NE(second.await().find("Its file describes device0, device1"), std::string::npos);
    set_up(0);
    good.call();
    EXPECT_TRUE(vm_.await_interrupt(0));
    IdleBackend late{socket(1)};
    EXPECT_EQ(first.await(), "done");
    EXPECT_EQ(vm_.device(1).id, 4U);
    set_up(1);
    late.call();
    EXPECT_TRUE(vm_.await_interrupt(1));
}

TEST_F(ServedThreads, AServerEndsWhileADeviceIsBeingPlugged) {
    IdleBackend good{socket(0)};
    auto empty = plan(1);
    empty.plugged = false;
    auto server = serve({plan(0), std::move(empty)});
    ASSERT_TRUE(server) << to_string(server.error());
    Outcome change;
    (*server)->change("device1", Change::Plug, change.answer());
    *server = {};
    EXPECT_EQ(vm_.device(1).id, 0U);
}

TEST_F(ServedThreads, AServerThatEndsDoesNotWaitForTheAnswerOfABackendThatIsBeingPlugged) {
    IdleBackend mute{socket(0), Request::GetFeatures};
    auto empty = plan(0);
    empty.plugged = false;
    auto server = serve({std::move(empty)});
    ASSERT_TRUE(server) << to_string(server.error());
    Outcome change;
    (*server)->change("device0", Change::Plug, change.answer());
    mute.await_silence();
    *server = {};
    EXPECT_EQ(change.await(), "VM a: device0: the wait for the backend's answer was cancelled");
    EXPECT_EQ(vm_.device(0).id, 0U);
}

TEST_F(ServedThreads, ADeviceLeavesWhenNoDriverUsesIt) {
    IdleBackend good{socket(0)};
    const auto server = serve({plan(0)});
    ASSERT_TRUE(server) << to_string(server.error());
    set_up(0);
    good.call();
    EXPECT_TRUE(vm_.await_interrupt(0));
    Outcome change;
    (*server)->change("device0", Change::Unplug, change.answer());
    const auto refused = change.await();
    EXPECT_NE(refused.find("VM a: device0: a driver of the VM uses it"), std::string::npos) << refused;
    EXPECT_NE(refused.find("echo b000000.virtio_mmio > /sys/bus"), std::string::npos) << refused;
    std::thread driver{[this] { EXPECT_TRUE(vm_.reset(0)); }};
    good.end(); // the next connection finds nothing
    driver.join();
    NoProgram::is_slow = true; // and is ended
    (*server)->change("device0", Change::Unplug, change.answer());
    EXPECT_EQ(change.await(), "done");
    NoProgram::is_slow = false;
    EXPECT_EQ(vm_.device(0).id, 0U);
    (*server)->change("device0", Change::Unplug, change.answer());
    EXPECT_NE(change.await().find("is not plugged"), std::string::npos);
}

TEST_F(ServedThreads, ADeviceThatCannotBeServedEndsTheServerWithItsError) {
    IdleBackend good{socket(0)};
    const auto server = serve({plan(0)});
    ASSERT_TRUE(server) << to_string(server.error());
    vm_.refuse(contract::manager::Command::Ring);
    set_up(0);
    good.call();
    auto step = loop_.step();
    ASSERT_FALSE(step);
    EXPECT_TRUE((*server)->ended());
    EXPECT_NE(to_string(step.error()).find("VM a: ring"), std::string::npos) << to_string(step.error());
}

} // namespace
} // namespace trv::host::devices
