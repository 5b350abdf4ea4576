// SPDX-License-Identifier: Apache-2.0
// The frontend with the backend that it is made for: Debian's qemu-storage-daemon, here with this machine's.
#include "host/vhost/frontend.hpp"
#include "tests/unit/host/vhost/disk_driver.hpp"
#include "tool/support/event_loop.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#include <map>
#include <random>
#include <thread>

namespace trv::host::vhost {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t virtio_version_1 = std::uint64_t{1} << 32;
constexpr std::uint64_t disk_size = 1U << 20;

constexpr std::uint64_t pool_address = 0x3ee0'0000;
constexpr std::uint64_t pool_size = 2U << 20;

/// Memory and events that a driver and its device share.
struct Shared {
    Shared()
        : file{::memfd_create("pool", MFD_CLOEXEC)}, kick{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)},
          call{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
        EXPECT_EQ(::ftruncate(file.get(), pool_size), 0);
        memory = static_cast<char*>(::mmap(nullptr, pool_size, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0));
    }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;
    ~Shared() { ::munmap(memory, pool_size); }

    tool::FileDescriptor file;
    tool::FileDescriptor kick;
    tool::FileDescriptor call;
    char* memory = nullptr;
};

struct PooledDriver : Shared, DiskDriver {
    PooledDriver() : DiskDriver{std::span{Shared::memory, pool_size}, pool_address} {}

    [[nodiscard]] SharedMemory memory() const {
        return {.file = file.get(), .guest_address = pool_address, .size = pool_size};
    }
    [[nodiscard]] Queue queue() const {
        Queue queue = DiskDriver::queue();
        queue.kick = Shared::kick.get();
        queue.call = Shared::call.get();
        return queue;
    }
    void kick() { (void)::eventfd_write(Shared::kick.get(), 1); }
    [[nodiscard]] int call() const { return Shared::call.get(); }
};

std::string block_of(char letter) {
    return std::string(DiskDriver::request_bytes, letter);
}

class StorageDaemon : public testing::Test {
  protected:
    StorageDaemon() { EXPECT_TRUE(tool::write_file(image(), std::string(disk_size, '\0'))); }

    [[nodiscard]] std::filesystem::path image() const { return folder_.path() / "disk.img"; }
    [[nodiscard]] std::filesystem::path socket() const { return folder_.path() / "disk.sock"; }

    /// @param writes_per_second  0: as many as it can
    void start_daemon(unsigned writes_per_second = 0) {
        std::vector<std::string> arguments{"qemu-storage-daemon", "--blockdev",
                                           "driver=file,node-name=file,filename=" + image().string()};
        const std::string slow = fmt::format("throttle-group,id=slow,limits.iops-write={}", writes_per_second);
        if (writes_per_second != 0) {
            arguments.insert(arguments.end(), {"--object", slow, "--blockdev",
                                               "driver=throttle,node-name=disk,file=file,throttle-group=slow"});
        }
        arguments.insert(arguments.end(),
                         {"--export", fmt::format("vhost-user-blk,id=export,node-name={},writable=on,addr.type=unix,"
                                                  "addr.path={}",
                                                  writes_per_second != 0 ? "disk" : "file", socket().string())});
        auto started = tool::Process::start({.arguments = arguments, .log = folder_.path() / "log"});
        ASSERT_TRUE(started) << to_string(started.error());
        daemon_.emplace(std::move(*started));
    }
    void kill_daemon() {
        daemon_.reset(); // SIGKILL
        std::error_code ignored;
        std::filesystem::remove(socket(), ignored);
    }

    Frontend greet() {
        for (;;) {
            auto connection = Connection::open(socket(), "disk");
            EXPECT_TRUE(connection) << to_string(connection.error());
            if (*connection) {
                auto frontend = Frontend::greet(*std::move(*connection), {.keeps_in_flight = true});
                EXPECT_TRUE(frontend) << to_string(frontend.error());
                return *std::move(frontend);
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
        }
    }
    Frontend start(PooledDriver& driver) {
        Frontend frontend = greet();
        const std::array queues{driver.queue()};
        if (!in_flight_.memory) {
            in_flight_ = *frontend.allocate_in_flight(queues);
            EXPECT_TRUE(in_flight_.memory);
        }
        const auto started = frontend.start(virtio_version_1, driver.memory(), queues, in_flight_);
        EXPECT_TRUE(started) << to_string(started.error());
        return frontend;
    }

    /// Waits for the next completed request.
    static DiskDriver::Completion await(PooledDriver& driver) {
        for (;;) {
            if (auto completion = driver.take()) {
                return *std::move(completion);
            }
            tool::Deadline limit;
            limit.set(30);
            EXPECT_TRUE(tool::await_input(driver.call(), limit).value_or(false));
            eventfd_t count = 0;
            (void)::eventfd_read(driver.call(), &count);
        }
    }

    tool::TemporaryFolder folder_ = *tool::TemporaryFolder::create(std::filesystem::temp_directory_path());
    std::optional<tool::Process> daemon_;
    InFlight in_flight_;
};

TEST_F(StorageDaemon, OffersADiskOfTheImagesSize) {
    start_daemon();
    Frontend frontend = greet();
    EXPECT_NE(frontend.features() & virtio_version_1, 0U);
    EXPECT_EQ(frontend.features() & has_protocol_features, 0U) << "which is not virtio's";
    EXPECT_GE(frontend.queues(), 1U);
    const auto config = frontend.config(60);
    ASSERT_TRUE(config) << to_string(config.error());
    std::uint64_t sectors = 0;
    std::memcpy(&sectors, config->data(), sizeof sectors);
    EXPECT_EQ(sectors, disk_size / 512);
}

TEST_F(StorageDaemon, WritesAndReadsTheImage) {
    start_daemon();
    PooledDriver driver;
    Frontend frontend = start(driver);
    driver.submit(VIRTIO_BLK_T_OUT, 16, block_of('a'));
    driver.kick();
    EXPECT_EQ(await(driver).status, VIRTIO_BLK_S_OK);
    driver.submit(VIRTIO_BLK_T_IN, 16);
    driver.kick();
    const auto read = await(driver);
    EXPECT_EQ(read.status, VIRTIO_BLK_S_OK);
    EXPECT_EQ(read.data, block_of('a'));
    EXPECT_EQ(tool::read_file(image())->substr(std::size_t{16} * 512, DiskDriver::request_bytes), block_of('a'));
}

TEST_F(StorageDaemon, ServesTheNextConnectionWhenTheLastHasEnded) {
    start_daemon();
    PooledDriver first;
    {
        const Frontend frontend = start(first);
    }
    in_flight_ = {};
    PooledDriver second;
    Frontend frontend = start(second);
    second.submit(VIRTIO_BLK_T_OUT, 0, block_of('b'));
    second.kick();
    EXPECT_EQ(await(second).status, VIRTIO_BLK_S_OK);
}

TEST_F(StorageDaemon, RefusesQueuesOutsideOfTheSharedMemory) {
    start_daemon();
    PooledDriver driver;
    Frontend frontend = greet();
    std::array queues{driver.queue()};
    queues[0].descriptors = pool_address + pool_size;
    EXPECT_FALSE(frontend.start(virtio_version_1, driver.memory(), queues, in_flight_));
}

/// Requests that a killed backend has taken are done by the next one: none is lost, none fails, each byte is right. Reads
/// overtake writes, so that those which are not complete are not simply the last ones.
TEST_F(StorageDaemon, KilledAmidRequestsLosesNone) {
    constexpr unsigned writes_per_second = 40;
    constexpr unsigned rounds = 12;
    PooledDriver driver;
    std::mt19937 random{42}; // NOLINT(cert-msc51-cpp): the same each time
    std::map<std::uint64_t, char> written;
    unsigned killed_amid = 0;
    std::uint64_t next = 0;
    for (unsigned round = 0; round < rounds; ++round) {
        start_daemon(writes_per_second);
        Frontend frontend = start(driver);
        driver.kick(); // also for what was in flight
        for (unsigned request = 0; request < 5 + random() % 20; ++request) {
            while (driver.can_submit()) {
                if (random() % 2 == 0) {
                    (void)driver.submit(VIRTIO_BLK_T_IN, 0);
                    continue;
                }
                const std::uint64_t sector = next++ * DiskDriver::request_sectors % (disk_size / 512);
                const char letter = static_cast<char>('a' + random() % 26);
                (void)driver.submit(VIRTIO_BLK_T_OUT, sector, block_of(letter));
                written[sector] = letter;
            }
            driver.kick();
            EXPECT_EQ(await(driver).status, VIRTIO_BLK_S_OK);
        }
        killed_amid += driver.outstanding() != 0 ? 1 : 0;
        kill_daemon();
        (void)::eventfd_write(driver.call(), 1); // as the daemon does for what was completed without a call
    }
    EXPECT_GT(killed_amid, rounds / 2);
    start_daemon();
    Frontend frontend = start(driver);
    driver.kick();
    while (driver.outstanding() != 0) {
        EXPECT_EQ(await(driver).status, VIRTIO_BLK_S_OK);
    }
    const auto image_now = *tool::read_file(image());
    for (const auto& [sector, letter] : written) {
        EXPECT_TRUE(image_now.substr(sector * 512, DiskDriver::request_bytes) == block_of(letter)) << sector;
    }
}

} // namespace
} // namespace trv::host::vhost
