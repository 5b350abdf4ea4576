// SPDX-License-Identifier: Apache-2.0
#include "vm/host/variables.hpp"

#include "arch/memory/cache.hpp"
#include "contract/manager.hpp"
#include "memory/heap.hpp"
#include "memory/physical/direct_map.hpp"
#include "memory/physical/frame_pool.hpp"
#include "vdev/firmware/cfi_flash.hpp"

#include <algorithm>

namespace trv::vm {
namespace {

constexpr unsigned order = memory::order_for(vdev::CfiFlash::size);
static_assert(vdev::CfiFlash::size == contract::manager::variables_size);

std::span<u8> bytes_of(const memory::Frames& frames) {
    return {memory::direct_map<u8>(frames.base()), vdev::CfiFlash::size};
}

} // namespace

Result<Unique<Variables>> Variables::create(memory::FramePool& pool, memory::FrameOwner owner) {
    memory::Frames frames = TRY(pool.allocate(order, owner));
    const std::span<u8> bytes = bytes_of(frames);
    std::ranges::fill(bytes, vdev::FlashContent::erased);
    arch::clean_and_invalidate(bytes.data(), bytes.size());
    return memory::make<Variables>(std::move(frames));
}

Variables::Variables(memory::Frames frames) : frames_(std::move(frames)), content_(bytes_of(frames_)) {}

bool Variables::give_back_step() {
    if (frames_) {
        (void)frames_.give_back(vdev::CfiFlash::size); // nothing pins what guests cannot write to
        return false;
    }
    return true;
}

} // namespace trv::vm
