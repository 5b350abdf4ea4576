// SPDX-License-Identifier: Apache-2.0
#include "memory/guest_memory.hpp"
#include "memory_fixture.hpp"

#include <array>
#include <numeric>
#include <optional>
#include <random>

namespace trv::memory {
namespace {

const FrameOwner alpha = vm_owner(0);
constexpr Ipa base{GiB};

/// Four pages in reverse physical order, a hole, a read-only page, a hole, a device.
class GuestMemoryTest : public MemoryTest {
  protected:
    GuestMemoryTest() : frames(block(3, alpha)), space(*Stage2::create(pool, *vmids.lease(), alpha, 40, {40, 8})) {
        for (unsigned i = 0; i < 4; ++i) {
            map(base + i * page_size, frames.base() + (3 - i) * page_size, Access::ReadWrite);
        }
        map(base + 5 * page_size, frames.base() + 5 * page_size, Access::ReadOnly);
        EXPECT_TRUE(space.map_device(base + 7 * page_size, device));
    }
    void map(Ipa ipa, Pa pa, Access access) { EXPECT_TRUE(space.map({ipa, page_size}, pa, access)); }
    std::byte& guest_byte(u64 offset) { return *direct_map(space.lookup(base + offset)->pa); }

    VmidPool vmids;
    Frames frames;
    DeviceLease device = *devices.claim({Pa(0x900'0000), page_size}, alpha);
    Stage2 space;
};

TEST_F(GuestMemoryTest, CopiesAcrossPagesThatAreNotContiguous) {
    std::vector<std::byte> data(3 * page_size);
    for (u64 i = 0; i < data.size(); ++i) {
        data[i] = static_cast<std::byte>(i * 7 + i / 256);
    }
    ASSERT_TRUE(copy_to_guest(space, base + 1000, data));
    for (u64 i = 0; i < data.size(); ++i) {
        ASSERT_EQ(guest_byte(1000 + i), data[i]);
    }
    std::vector<std::byte> back(data.size());
    ASSERT_TRUE(copy_from_guest(space, base + 1000, back));
    EXPECT_EQ(back, data);
}

TEST_F(GuestMemoryTest, RandomOffsetsAndSizesAgreeWithAPlainArray) {
    std::vector<std::byte> model(4 * page_size);
    std::mt19937 random(5);
    for (int step = 0; step < 2000; ++step) {
        const u64 offset = random() % model.size();
        const u64 size = std::min<u64>(random() % (step % 10 == 0 ? 9000 : 40), model.size() - offset);
        std::vector<std::byte> piece(size);
        if (random() % 2 == 0) {
            std::ranges::generate(piece, [&] { return static_cast<std::byte>(random()); });
            ASSERT_TRUE(copy_to_guest(space, base + offset, piece));
            std::ranges::copy(piece, model.begin() + static_cast<long>(offset));
        } else {
            ASSERT_TRUE(copy_from_guest(space, base + offset, piece));
            ASSERT_TRUE(std::ranges::equal(piece, std::span(model).subspan(offset, size)));
        }
    }
}

TEST_F(GuestMemoryTest, HostileAddresses) {
    std::array<std::byte, 64> small{};
    std::vector<std::byte> large(2 * page_size);
    EXPECT_EQ(copy_from_guest(space, Ipa(~u64{0} - 8), small).error(), Error::Overflow);
    EXPECT_EQ(copy_to_guest(space, Ipa(~u64{0} - 8), small).error(), Error::Overflow);
    EXPECT_EQ(copy_from_guest(space, Ipa(~u64{0} - 63), small).error(), Error::OutOfRange) << "ends at the very end";
    EXPECT_EQ(copy_from_guest(space, Ipa(u64{1} << 40), small).error(), Error::OutOfRange);
    EXPECT_EQ(copy_from_guest(space, Ipa(0), small).error(), Error::NotMapped);
    EXPECT_EQ(copy_from_guest(space, base - 1, small).error(), Error::NotMapped);
    // Begins well, runs into the hole.
    EXPECT_EQ(copy_from_guest(space, base + 3 * page_size + 1, large).error(), Error::NotMapped);
    EXPECT_EQ(copy_to_guest(space, base + 4 * page_size - 63, small).error(), Error::NotMapped);
    EXPECT_TRUE(copy_to_guest(space, base + 4 * page_size - 64, small));
}

TEST_F(GuestMemoryTest, ReadOnlyPagesAndDevices) {
    std::array<std::byte, 16> bytes{};
    EXPECT_TRUE(copy_from_guest(space, base + 5 * page_size, bytes));
    guest_byte(5 * page_size) = std::byte{0x77};
    EXPECT_EQ(copy_to_guest(space, base + 5 * page_size, bytes).error(), Error::Denied);
    EXPECT_EQ(guest_byte(5 * page_size), std::byte{0x77});
    EXPECT_EQ(copy_from_guest(space, base + 7 * page_size, bytes).error(), Error::Denied);
    EXPECT_EQ(copy_to_guest(space, base + 7 * page_size, bytes).error(), Error::Denied);
}

TEST_F(GuestMemoryTest, NothingToCopyIsFineAnywhere) {
    EXPECT_TRUE(copy_from_guest(space, Ipa(~u64{0}), {}));
    EXPECT_TRUE(copy_to_guest(space, Ipa(0), {}));
}

TEST_F(GuestMemoryTest, FetchAndStoreMakePrivateCopies) {
    struct Message {
        u32 command;
        u32 count;
        u64 cookie;
    };
    const GuestPtr<Message> pointer(base + page_size - 6); // crosses pages, and is not aligned
    ASSERT_TRUE(store(space, pointer, Message{1, 2, 0x1122'3344'5566'7788}));
    const Message copy = *fetch(space, pointer);
    ASSERT_TRUE(store(space, pointer, Message{}));
    EXPECT_EQ(copy.command, 1U);
    EXPECT_EQ(copy.count, 2U);
    EXPECT_EQ(copy.cookie, 0x1122'3344'5566'7788U);
    EXPECT_EQ(fetch(space, GuestPtr<u64>(Ipa(8))).error(), Error::NotMapped);
    EXPECT_EQ(store(space, GuestPtr<u64>(base + 5 * page_size), u64{1}).error(), Error::Denied);
}

} // namespace
} // namespace trv::memory
