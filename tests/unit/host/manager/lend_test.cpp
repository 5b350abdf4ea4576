// SPDX-License-Identifier: Apache-2.0
// Memory that is lent to a VM: a bank at once, all of its memory in pieces.
#include "host/devices/bank.hpp"
#include "host/manager/devices.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::host::manager {
namespace {

using contract::Io;
using testing::ElementsAre;

constexpr std::size_t mib = std::size_t{1} << 20;

/// What it is asked for.
class Recorder final : public Transport {
  public:
    struct Lent {
        std::uint64_t piece;
        std::uint64_t registration;
        bool operator==(const Lent&) const = default;
    };

    Result<Verdict> call(contract::manager::Command command, Arguments& arguments) override {
        EXPECT_EQ(command, contract::manager::Command::Lend);
        EXPECT_EQ(arguments[0].a, 7U);
        lent.push_back({.piece = arguments[0].b, .registration = arguments[1].registered});
        return lent.size() > refuse_after ? Verdict::OutOfMemory : Verdict::Success;
    }
    Result<std::unique_ptr<RegisteredMemory>> register_memory(std::span<char> memory) override {
        sizes.push_back(memory.size() / mib);
        return std::make_unique<Registration>(*this, sizes.size());
    }

    std::vector<Lent> lent{};
    std::vector<std::size_t> sizes{}; ///< of all registrations, in MiB
    std::size_t registered = 0;       ///< that exist
    std::size_t refuse_after = 100;

  private:
    class Registration final : public RegisteredMemory {
      public:
        Registration(Recorder& recorder, std::uint64_t number) : recorder_{recorder}, number_{number} {
            ++recorder_.registered;
        }
        ~Registration() override { --recorder_.registered; }
        [[nodiscard]] std::uint64_t number() const override { return number_; }

      private:
        Recorder& recorder_;
        std::uint64_t number_;
    };
};

class Lending : public testing::Test {
  protected:
    std::shared_ptr<Recorder> recorder_ = std::make_shared<Recorder>();
    Devices devices_{recorder_, "a", NewVm{.handle = 7, .index = 1}};
    std::vector<char> memory_ = std::vector<char>(36 * mib);
};

TEST_F(Lending, ABankIsOnePiece) {
    const auto loan = devices_.lend(memory_, Io::Pool);
    ASSERT_TRUE(loan);
    EXPECT_THAT(recorder_->sizes, ElementsAre(36));
    EXPECT_THAT(recorder_->lent, ElementsAre(Recorder::Lent{0, 1}));
}

TEST_F(Lending, AllMemoryIsSeveral) {
    auto loan = devices_.lend(memory_, Io::Whole);
    ASSERT_TRUE(loan);
    EXPECT_THAT(recorder_->sizes, ElementsAre(16, 16, 4));
    EXPECT_THAT(recorder_->lent, ElementsAre(Recorder::Lent{0, 1}, Recorder::Lent{1, 2}, Recorder::Lent{2, 3}));
    recorder_->lent.clear();
    EXPECT_TRUE(devices_.lend_again(*loan));
    EXPECT_THAT(recorder_->lent, ElementsAre(Recorder::Lent{0, 1}, Recorder::Lent{1, 2}, Recorder::Lent{2, 3}));
    loan->clear();
    EXPECT_EQ(recorder_->registered, 0U);
}

TEST_F(Lending, IfAPieceIsRefusedNoneIsLent) {
    recorder_->refuse_after = 2;
    EXPECT_FALSE(devices_.lend(memory_, Io::Whole));
    EXPECT_EQ(recorder_->lent.size(), 3U);
    EXPECT_EQ(recorder_->registered, 0U);
}

TEST(Bank, MayBeAllOfAVmsMemory) {
    const auto bank = devices::Bank::create(6 * mib, Io::Whole);
    ASSERT_TRUE(bank) << to_string(bank.error());
    EXPECT_EQ(bank->guest_address(), contract::vm_ram_base);
    EXPECT_EQ(bank->shared().size, 6 * mib);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(bank->memory().data()) % (2 * mib), 0U) << "for large pages";
    bank->memory()[4 * mib + 2] = 5;
    EXPECT_EQ(bank->used_index(contract::vm_ram_base + 4 * mib), 5);
    EXPECT_EQ(bank->used_index(contract::vm_ram_base + 6 * mib), 0);
    EXPECT_EQ(bank->used_index(contract::vm_ram_base - 2), 0);
    const auto usual = devices::Bank::create(18 * mib, Io::Pool);
    ASSERT_TRUE(usual);
    EXPECT_EQ(usual->guest_address(), contract::virtio::bank_base(18 * mib));
}

} // namespace
} // namespace trv::host::manager
