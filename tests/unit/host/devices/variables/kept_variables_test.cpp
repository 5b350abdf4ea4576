// SPDX-License-Identifier: Apache-2.0
#include "host/devices/variables/kept_variables.hpp"
#include "tests/unit/host/fake_machine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::host::devices {
namespace {

using namespace std::chrono_literals;
using Saved = KeptVariables::Saved;

class KeptVariablesTest : public testing::Test {
  protected:
    static constexpr SavingPace quick{.look = 2ms, .quiet = 2ms, .least = 1ms, .retry = 5ms};

    manager::NewVm make_vm() {
        const auto vm = *manager_.create("a", "", manager::Lifetime::Persistent);
        machine_.vms.front().name = "a";
        return vm;
    }
    std::unique_ptr<KeptVariables> keep(Saved saved = Saved::Everything, const SavingPace& pace = quick) {
        auto kept = KeptVariables::start(
            *manager_.variables("a", vm_), [this](std::string_view content) { return save(content); }, saved, loop_,
            pace);
        EXPECT_TRUE(kept);
        return std::move(*kept);
    }
    Result<void> save(std::string_view content) {
        const std::scoped_lock lock{mutex_};
        ++attempts_;
        changed_.notify_all();
        if (is_full_) {
            return tool::failure("vars.fd", "no space is left");
        }
        file_ = content;
        return {};
    }
    void await(const std::function<bool()>& holds) {
        std::unique_lock lock{mutex_};
        EXPECT_TRUE(changed_.wait_for(lock, 20s, holds));
    }
    void await_saved(std::size_t offset, char byte) {
        await([=, this] { return !file_.empty() && file_[offset] == byte; });
    }
    void set_full(bool is_full) {
        const std::scoped_lock lock{mutex_};
        is_full_ = is_full;
    }

    FakeMachine machine_;
    manager::Manager manager_ = *machine_.connect()();
    manager::NewVm vm_ = make_vm();
    tool::EventLoop loop_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string file_;
    unsigned attempts_ = 0;
    bool is_full_ = false;
};

TEST_F(KeptVariablesTest, AreSavedWhenTheyChange) {
    const auto kept = keep();
    machine_.change_flash(7, 'a');
    await_saved(7, 'a');
    machine_.change_flash(8, 'b');
    await_saved(8, 'b');
    EXPECT_FALSE(kept->ended());
}

TEST_F(KeptVariablesTest, AreNotSavedBeforeTheyChange) {
    (void)keep();
    EXPECT_EQ(attempts_, 0U);
}

TEST_F(KeptVariablesTest, OfAProgramThatWasKilledAreSavedAtOnce) {
    machine_.change_flash(7, 'a');
    const auto kept = keep(Saved::Unknown);
    await_saved(7, 'a');
}

TEST_F(KeptVariablesTest, AVmIsForgottenWhenTheLastAreSaved) {
    const auto kept = keep(Saved::Everything, {.look = 20ms, .quiet = 20ms, .least = 1ms, .retry = 5ms});
    machine_.change_flash(7, 'a');
    ASSERT_TRUE(manager_.forget("a")) << "it waits";
    EXPECT_EQ(file_.at(7), 'a');
    while (!kept->ended()) {
        ASSERT_TRUE(loop_.step());
    }
}

TEST_F(KeptVariablesTest, AFullDiskHoldsUpNoEndAndIsTriedAgain) {
    set_full(true);
    const auto kept = keep();
    machine_.change_flash(7, 'a');
    await([this] { return attempts_ >= 3; });
    set_full(false);
    await_saved(7, 'a');
    set_full(true);
    machine_.change_flash(7, 'b');
    ASSERT_TRUE(manager_.forget("a"));
    EXPECT_EQ(file_.at(7), 'a') << "what was there stays";
}

TEST_F(KeptVariablesTest, AreSavedAtTheEnd) {
    {
        const auto kept = keep(Saved::Everything, {.look = 1h, .quiet = 1h, .least = 1h, .retry = 1h});
        machine_.change_flash(7, 'a');
    }
    EXPECT_EQ(file_.at(7), 'a');
    EXPECT_EQ(attempts_, 1U);
}

} // namespace
} // namespace trv::host::devices
