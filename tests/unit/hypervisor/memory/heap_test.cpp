// SPDX-License-Identifier: Apache-2.0
#include "memory/heap.hpp"
#include "memory/machine_memory.hpp"
#include "memory/physical/direct_map.hpp"
#include "memory_fixture.hpp"

#include <map>
#include <random>

namespace trv::memory {
namespace {

class HeapTest : public MemoryTest {
  protected:
    HeapTest() { heap.start(pool); }
    Heap heap;
};

TEST_F(HeapTest, NothingBeforeItStarts) {
    Heap unstarted;
    EXPECT_EQ(unstarted.allocate(32, 16), nullptr);
    unstarted.free(nullptr);
}

TEST_F(HeapTest, AlignmentAsAsked) {
    std::vector<void*> all;
    for (std::size_t alignment = 1; alignment <= page_size; alignment *= 2) {
        for (const std::size_t size : {0U, 1U, 17U, 100U, 700U, 1984U, 1985U, 5000U}) {
            void* const memory = heap.allocate(size, alignment);
            ASSERT_NE(memory, nullptr);
            EXPECT_EQ(reinterpret_cast<u64>(memory) % alignment, 0U) << size << " " << alignment;
            std::memset(memory, 0xee, size);
            all.push_back(memory);
        }
    }
    EXPECT_EQ(heap.allocate(1, 2 * page_size), nullptr);
    EXPECT_EQ(heap.objects(), all.size());
    for (void* const memory : all) {
        heap.free(memory);
    }
    EXPECT_EQ(heap.objects(), 0U);
}

TEST_F(HeapTest, EveryClassFitsItsFrame) {
    for (const u16 size : Heap::class_sizes) {
        const u64 free = pool.free_frames();
        const u64 capacity = (page_size - Heap::slab_alignment) / size;
        std::vector<void*> objects;
        for (u64 i = 0; i < capacity; ++i) {
            objects.push_back(heap.allocate(size, 1));
        }
        EXPECT_EQ(pool.free_frames(), free - 1) << size;
        objects.push_back(heap.allocate(size, 1));
        EXPECT_EQ(pool.free_frames(), free - 2) << size;
        for (void* const object : objects) {
            heap.free(object);
        }
        EXPECT_EQ(pool.free_frames(), free) << size;
    }
}

TEST_F(HeapTest, LargeObjectsHaveBlocks) {
    const u64 free = pool.free_frames();
    void* const memory = heap.allocate(10 * KiB, 16);
    EXPECT_EQ(pool.free_frames(), free - 4);
    heap.free(memory);
    EXPECT_EQ(pool.free_frames(), free);
    EXPECT_EQ(heap.allocate(GiB, 16), nullptr) << "more than there is";
    EXPECT_EQ(heap.allocate(GiB + 1, 16), nullptr);
    EXPECT_EQ(heap.allocate(~std::size_t{0}, 16), nullptr);
}

TEST_F(HeapTest, OutOfMemoryIsNull) {
    const std::vector<Frames> all = exhaust();
    EXPECT_EQ(heap.allocate(32, 8), nullptr);
    EXPECT_EQ(heap.allocate(8000, 8), nullptr);
    EXPECT_EQ(heap.objects(), 0U);
}

TEST_F(HeapTest, RandomUseKeepsContentsAndLeavesNothing) {
    const Usage before = usage_of(table);
    std::mt19937 random(13);
    struct Object {
        std::size_t size;
        unsigned char fill;
    };
    std::map<unsigned char*, Object> model;
    for (int step = 0; step < 20000; ++step) {
        if (random() % 2 == 0 || model.empty()) {
            const std::size_t size = random() % 20 == 0 ? random() % 20000 : random() % 2100;
            auto* const memory = static_cast<unsigned char*>(heap.allocate(size, 16));
            ASSERT_NE(memory, nullptr);
            const auto next = model.lower_bound(memory);
            ASSERT_TRUE(next == model.end() || memory + size <= next->first);
            ASSERT_TRUE(next == model.begin() || std::prev(next)->first + std::prev(next)->second.size <= memory);
            const auto fill = static_cast<unsigned char>(random());
            std::memset(memory, fill, size);
            model[memory] = {size, fill};
        } else {
            const auto victim = std::next(model.begin(), static_cast<long>(random() % model.size()));
            const auto [memory, object] = *victim;
            for (std::size_t i = 0; i < object.size; ++i) {
                ASSERT_EQ(memory[i], object.fill);
            }
            heap.free(memory);
            model.erase(victim);
        }
    }
    EXPECT_EQ(heap.objects(), model.size());
    for (const auto& [memory, object] : model) {
        heap.free(memory);
    }
    EXPECT_EQ(usage_of(table), before);
    EXPECT_EQ(heap.objects(), 0U);
}

TEST(Make, GivesOwnership) {
    struct Counted {
        explicit Counted(int& counter) : alive(counter) { ++alive; }
        ~Counted() { --alive; }
        Counted(const Counted&) = delete;
        Counted& operator=(const Counted&) = delete;
        int& alive;
    };
    int alive = 0;
    {
        const Result<Unique<Counted>> object = make<Counted>(alive);
        ASSERT_TRUE(object);
        EXPECT_EQ(alive, 1);
    }
    EXPECT_EQ(alive, 0);
}

TEST(MachineMemory, StartsInOrder) {
    const test::SimulatedRam ram({ram_base, 16 * MiB});
    const PaRange banks[] = {{ram_base, 16 * MiB}};
    const TakenRange taken[] = {{{ram_base + MiB, MiB}, FrameOwner::Hypervisor}};
    MachineMemory memory;
    ASSERT_TRUE(memory.start({banks, taken}, {40, 16}));
    EXPECT_EQ(memory.frames.frames(), 4096U);
    EXPECT_EQ(memory.pool.free_frames(), 4096U - 256U - 4U);
    void* const object = memory.heap.allocate(100, 16);
    ASSERT_NE(object, nullptr);
    EXPECT_EQ(memory.frames.owner_of(physical_address(object)), FrameOwner::Hypervisor);
    memory.heap.free(object);
    EXPECT_TRUE(memory.vmids.lease());
}

} // namespace

} // namespace trv::memory
