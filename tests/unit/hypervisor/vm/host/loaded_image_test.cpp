// SPDX-License-Identifier: Apache-2.0
#include "tee/tee_machine.hpp"
#include "vm/host/loaded_image.hpp"

#include <gtest/gtest.h>

namespace trv::vm {
namespace {

class LoadedImages : public testing::Test {
  protected:
    static constexpr memory::FrameOwner owner = memory::vm_owner(1);

    /// The next MiB.
    bool load(LoadedImage& image) {
        if (!image.make_room(machine.pool, owner, 1 * MiB)) {
            return false;
        }
        for (u64 done = 0; done < 1 * MiB;) {
            const u64 part = std::min<u64>(image.next_room().size(), 1 * MiB - done);
            image.add(part);
            done += part;
        }
        return true;
    }
    static unsigned give_back(LoadedImage& image) {
        unsigned steps = 1;
        while (!image.give_back_step()) {
            ++steps;
        }
        return steps;
    }

    test::TeeMachine machine;
};

TEST_F(LoadedImages, ThatCameAtTheSameTimeLeaveLargeBlocks) {
    const u64 before = machine.pool.free_frames();
    LoadedImage first = *LoadedImage::create(32 * MiB);
    LoadedImage second = *LoadedImage::create(32 * MiB);
    for (int i = 0; i < 32; ++i) {
        ASSERT_TRUE(load(first));
        ASSERT_TRUE(load(second));
    }
    EXPECT_EQ(first.loaded(), first.size());
    EXPECT_TRUE(first.next_room().empty());
    EXPECT_EQ(first.at(0).bytes, 32 * MiB);
    EXPECT_EQ(machine.pool.free_frames(), before - 64 * MiB / page_size);
    give_back(first);
    {
        std::vector<memory::Frames> all;
        u64 largest = 0;
        while (auto frames = machine.pool.allocate_largest(memory::order_for(32 * MiB), 0, owner)) {
            largest = std::max(largest, frames->range().size);
            all.push_back(std::move(*frames));
        }
        EXPECT_EQ(largest, 32 * MiB) << "although the second one is still there";
    }
    give_back(second);
    EXPECT_EQ(machine.pool.free_frames(), before);
}

TEST_F(LoadedImages, TakeSmallBlocksWhereThereAreNoLargeOnes) {
    std::vector<memory::Frames> taken;
    while (auto frames =
               machine.pool.allocate_largest(memory::order_for(32 * MiB), memory::order_for(4 * MiB), owner)) {
        taken.push_back(std::move(*frames));
    }
    for (memory::Frames& block : taken) { // of each, the first 2 MiB are free
        ASSERT_TRUE(block.give_back(2 * MiB, memory::Contents::Untouched));
    }
    LoadedImage image = *LoadedImage::create(5 * MiB + 100);
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(load(image)) << i;
    }
    EXPECT_EQ(image.at(0).bytes, 2 * MiB);
    EXPECT_EQ(image.at(5 * MiB - 1).bytes, 1U);
    EXPECT_NE(image.at(2 * MiB).pa, image.at(0).pa + 2 * MiB);
    EXPECT_EQ(image.at(2 * MiB + 5).pa, image.at(2 * MiB).pa + 5);
    ASSERT_TRUE(image.make_room(machine.pool, owner, 100));
    EXPECT_EQ(image.next_room().size(), 100U);
    give_back(image);
}

TEST_F(LoadedImages, AreGivenBackInShortSteps) {
    LoadedImage image = *LoadedImage::create(8 * MiB);
    for (int i = 0; i < 8; ++i) {
        ASSERT_TRUE(load(image));
    }
    EXPECT_EQ(give_back(image), 32U);
    LoadedImage none;
    EXPECT_EQ(give_back(none), 1U);
}

TEST_F(LoadedImages, HaveNoRoomWhereMemoryIsShort) {
    LoadedImage image = *LoadedImage::create(4 * MiB);
    std::vector<memory::Frames> taken;
    while (machine.pool.can_spare(1)) {
        taken.push_back(*machine.pool.allocate(0, owner));
    }
    EXPECT_EQ(image.make_room(machine.pool, owner, 1).error(), Error::NoMemory);
    EXPECT_EQ(image.loaded(), 0U);
    EXPECT_TRUE(image.next_room().empty());
}

} // namespace
} // namespace trv::vm
