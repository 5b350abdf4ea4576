// SPDX-License-Identifier: Apache-2.0
#include "contract/manager.hpp"
#include "host/devices/device_record.hpp"
#include "host/serve/backend_keeper.hpp"
#include "tests/unit/host/bound_socket.hpp"
#include "tool/support/files.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>

#include <chrono>
#include <csignal>
#include <thread>

namespace trv::host::serve {
namespace {

using namespace std::chrono_literals;

/// Programs that write their numbers to a file and wait.
class KeptBackends : public testing::Test {
  protected:
    [[nodiscard]] std::filesystem::path number_file() const { return folder_.path() / "number"; }
    BackendKeeper keep() {
        const devices::Household household{.vm = "a", .folder = folder_.path(), .records = folder_.path()};
        std::vector<devices::BackendPlan> plans(2);
        plans[0].name = "disk0";
        plans[0].program = "sh";
        plans[0].arguments = devices::always({"-c", "echo $$ >" + number_file().string() + "; exec sleep 1000"});
        plans[1].name = "disk1";
        plans[1].program = folder_.path() / "no-such-program";
        plans[1].files = {folder_.path() / "no-such-image"};
        plans[1].key = folder_.path() / "no-such-key";
        return *BackendKeeper::start(plans, household);
    }
    /// Of the program that runs now.
    pid_t number() {
        for (;;) {
            const auto text = tool::read_file(number_file());
            if (text && text->ends_with('\n')) {
                return std::stoi(*text);
            }
            std::this_thread::sleep_for(2ms);
        }
    }
    void await_gone(pid_t process) {
        while (::kill(process, 0) == 0) {
            std::this_thread::sleep_for(2ms);
        }
    }

    tool::TemporaryFolder folder_ = *tool::TemporaryFolder::create(std::filesystem::temp_directory_path());
};

TEST_F(KeptBackends, RunUntilTheyAreEnded) {
    pid_t process = -1;
    {
        const auto keeper = keep();
        const auto backend = keeper.backend(0);
        EXPECT_FALSE(backend->runs());
        ASSERT_TRUE(backend->start());
        EXPECT_TRUE(backend->runs());
        process = number();
        backend->has_served();
        EXPECT_EQ(devices::recorded_devices("a", folder_.path()).size(), 2U);
    }
    await_gone(process);
    EXPECT_TRUE(devices::recorded_devices("a", folder_.path()).empty());
}

TEST_F(KeptBackends, StartAgainWhenTheyAreKilled) {
    const auto keeper = keep();
    const auto backend = keeper.backend(0);
    ASSERT_TRUE(backend->start());
    const pid_t first = number();
    std::filesystem::remove(number_file());
    backend->kill();
    const pid_t second = number();
    EXPECT_NE(first, second);
    std::filesystem::remove(number_file());
    EXPECT_EQ(::kill(second, SIGKILL), 0);
    EXPECT_NE(number(), second);
}

/// A guest can make what serves it end at once, by rings that are wrong.
TEST(BackendProcesses, ThatServeAndEndAgainAndAgainWait) {
    const auto folder = *tool::TemporaryFolder::create(std::filesystem::temp_directory_path());
    const auto starts = folder.path() / "starts";
    devices::BackendPlan plan{.name = "disk0", .program = "sh"};
    plan.arguments = devices::always({"-c", "echo >>" + starts.string()});
    const devices::Household household{.vm = "a", .folder = folder.path()};
    tool::EventLoop loop;
    devices::BackendProcess process{plan, household, loop};
    ASSERT_TRUE(process.start());
    bool over = false;
    tool::Deadline end;
    end.set(2);
    const auto ended = loop.on_deadline(end, [&over] {
        over = true;
        return tool::Result<void>{};
    });
    while (!over) {
        process.has_served();
        EXPECT_TRUE(loop.step());
    }
    const auto size = std::filesystem::file_size(starts);
    EXPECT_GE(size, 2U);
    EXPECT_LE(size, 10U); // after 0.05, 0.1, 0.2, 0.4 s and each half second
}

/// systemd gives its service the socket that was there, not the name.
TEST(BackendProcesses, StartAgainWhenASocketOfTheirsIsAnotherOne) {
    const auto folder = *tool::TemporaryFolder::create(std::filesystem::temp_directory_path());
    const auto starts = folder.path() / "starts";
    const auto socket = folder.path() / "socket";
    const auto make_socket = [&socket](const std::filesystem::path& path) {
        const auto made = bound_socket(path, SOCK_STREAM);
        std::filesystem::rename(path, socket);
    };
    make_socket(folder.path() / "first");
    devices::BackendPlan plan{.name = "disk0", .program = "sh", .files = {socket}};
    plan.arguments = devices::always({"-c", "echo x >>" + starts.string() + "; exec sleep 1000"});
    const devices::Household household{.vm = "a", .folder = folder.path()};
    tool::EventLoop loop;
    devices::BackendProcess process{plan, household, loop};
    const auto await_starts = [&](std::size_t bytes) {
        std::error_code ignored;
        while (std::filesystem::file_size(starts, ignored) != bytes) {
            EXPECT_TRUE(loop.step());
        }
    };
    ASSERT_TRUE(process.start());
    await_starts(2);
    std::filesystem::remove(socket);
    ASSERT_TRUE(loop.step());
    EXPECT_TRUE(process.runs()) << "the server may be away for a while";
    make_socket(folder.path() / "second");
    await_starts(4);
}

TEST_F(KeptBackends, AreWrittenDownAsPluggedWhileTheyAreWanted) {
    const auto keeper = keep();
    const auto backend = keeper.backend(0);
    const auto plugged = [this] { return devices::recorded_devices("a", folder_.path())[0]["plugged"] == true; };
    for (const auto ending : {devices::Ending::InOrder, devices::Ending::AtOnce}) {
        ASSERT_TRUE(backend->start());
        EXPECT_TRUE(plugged());
        const pid_t process = number();
        std::filesystem::remove(number_file());
        backend->stop(ending);
        while (backend->runs()) {
            std::this_thread::sleep_for(2ms);
        }
        await_gone(process);
        EXPECT_FALSE(std::filesystem::exists(number_file())) << "it does not start again";
    }
    backend->stop(devices::Ending::InOrder);
    EXPECT_FALSE(plugged());
}

TEST_F(KeptBackends, ThatCannotBeStartedAreErrors) {
    const auto keeper = keep();
    const auto started = keeper.backend(1)->start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().place, "VM a: disk1");
    EXPECT_TRUE(started.error().what.ends_with("no-such-image does not exist")) << started.error().what;
    EXPECT_TRUE(tool::write_file(folder_.path() / "no-such-image", "x"));
    const auto without_key = keeper.backend(1)->start();
    ASSERT_FALSE(without_key);
    EXPECT_TRUE(without_key.error().what.ends_with("no-such-key does not exist")) << without_key.error().what;
    EXPECT_TRUE(tool::write_file(folder_.path() / "no-such-key", "x"));
    EXPECT_FALSE(keeper.backend(1)->start());
    EXPECT_FALSE(keeper.backend(1)->runs());
    EXPECT_FALSE(keeper.backend(7)->start()) << "no such device";
}

TEST_F(KeptBackends, VariablesAreSavedByTheProcessAlone) {
    const auto path = folder_.path() / "vars.fd";
    std::string content(contract::manager::variables_size, 'v');
    {
        const auto keeper =
            BackendKeeper::start({}, {.vm = "a", .folder = folder_.path()}, *devices::VariablesFile::open(path, {}));
        ASSERT_TRUE(keeper);
        EXPECT_TRUE(keeper->save_variables(content));
        EXPECT_EQ(tool::read_file(path).value(), content);
        content.front() = 'w';
        EXPECT_TRUE(keeper->save_variables(content));
        EXPECT_FALSE(keeper->save_variables("short"));
        EXPECT_EQ(tool::read_file(path).value(), content);
    }
    const auto keeper = BackendKeeper::start({}, {.vm = "a", .folder = folder_.path()});
    ASSERT_TRUE(keeper);
    EXPECT_FALSE(keeper->save_variables(content)) << "it has no file";
    EXPECT_TRUE(devices::VariablesFile::open(path, {})) << "the other process has ended";
}

} // namespace
} // namespace trv::host::serve
