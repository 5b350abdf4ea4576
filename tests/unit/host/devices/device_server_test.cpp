// SPDX-License-Identifier: Apache-2.0
// The whole of a disk but the hypervisor: a driver on a VM's bank, the server of its devices, QEMU's storage daemon, an image.
#include "host/devices/device_server.hpp"
#include "host/devices/kinds/disk.hpp"
#include "tests/unit/host/fake_devices.hpp"
#include "tests/unit/host/vhost/disk_driver.hpp"
#include "tool/support/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <future>
#include <thread>

namespace trv::host::devices {
namespace {

using testing::HasSubstr;
using vhost::DiskDriver;

constexpr std::uint64_t disk_size = 1U << 20;

std::string block_of(char letter) {
    return std::string(DiskDriver::request_bytes, letter);
}

/// A VM whose devices a thread serves.
class ServedDisks : public testing::Test {
  protected:
    ServedDisks() { EXPECT_TRUE(tool::write_file(image(), std::string(disk_size, '\0'))); }
    ~ServedDisks() override { stop(); }

    [[nodiscard]] std::filesystem::path image() const { return folder_.path() / "disk.img"; }

    /// The process that has the image; it is started again, so there may be none for a moment.
    pid_t backend() {
        for (;;) {
            for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
                const auto line = tool::read_file(entry.path() / "cmdline");
                if (line && line->starts_with("qemu-storage-daemon") && line->contains(image().string())) {
                    return std::stoi(entry.path().filename());
                }
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
    }

    Bank bank() { return *Bank::create(bank_size(plans()), contract::Io::Pool); }
    std::vector<BackendPlan> plans() {
        return {
            plan_disk({.image = image()}, 0, {.entries = 512, .segment = 4096}, {.vm = "a", .folder = folder_.path()})};
    }
    manager::Devices devices() {
        return {std::make_shared<DevicesTransport>(vm_), "a", manager::NewVm{.handle = 7, .index = 1}};
    }
    Household household() { return {.vm = "a", .folder = folder_.path(), .records = folder_.path()}; }

    void serve() {
        auto server = DeviceServer::create(devices(), household(), plans(), bank(), loop_, [] { return false; });
        ASSERT_TRUE(server) << to_string(server.error());
        run(*std::move(server));
    }
    void run(std::unique_ptr<DeviceServer> server) {
        server_ = std::move(server);
        stop_ = false;
        thread_ = std::thread{[this] {
            tool::Deadline tick; // for stop_
            const auto source = loop_.on_deadline(tick, [&tick] { tick.set(0.02); });
            tick.set(0.02);
            while (!stop_ && !server_->ended()) {
                const auto step = loop_.step();
                EXPECT_TRUE(step) << to_string(step.error());
            }
        }};
    }
    void stop() {
        stop_ = true;
        if (thread_.joinable()) {
            thread_.join();
        }
        server_.reset();
    }

    std::string change(Change change) {
        std::promise<std::string> how;
        server_->change("disk0", change, [&how](const Result<void>& result) {
            how.set_value(result ? "done" : to_string(result.error()));
        });
        return how.get_future().get();
    }

    /// Does one request as the VM's driver.
    DiskDriver::Completion request(DiskDriver& driver, std::uint32_t type, std::uint64_t sector,
                                   std::string_view data = {}) {
        (void)driver.submit(type, sector, data);
        vm_.kick(0);
        return await(driver);
    }
    /// An interrupt may be of an earlier request.
    DiskDriver::Completion await(DiskDriver& driver) {
        for (;;) {
            if (auto completion = driver.take()) {
                return *std::move(completion);
            }
            if (!vm_.await_interrupt(0)) {
                ADD_FAILURE() << "no interrupt";
                return {};
            }
        }
    }
    /// The bank as the VM has it: a mapping of its own, which outlives the server's.
    DiskDriver start_driver() {
        if (!guest_) {
            guest_.emplace(*Bank::adopt(tool::FileDescriptor{::dup(server_->bank().file())}, contract::Io::Pool));
        }
        DiskDriver driver{guest_->memory(), guest_->guest_address()};
        std::ranges::fill(guest_->memory().first(64 * 1024), '\0'); // as a driver does with its rings
        set_up(driver);
        return driver;
    }
    void set_up(const DiskDriver& driver) {
        const auto queue = driver.queue();
        constexpr std::uint64_t event_index = std::uint64_t{1} << 29; // which this driver does not know
        vm_.set_up(0, vm_.device(0).features & ~event_index,
                   {.size = queue.size,
                    .ready = 1,
                    .descriptors = queue.descriptors,
                    .driver = queue.available,
                    .device = queue.used});
    }

    tool::TemporaryFolder folder_ = *tool::TemporaryFolder::create(std::filesystem::temp_directory_path());
    FakeDevices vm_;
    tool::EventLoop loop_;
    std::unique_ptr<DeviceServer> server_;
    std::optional<Bank> guest_;
    std::atomic<bool> stop_ = false;
    std::thread thread_;
};

TEST_F(ServedDisks, TheVmFindsADiskWhoseRequestsFitIntoItsBank) {
    serve();
    const auto& device = vm_.device(0);
    EXPECT_EQ(device.id, 2U);
    EXPECT_EQ(device.config_size, 60U);
    std::uint64_t sectors = 0;
    std::uint32_t largest = 0;
    std::uint32_t most = 0;
    std::memcpy(&sectors, device.config.data(), sizeof sectors);
    std::memcpy(&largest, device.config.data() + 8, sizeof largest);
    std::memcpy(&most, device.config.data() + 12, sizeof most);
    EXPECT_EQ(sectors, disk_size / 512);
    EXPECT_LE(most + 2, device.queue_size) << "with a header and a status";
    EXPECT_LE(std::uint64_t{largest} * device.queue_size, vm_.bank().size() / 2);
    EXPECT_EQ(device.features >> 28 & 1, 0U) << "or more would fit into a queue";
    EXPECT_EQ(device.features & (contract::virtio::version_1 | contract::virtio::access_platform), 0U)
        << "which the hypervisor adds";
    EXPECT_EQ(device.features >> 11 & 1, 0U) << "a configuration that could be written";
    EXPECT_EQ(vm_.bank().size() % contract::virtio::bank_step, 0U);
}

TEST_F(ServedDisks, AreWrittenDownAsLongAsTheyAreServed) {
    serve();
    const auto devices = recorded_devices("a", folder_.path());
    ASSERT_EQ(devices.size(), 1U);
    EXPECT_EQ(devices[0].value("device", ""), "disk0");
    EXPECT_EQ(devices[0].value("backend", ""), "qemu-storage-daemon");
    EXPECT_EQ(devices[0].value("serves", ""), "raw " + image().string());
    EXPECT_TRUE(recorded_devices("b", folder_.path()).empty());
    stop();
    EXPECT_TRUE(recorded_devices("a", folder_.path()).empty());
}

TEST_F(ServedDisks, ADriverReadsWhatItWrote) {
    serve();
    DiskDriver driver = start_driver();
    EXPECT_EQ(request(driver, VIRTIO_BLK_T_OUT, 8, block_of('x')).status, VIRTIO_BLK_S_OK);
    EXPECT_EQ(request(driver, VIRTIO_BLK_T_IN, 8).data, block_of('x'));
    EXPECT_EQ(tool::read_file(image())->substr(4096, 4096), block_of('x'));
}

TEST_F(ServedDisks, AResetEndsWhenTheBackendHasLetGo) {
    serve();
    for (char letter = 'a'; letter < 'f'; ++letter) {
        DiskDriver driver = start_driver();
        EXPECT_EQ(request(driver, VIRTIO_BLK_T_OUT, 0, block_of(letter)).status, VIRTIO_BLK_S_OK);
        (void)driver.submit(VIRTIO_BLK_T_IN, 0); // in flight, or not seen at all
        vm_.kick(0);
        EXPECT_TRUE(vm_.reset(0));
    }
}

TEST_F(ServedDisks, MemoryThatTheHypervisorTookBackIsLentAgain) {
    serve();
    (void)start_driver();
    vm_.take_back();
    EXPECT_TRUE(vm_.reset(0));
    EXPECT_TRUE(vm_.await_loan());
    DiskDriver driver = start_driver();
    EXPECT_EQ(request(driver, VIRTIO_BLK_T_OUT, 8, block_of('x')).status, VIRTIO_BLK_S_OK);
    EXPECT_EQ(vm_.loans(), 2U);
}

TEST_F(ServedDisks, AKilledBackendIsReplacedWithoutAnErrorInTheVm) {
    serve();
    DiskDriver driver = start_driver();
    for (unsigned round = 0; round < 10; ++round) {
        const auto letter = static_cast<char>('a' + round);
        EXPECT_EQ(request(driver, VIRTIO_BLK_T_OUT, 8, block_of(letter)).status, VIRTIO_BLK_S_OK);
        EXPECT_EQ(::kill(backend(), SIGKILL), 0);
        EXPECT_TRUE(request(driver, VIRTIO_BLK_T_IN, 8).data == block_of(letter));
    }
}

TEST_F(ServedDisks, AnotherServerTakesAVmOver) {
    serve();
    DiskDriver driver = start_driver();
    EXPECT_EQ(request(driver, VIRTIO_BLK_T_OUT, 8, block_of('t')).status, VIRTIO_BLK_S_OK);
    tool::FileDescriptor file{::dup(server_->bank().file())}; // as systemd keeps it
    stop();
    EXPECT_TRUE(vm_.bank().empty());
    (void)driver.submit(VIRTIO_BLK_T_IN, 8);
    vm_.kick(0);
    auto bank = Bank::adopt(std::move(file), contract::Io::Pool);
    ASSERT_TRUE(bank);
    auto server = DeviceServer::take_over(devices(), household(), plans(), {.bank = *std::move(bank)}, loop_);
    ASSERT_TRUE(server) << to_string(server.error());
    run(*std::move(server));
    const auto read = await(driver);
    EXPECT_EQ(read.status, VIRTIO_BLK_S_OK);
    EXPECT_TRUE(read.data == block_of('t'));
    EXPECT_EQ(vm_.loans(), 2U);
}

TEST_F(ServedDisks, AnotherServerWaitsForABackendThatCannotStartYet) {
    serve();
    DiskDriver driver = start_driver();
    EXPECT_EQ(request(driver, VIRTIO_BLK_T_OUT, 8, block_of('l')).status, VIRTIO_BLK_S_OK);
    tool::FileDescriptor file{::dup(server_->bank().file())};
    stop();
    const auto elsewhere = folder_.path() / "elsewhere";
    std::filesystem::rename(image(), elsewhere);
    auto server = DeviceServer::take_over(devices(), household(), plans(),
                                          {.bank = *Bank::adopt(std::move(file), contract::Io::Pool)}, loop_);
    ASSERT_TRUE(server) << to_string(server.error());
    run(*std::move(server));
    (void)driver.submit(VIRTIO_BLK_T_IN, 8);
    vm_.kick(0);
    std::filesystem::rename(elsewhere, image());
    EXPECT_EQ(await(driver).data, block_of('l'));
}

TEST_F(ServedDisks, AnImageIsSwappedWhileTheVmRuns) {
    serve();
    DiskDriver driver = start_driver();
    EXPECT_EQ(request(driver, VIRTIO_BLK_T_OUT, 8, block_of('x')).status, VIRTIO_BLK_S_OK);
    EXPECT_THAT(change(Change::Unplug), HasSubstr("VM a: disk0: a driver of the VM uses it. Let it go in the VM first: "
                                                  "echo b000000.virtio_mmio > "));
    EXPECT_THAT(change(Change::Plug), HasSubstr("disk0: is plugged already"));
    EXPECT_EQ(request(driver, VIRTIO_BLK_T_IN, 8).data, block_of('x')) << "nothing has happened to it";
    ASSERT_TRUE(vm_.reset(0));
    EXPECT_EQ(change(Change::Unplug), "done");
    EXPECT_EQ(vm_.device(0).id, 0U);
    EXPECT_FALSE(recorded_devices("a", folder_.path())[0].value("plugged", true));
    EXPECT_THAT(change(Change::Unplug), HasSubstr("disk0: is not plugged"));
    EXPECT_EQ(tool::read_file(image())->substr(4096, 4096), block_of('x'));

    std::filesystem::remove(image());
    EXPECT_THAT(change(Change::Plug), HasSubstr("VM a: disk0: " + image().string() + " does not exist"));
    EXPECT_EQ(vm_.device(0).id, 0U);
    ASSERT_TRUE(tool::write_file(image(), std::string(2 * disk_size, 'y')));
    EXPECT_EQ(change(Change::Plug), "done");
    EXPECT_TRUE(recorded_devices("a", folder_.path())[0].value("plugged", false));
    std::uint64_t sectors = 0;
    std::memcpy(&sectors, vm_.device(0).config.data(), sizeof sectors);
    EXPECT_EQ(sectors, 2 * disk_size / 512);
    DiskDriver next = start_driver();
    EXPECT_EQ(request(next, VIRTIO_BLK_T_IN, 8).data, block_of('y'));
}

TEST_F(ServedDisks, AnotherServerKnowsWhatIsPlugged) {
    serve();
    EXPECT_EQ(change(Change::Unplug), "done");
    std::filesystem::remove(image());
    for (unsigned round = 0; round < 2; ++round) {
        tool::FileDescriptor file{::dup(server_->bank().file())}; // as systemd keeps it
        stop();
        auto server = DeviceServer::take_over(devices(), household(), plans(),
                                              {.bank = *Bank::adopt(std::move(file), contract::Io::Pool)}, loop_);
        ASSERT_TRUE(server) << to_string(server.error());
        run(*std::move(server));
        EXPECT_EQ(recorded_devices("a", folder_.path())[0]["plugged"], round != 0);
        if (round == 0) {
            ASSERT_TRUE(tool::write_file(image(), std::string(disk_size, 'z')));
            EXPECT_EQ(change(Change::Plug), "done");
        }
    }
    DiskDriver driver = start_driver();
    EXPECT_EQ(request(driver, VIRTIO_BLK_T_IN, 8).data, block_of('z'));
}

TEST_F(ServedDisks, TheServerEndsWithItsVm) {
    serve();
    vm_.end();
    thread_.join();
    EXPECT_TRUE(server_->ended());
}

TEST_F(ServedDisks, ABackendThatCannotServeIsAnError) {
    std::filesystem::remove(image());
    const auto server = DeviceServer::create(devices(), household(), plans(), bank(), loop_, [] { return false; });
    ASSERT_FALSE(server);
    EXPECT_THAT(to_string(server.error()), HasSubstr("disk.img does not exist"));
    std::filesystem::create_directory(image());
    const auto other = DeviceServer::create(devices(), household(), plans(), bank(), loop_, [] { return false; });
    ASSERT_FALSE(other);
    EXPECT_THAT(to_string(other.error()), HasSubstr("VM a: disk0: qemu-storage-daemon cannot serve it"));
}

} // namespace
} // namespace trv::host::devices
